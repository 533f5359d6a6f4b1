import type { IdSource } from "@omnigraphdb/common";
import type { RequestHeaders } from "./http-request.js";

export const REQUEST_ID_HEADER = "x-request-id";

/** What goes into logs and back into a header without being escaped. */
const SANE_REQUEST_ID = /^[A-Za-z0-9._:/+=@-]{1,128}$/;

/** The caller's id of this request if it is one, otherwise a new one. */
export function requestIdOf(headers: RequestHeaders, ids: IdSource): string {
  const given = headers.get(REQUEST_ID_HEADER);
  return given !== null && SANE_REQUEST_ID.test(given) ? given : ids.ulid();
}
