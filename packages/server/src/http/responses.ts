import { type ErrorResponseOptions, stringifyJson, toErrorResponse } from "@omnigraphdb/api-types";
import { HttpResponse } from "./http-response.js";

export const JSON_TYPE = "application/json";

/** @param body plain data of the shape that the route declares */
export function jsonResponse(body: unknown, status = 200): HttpResponse {
  return new HttpResponse(stringifyJson(body), { status, headers: { "content-type": JSON_TYPE } });
}

/** The envelope of §3.1, for whatever was thrown. */
export function errorResponse(error: unknown, options?: ErrorResponseOptions): HttpResponse {
  const { status, headers, body } = toErrorResponse(error, options);
  return new HttpResponse(stringifyJson(body), { status, headers: { "content-type": JSON_TYPE, ...headers } });
}

/** A path that no route has (http-api 1.1.2). */
export function unknownPath(): HttpResponse {
  return new HttpResponse(null, { status: 404 });
}

export function methodNotAllowed(allowed: readonly string[]): HttpResponse {
  return new HttpResponse(null, { status: 405, headers: { allow: allowed.join(", ") } });
}

/** An answer to HEAD: everything but the body. */
export async function withoutBody({ status, headers, body }: HttpResponse): Promise<HttpResponse> {
  if (body instanceof ReadableStream) await body.cancel();
  return new HttpResponse(null, { status, headers });
}

/**
 * RFC 9745 and RFC 8288, on every response of a deprecated route (http-api 10.5).
 *
 * @param isFlat the routes of the single-graph mode named their successors by absolute paths
 */
export function addDeprecation({ headers }: HttpResponse, successor: string, isFlat: boolean): void {
  headers["deprecation"] = "true";
  headers["link"] = `<${isFlat ? "/" : ""}${successor}>; rel="successor-version"`;
}
