import type { Json } from "@omnigraphdb/common";
import type { Route } from "../routes/route.js";
import { type DocumentContext, errorReference, schemaReference } from "./references.js";

/** Answers of a route by status (§23). */
export function responsesOf(route: Route, { isOpen, isFlat }: DocumentContext): Json {
  const statuses = new Set([
    ...(route.scope === "public" || isOpen ? [] : [401]),
    ...route.failures,
    // Some ids of the documented form are words of the server's own (1.2).
    ...(route.scope === "graph" && !isFlat ? [400] : []),
    // Without a prefix there is but one graph, and nothing to list.
    ...(route.operationId === "listGraphs" && isFlat ? [405] : []),
  ]);
  const failures = [...statuses].sort((a, b) => a - b).map((status) => [String(status), failure(route, status)] as const);
  return { ...successes(route), ...Object.fromEntries(failures) };
}

const MEANINGS: Readonly<Record<number, string>> = {
  400: "The request is wrong: a parameter, the body, or the query it holds.",
  401: "The bearer token is missing or unknown.",
  403: "The policy does not allow it.",
  404: "The graph, branch, commit or entity does not exist, or may not be seen.",
  405: "Not in the mode that the server runs in.",
  409: "Something stands against it: another write, an existing identity, a merge conflict.",
  410: "History that is needed has been reclaimed.",
  412: "The condition does not hold; nothing was done.",
  413: "A ceiling was hit.",
  415: "The body is not of the media type that the route reads.",
  416: "The range lies outside of the blob.",
  422: "The body is JSON of the wrong shape.",
  424: "An external blob could not be read.",
  429: "The actor has too many writes in flight.",
  500: "The server failed.",
  503: "The graph is not ready, or another process is writing.",
};

function failure(route: Route, status: number): Json {
  const isRetried = status === 429 || status === 503;
  return {
    description: MEANINGS[status] ?? "A failure.",
    ...(isRetried ? { headers: { "Retry-After": { description: status === 429 ? "Seconds to wait." : "Seconds to wait, when waiting helps.", schema: { type: "integer" } } } } : {}),
    ...(route.method === "HEAD" ? {} : { content: { "application/json": { schema: errorReference(route) } } }),
  };
}

function successes(route: Route): Record<string, Json> {
  const { answer, example } = route;
  switch (answer.kind) {
    case "json":
      return { "200": { description: "Done.", ...deprecationHeaders(route), content: { "application/json": { schema: schemaReference(answer.schema), example: example.answer as Json } } } };
    case "ndjson":
      return { "200": { description: answer.description, content: { "application/x-ndjson": { schema: { type: "string" }, example: example.answer as Json } } } };
    case "blob":
      return {
        "200": { description: "The whole content.", headers: BLOB_HEADERS, content: { "application/octet-stream": { schema: BYTES, example: example.answer as Json } } },
        "206": { description: "The range asked for.", headers: { ...BLOB_HEADERS, "Content-Range": textHeader("bytes a-b/N") }, content: { "application/octet-stream": { schema: BYTES } } },
        ...BLOB_OTHERS,
      };
    case "head":
      return { "200": { description: "There is content.", headers: BLOB_HEADERS }, ...BLOB_OTHERS };
  }
}

function deprecationHeaders({ isDeprecated, successor }: Route): { readonly headers?: Json } {
  if (!isDeprecated) return {};
  return { headers: { Deprecation: textHeader("true"), Link: textHeader(`<${successor ?? ""}>; rel="successor-version"`) } };
}

function textHeader(description: string): Json {
  return { description, schema: { type: "string" } };
}

const BYTES: Json = { type: "string", format: "binary" };

const BLOB_HEADERS: Record<string, Json> = {
  ETag: textHeader("Strong, opaque."),
  "Accept-Ranges": textHeader("bytes"),
  "Content-Length": { description: "In bytes.", schema: { type: "integer" } },
  "Omnigraph-Snapshot-Id": textHeader("The state that was read."),
};

const BLOB_OTHERS: Record<string, Json> = {
  "302": { description: "The content is outside of the graph.", headers: { Location: textHeader("Where. Not to be followed with the bearer token.") } },
  "304": { description: "The content is the one that If-None-Match names.", headers: BLOB_HEADERS },
};
