import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Store, type StoredObject } from "./s3-store.js";

export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  /** Case-insensitive, lower-case names. */
  readonly headers: IncomingMessage["headers"];
}

export type S3Fault =
  /** Answer with this status; nothing happens. */
  | { readonly kind: "fail"; readonly status: number }
  | { readonly kind: "delay"; readonly ms: number }
  /** Cut the connection; nothing happens. */
  | { readonly kind: "reset" }
  /** Do the work, then cut the connection without an answer. */
  | { readonly kind: "dropReply" }
  /** Answer with a body that is cut off half-way. */
  | { readonly kind: "truncate" };

/** Decides per request; undefined = serve normally. */
export type S3FaultHook = (request: S3Request) => S3Fault | undefined;

export interface S3TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Requests per operation name: `GET`, `HEAD`, `PUT`, `PUT-IF`, `LIST`, `DELETE`, `POST-DELETE`, `COPY`, `MULTIPART`. */
  readonly requestCounts: ReadonlyMap<string, number>;
  resetRequestCounts(): void;
  injectFaults(hook: S3FaultHook | undefined): void;
  /** Keys of a bucket in byte order. */
  keys(bucket: string): readonly string[];
  /** The settings a client needs (URI-8), as environment variables. */
  readonly environment: Readonly<Record<string, string>>;
}

const PAGE_KEYS_MAX = 1000;

/**
 * An S3-compatible server in memory on 127.0.0.1 and a free port. Honours conditional PUT, ranges, listing pages,
 * multipart upload, copy and multi-object delete, path-style only; signatures are not checked and buckets need not be
 * created.
 */
