import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface EmbeddingRequest {
  readonly path: string;
  /** Case-insensitive, lower-case names. */
  readonly headers: IncomingMessage["headers"];
  /** Decoded JSON. */
  readonly body: unknown;
  readonly texts: readonly string[];
  readonly dimension: number;
}

export type EmbeddingFault =
  /** Answer with this status and text. */
  | { readonly kind: "status"; readonly status: number; readonly text?: string; readonly headers?: Readonly<Record<string, string>> }
  /** Answer 200 with this text. */
  | { readonly kind: "text"; readonly text: string }
  /** Answer 200 with these vectors instead of the right ones, as many as there are. */
  | { readonly kind: "vectors"; readonly vectors: readonly unknown[] }
  | { readonly kind: "delay"; readonly ms: number }
  /** Never answer. */
  | { readonly kind: "hang" }
  /** Cut the connection. */
  | { readonly kind: "reset" }
  /** Announce a whole answer and cut the connection in its middle. */
  | { readonly kind: "truncate" };

/** Decides per request, counted from 0; undefined = serve normally. */
export type EmbeddingFaultHook = (request: EmbeddingRequest, number: number) => EmbeddingFault | undefined;

export interface EmbeddingTestServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/v1` */
  readonly baseUrl: string;
  readonly requests: readonly EmbeddingRequest[];
  /** Most requests that were on their way at one time. */
  readonly parallelMax: number;
  injectFaults(hook: EmbeddingFaultHook | undefined): void;
}

/**
 * An embedding service on 127.0.0.1 and a free port that speaks the protocols of OpenAI (`POST …/embeddings`, data in reverse order)
 * and of Gemini (`POST …/models/M:embedContent`). Keys are not checked.
 */
export async function startEmbeddingServer(): Promise<EmbeddingTestServer> {
  const requests: EmbeddingRequest[] = [];
  let hook: EmbeddingFaultHook | undefined;
  let running = 0;
  let parallelMax = 0;
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    parallelMax = Math.max(parallelMax, ++running);
    outgoing.once("close", () => running--);
    const request = await readRequest(incoming);
    const fault = hook?.(request, requests.length);
    requests.push(request);
    await answer(request, fault, outgoing);
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => outgoing.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get parallelMax() {
      return parallelMax;
    },
    injectFaults: (given) => void (hook = given),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the server makes of a text: always the same, and not of length one. */
export function servedVector(text: string, dimension: number): readonly number[] {
  let seed = dimension;
  for (const character of text) seed = (seed * 31 + (character.codePointAt(0) as number)) % 1_000_003;
  return Array.from({ length: dimension }, (_, i) => 3 * Math.sin(seed + i * 7));
}

async function readRequest(incoming: IncomingMessage): Promise<EmbeddingRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as {
    readonly input?: string | readonly string[];
    readonly dimensions?: number;
    readonly content?: { readonly parts: readonly { readonly text: string }[] };
    readonly outputDimensionality?: number;
  };
  const texts = body.content === undefined ? [body.input ?? []].flat() : body.content.parts.map(({ text }) => text);
  return { path: incoming.url ?? "", headers: incoming.headers, body, texts, dimension: body.dimensions ?? body.outputDimensionality ?? 0 };
}

async function answer(request: EmbeddingRequest, fault: EmbeddingFault | undefined, outgoing: ServerResponse): Promise<void> {
  const right = request.texts.map((text) => servedVector(text, request.dimension));
  switch (fault?.kind) {
    case "status":
      return void outgoing.writeHead(fault.status, fault.headers).end(fault.text ?? "");
    case "text":
      return void outgoing.end(fault.text);
    case "vectors":
      return void outgoing.end(replyText(request, fault.vectors));
    case "hang":
      return;
    case "reset":
      return void outgoing.socket?.resetAndDestroy();
    case "truncate": {
      const text = replyText(request, right);
      outgoing.writeHead(200, { "content-length": text.length });
      outgoing.write(text.slice(0, text.length / 2), () => outgoing.destroy());
      return;
    }
    case "delay":
      await new Promise((resolve) => setTimeout(resolve, fault.ms));
      return void outgoing.end(replyText(request, right));
    case undefined:
      return void outgoing.end(replyText(request, right));
  }
}

function replyText({ path }: EmbeddingRequest, vectors: readonly unknown[]): string {
  if (path.endsWith(":embedContent")) return JSON.stringify({ embedding: { values: vectors[0] } });
  const data = vectors.map((embedding, index) => ({ object: "embedding", index, embedding }));
  return JSON.stringify({ object: "list", data: data.reverse() });
}
