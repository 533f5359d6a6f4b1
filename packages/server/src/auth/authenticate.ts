import { UnauthorizedError } from "@omnigraphdb/api-types";
import type { RequestHeaders } from "../http/http-request.js";
import type { TokenTable } from "./token-table.js";

/** Exactly so, case and single space included (http-api §2). */
const SCHEME = "Bearer ";

/**
 * The actor whose token the request carries. Nothing else of a request can name one (policy 1.7).
 *
 * @throws UnauthorizedError
 */
export function authenticate(headers: RequestHeaders, tokens: Pick<TokenTable, "actorOf">): string {
  const header = headers.get("authorization");
  if (header === null || !header.startsWith(SCHEME) || header.length === SCHEME.length) throw new UnauthorizedError("missing");
  const actor = tokens.actorOf(header.slice(SCHEME.length));
  if (actor === undefined) throw new UnauthorizedError("invalid");
  return actor;
}