export async function startS3Server(): Promise<S3TestServer> {
  const handler = new S3Handler();
  const server = createServer((request, response) => {
    handler.handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) sendError(response, 500, "InternalError", String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    requestCounts: handler.counts,
    resetRequestCounts: () => handler.counts.clear(),
    injectFaults(hook): void {
      handler.faults = hook;
    },
    keys: (bucket) => handler.bucket(bucket).keys(),
    environment: {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test-secret",
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_S3_FORCE_PATH_STYLE: "true",
      AWS_ALLOW_HTTP: "true",
    },
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

/** The promised length stays; the connection ends after half of the bytes. */
function truncateBody(response: ServerResponse): void {
  const end = response.end.bind(response) as (chunk?: unknown) => ServerResponse;
  response.end = ((chunk?: unknown): ServerResponse => {
    if (!Buffer.isBuffer(chunk) || chunk.length === 0) return end(chunk);
    response.write(chunk.subarray(0, chunk.length >> 1), () => response.socket?.destroy());
    return response;
  }) as typeof response.end;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

interface Upload {
  readonly key: string;
  readonly parts: Map<number, Buffer>;
}

class S3Handler {
  readonly counts = new Map<string, number>();
  faults: S3FaultHook | undefined;
  readonly #buckets = new Map<string, S3Store>();
  readonly #uploads = new Map<string, Upload>();

  bucket(name: string): S3Store {
    let store = this.#buckets.get(name);
    if (store === undefined) this.#buckets.set(name, (store = new S3Store()));
    return store;
  }

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = parseRequest(incoming);
    const body = decodeChunks(await readBody(incoming), incoming.headers);
    const name = operationName(request);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    const fault = this.faults?.(request);
    if (fault?.kind === "fail") return sendError(response, fault.status, "InjectedFault", "injected by a test");
    if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault?.kind === "reset") {
      response.socket?.destroy();
      return;
    }
    if (fault?.kind === "truncate") truncateBody(response);
    if (fault?.kind === "dropReply") {
      this.#serve(request, body, new ServerResponse(incoming));
      response.socket?.destroy();
      return;
    }
    this.#serve(request, body, response);
  }

  #serve(request: S3Request, body: Buffer, response: ServerResponse): void {
    const store = this.bucket(request.bucket);
    if (request.key === "") return this.#serveBucket(store, request, body, response);
    switch (request.method) {
      case "GET":
      case "HEAD":
        return sendObject(store.get(request.key), request, response);
      case "PUT":
        return this.#servePut(store, request, body, response);
      case "DELETE":
        if (request.query.has("uploadId")) this.#uploads.delete(request.query.get("uploadId") as string);
        else store.delete(request.key);
        return send(response, 204);
      case "POST":
        return this.#serveMultipart(store, request, response);
      default:
        return sendError(response, 405, "MethodNotAllowed", request.method);
    }
  }

  #serveBucket(store: S3Store, request: S3Request, body: Buffer, response: ServerResponse): void {
    if (request.method === "POST" && request.query.has("delete")) {
      const names = [...body.toString("utf8").matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, name]) => name as string);
      for (const name of names) store.delete(unescapeXml(name));
      return sendXml(response, `<DeleteResult>${names.map((name) => `<Deleted><Key>${name}</Key></Deleted>`).join("")}</DeleteResult>`);
    }
    if (request.method === "GET") return sendListing(store, request, response);
    send(response, request.method === "HEAD" || request.method === "PUT" ? 200 : 405);
  }

  #servePut(store: S3Store, request: S3Request, body: Buffer, response: ServerResponse): void {
    const { key, query, headers } = request;
    const upload = this.#uploads.get(query.get("uploadId") ?? "");
    if (upload !== undefined) {
      upload.parts.set(Number(query.get("partNumber")), body);
      return send(response, 200, { ETag: `"part-${query.get("partNumber")}"` });
    }
    const copySource = headers["x-amz-copy-source"] as string | undefined;
    const source = copySource === undefined ? undefined : this.#copySource(copySource);
    if (copySource !== undefined && source === undefined) return sendError(response, 404, "NoSuchKey", copySource);
    const ifNoneMatch = headers["if-none-match"];
    const ifMatch = headers["if-match"];
    const outcome = store.put(key, source?.bytes ?? body, {
      ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
      ...(ifMatch === undefined ? {} : { ifMatch }),
    });
    if (outcome === "precondition-failed") return sendError(response, 412, "PreconditionFailed", key);
    if (outcome === "missing") return sendError(response, 404, "NoSuchKey", key);
    if (source === undefined) return send(response, 200, { ETag: outcome.etag });
    sendXml(response, `<CopyObjectResult><ETag>${escapeXml(outcome.etag)}</ETag></CopyObjectResult>`);
  }

  #copySource(header: string): StoredObject | undefined {
    const [bucket, ...key] = decodeURIComponent(header).replace(/^\//, "").split("/");
    return this.bucket(bucket ?? "").get(key.join("/"));
  }

  #serveMultipart(store: S3Store, request: S3Request, response: ServerResponse): void {
    const { bucket, key, query, headers } = request;
    if (query.has("uploads")) {
      const uploadId = randomUUID();
      this.#uploads.set(uploadId, { key, parts: new Map() });
      return sendXml(
        response,
        `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const uploadId = query.get("uploadId") ?? "";
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined) return sendError(response, 404, "NoSuchUpload", key);
    const parts = [...upload.parts].sort(([left], [right]) => left - right).map(([, bytes]) => bytes);
    const ifNoneMatch = headers["if-none-match"];
    const outcome = store.put(key, Buffer.concat(parts), ifNoneMatch === undefined ? {} : { ifNoneMatch });
    if (typeof outcome === "string") return sendError(response, 412, "PreconditionFailed", key);
    this.#uploads.delete(uploadId);
    sendXml(
      response,
      `<CompleteMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${escapeXml(key)}</Key><ETag>${escapeXml(outcome.etag)}</ETag></CompleteMultipartUploadResult>`,
    );
  }
}

function parseRequest(incoming: IncomingMessage): S3Request {
  const url = new URL(incoming.url ?? "/", "http://127.0.0.1");
  const path = decodeURIComponent(url.pathname).replace(/^\//, "");
  const slash = path.indexOf("/");
  return {
    method: incoming.method ?? "GET",
    bucket: slash < 0 ? path : path.slice(0, slash),
    key: slash < 0 ? "" : path.slice(slash + 1),
    query: url.searchParams,
    headers: incoming.headers,
  };
}

function operationName({ method, key, query, headers }: S3Request): string {
  if (query.has("uploads") || query.has("uploadId")) return "MULTIPART";
  if (key === "") return method === "GET" ? "LIST" : method === "POST" ? "POST-DELETE" : method;
  if (method !== "PUT") return method;
  if (headers["x-amz-copy-source"] !== undefined) return "COPY";
  return headers["if-none-match"] === undefined && headers["if-match"] === undefined ? "PUT" : "PUT-IF";
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Undoes `aws-chunked`, in which SDKs send streamed bodies: `<hex size>[;signature]CRLF bytes CRLF … 0 CRLF trailers`. */
function decodeChunks(body: Buffer, headers: IncomingMessage["headers"]): Buffer {
  const isChunked = (headers["content-encoding"] ?? "").includes("aws-chunked");
  const isStreaming = String(headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
  if (!isChunked && !isStreaming) return body;
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, lineEnd), 16);
    if (!(size > 0)) break;
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}

function sendObject(object: StoredObject | undefined, request: S3Request, response: ServerResponse): void {
  if (object === undefined) return sendError(response, 404, "NoSuchKey", request.key, request.method === "HEAD");
  const headers: Record<string, string> = {
    ETag: object.etag,
    "Last-Modified": object.modified.toUTCString(),
    "Accept-Ranges": "bytes",
    "Content-Type": "application/octet-stream",
  };
  const size = object.bytes.length;
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  let bytes = object.bytes;
  let status = 200;
  if (range !== null) {
    const [, first = "", last = ""] = range;
    const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
    const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
    if (start > end) return sendError(response, 416, "InvalidRange", request.key);
    headers["Content-Range"] = `bytes ${start}-${end}/${size}`;
    bytes = bytes.subarray(start, end + 1);
    status = 206;
  }
  headers["Content-Length"] = String(bytes.length);
  response.writeHead(status, headers);
  response.end(request.method === "HEAD" ? undefined : bytes);
}

function sendListing(store: S3Store, { bucket, query }: S3Request, response: ServerResponse): void {
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
  const pageMax = Math.min(Number(query.get("max-keys") ?? PAGE_KEYS_MAX), PAGE_KEYS_MAX);
  const page = store.list(prefix, query.get("delimiter") ?? "", after, pageMax);
  const encode = query.get("encoding-type") === "url" ? encodeURIComponent : escapeXml;
  const contents = page.keys.map((key) => {
    const { bytes, etag, modified } = store.get(key) as StoredObject;
    return `<Contents><Key>${encode(key)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${escapeXml(etag)}</ETag><Size>${bytes.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const prefixes = page.commonPrefixes.map((name) => `<CommonPrefixes><Prefix>${encode(name)}</Prefix></CommonPrefixes>`);
  const next = page.nextToken === undefined ? "" : `<NextContinuationToken>${escapeXml(page.nextToken)}</NextContinuationToken>`;
  sendXml(
    response,
    `<ListBucketResult><Name>${bucket}</Name><Prefix>${encode(prefix)}</Prefix><KeyCount>${contents.length + prefixes.length}</KeyCount><MaxKeys>${pageMax}</MaxKeys><IsTruncated>${page.nextToken !== undefined}</IsTruncated>${next}${contents.join("")}${prefixes.join("")}</ListBucketResult>`,
  );
}

function send(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "Content-Length": "0", ...headers });
  response.end();
}

function sendXml(response: ServerResponse, xml: string, status = 200): void {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
  response.writeHead(status, { "Content-Type": "application/xml", "Content-Length": String(body.length) });
  response.end(body);
}

function sendError(response: ServerResponse, status: number, code: string, message: string, withoutBody = false): void {
  if (withoutBody) return send(response, status);
  sendXml(response, `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`, status);
}

const XML_ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => XML_ENTITIES[character] as string);
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll(/&#x([0-9a-fA-F]+);/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll("&amp;", "&");
}
