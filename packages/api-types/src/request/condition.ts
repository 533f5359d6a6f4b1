import { RequestParameterError } from "../errors/request-errors.js";
import type { Route } from "../routes/route.js";

export const CONDITION_HEADER = "Omnigraph-If-Graph-Commit";

const HINT = "Send one header line with the raw id of a commit, on a route that ends in if-graph-commit.";

/**
 * The condition of a write (10.3.1). On a write without one the header is refused: a condition is never dropped silently (10.1.3).
 *
 * @throws RequestParameterError
 */
export function parseCondition(rule: Route["condition"], header: string | null): string | undefined {
  if (rule === "ignored") return undefined;
  if (rule === "required") return commitIdOf(header);
  if (header !== null) throw new RequestParameterError(CONDITION_HEADER, `header ${CONDITION_HEADER} is not accepted here: this route makes no conditional write`, HINT);
  return undefined;
}

function commitIdOf(header: string | null): string {
  const value = header?.trim();
  if (value === undefined) throw refusal("is required");
  if (value === "") throw refusal("is empty");
  if (value === "*") throw refusal("names no commit with '*'");
  if (value.startsWith("W/")) throw refusal("takes no weak tag");
  if (value.includes('"')) throw refusal("takes no quotes");
  if (value.includes(",")) throw refusal("was given more than one value");
  if (!/^[\x21-\x7e]+$/.test(value)) throw refusal("holds characters that no commit id has");
  return value;
}

function refusal(problem: string): RequestParameterError {
  return new RequestParameterError(CONDITION_HEADER, `header ${CONDITION_HEADER} ${problem}`, HINT);
}
