import { RequestParameterError } from "@omnigraphdb/api-types";

export const MAIN = "main";

/**
 * A branch as a request names it: trimmed before anything looks at it, so that no padded spelling is taken for another branch
 * (http-api 4.5).
 *
 * @throws RequestParameterError for one that is empty
 */
export function branchText(given: string, member = "branch"): string {
  const branch = given.trim();
  if (branch === "") throw new RequestParameterError(member, `'${member}' is empty`, "Name a branch, or leave it out to mean main.");
  return branch;
}

/** As {@link branchText}; left out or null is the default. */
export function branchOr(given: string | null | undefined, fallback: string, member = "branch"): string {
  return given === null || given === undefined ? fallback : branchText(given, member);
}
