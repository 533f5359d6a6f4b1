import { parseAnswerJson, toRemoteError } from "@omnigraphdb/api-types";
import type { OmniError } from "@omnigraphdb/common";

/** The failure that an error answer describes; undefined when it is no answer of an OmniGraph server. */
export function remoteErrorOf(status: number, headers: Headers, text: string): OmniError | undefined {
  if (!/^application\/([a-z.+-]+\+)?json\b/i.test(headers.get("content-type") ?? "")) return undefined;
  const body = parsed(text);
  const isEnvelope = typeof body === "object" && body !== null && typeof (body as { readonly error?: unknown }).error === "string";
  return isEnvelope ? toRemoteError(status, headers, body) : undefined;
}

function parsed(text: string): unknown {
  try {
    return parseAnswerJson(text);
  } catch {
    return undefined;
  }
}
