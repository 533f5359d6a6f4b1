import { isOmniError } from "@omnigraphdb/common";

/** The failure of a call, as far as every way of reaching a graph must agree about it. */
export interface FailureFacts {
  readonly code: string;
  readonly category: string;
  readonly retryable: boolean;
  readonly effects: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string;
  readonly hint: string | undefined;
}

/** @throws Error when the call succeeds, or fails with anything but a typed error */
export async function failureOf(call: Promise<unknown> | AsyncIterable<unknown>): Promise<FailureFacts> {
  let error: unknown;
  try {
    if (Symbol.asyncIterator in call) for await (const _ of call);
    else await call;
  } catch (caught) {
    error = caught;
  }
  if (!isOmniError(error)) throw new Error("expected a typed failure", { cause: error });
  const { code, category, retryable, effects, details, message, hint } = error;
  return { code, category, retryable, effects, details, message, hint };
}

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return Buffer.concat(pieces);
}

export async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await bytesOf(chunks));
}
