import { RequestParameterError } from "@omnigraphdb/api-types";

export const CONDITION_HEADER = "omnigraph-if-graph-commit";

const HINT = "Send exactly one Omnigraph-If-Graph-Commit header that holds a commit id, without quotes.";

/** Printable ASCII without white space, quotes and commas: what a commit id can be made of. */
const RAW_VALUE = /^(?!W\/)[\x21\x23-\x2b\x2d-\x7e]+$/;

/**
 * The commit that the branch must still be at (http-api 10.3.1). Several header lines arrive joined by commas, and are refused as such.
 *
 * @throws RequestParameterError
 */
export function requireCondition(headers: Headers): string {
  const value = headers.get(CONDITION_HEADER)?.trim();
  if (value === undefined) throw new RequestParameterError(CONDITION_HEADER, "missing header Omnigraph-If-Graph-Commit", HINT);
  if (value === "*" || !RAW_VALUE.test(value)) throw new RequestParameterError(CONDITION_HEADER, "invalid header Omnigraph-If-Graph-Commit", HINT);
  return value;
}

/** A condition on a route that would not look at it is never dropped silently (http-api 10.1.3). @throws RequestParameterError */
export function refuseCondition(headers: Headers): void {
  if (!headers.has(CONDITION_HEADER)) return;
  throw new RequestParameterError(CONDITION_HEADER, "this route does not take the header Omnigraph-If-Graph-Commit", "Use mutate/if-graph-commit or queries/{name}/if-graph-commit for a conditional write, or leave the header out.");
}
