import { refuseInternal } from "../manifest/branch-names.js";
import { InvalidBranchNameError } from "../manifest/errors.js";
import { MAIN_BRANCH } from "../manifest/manifest.js";

/** The branch a caller means: null = main (W2). */
export function normalizeBranch(name: string | null | undefined): string | null {
  if (name === null || name === undefined) return null;
  const trimmed = name.trim();
  if (trimmed === "") throw new InvalidBranchNameError("branch name cannot be empty");
  return trimmed === MAIN_BRANCH ? null : trimmed;
}

/**
 * The branch a user means with the argument of a public operation.
 *
 * @throws InternalBranchError for a branch that only the engine uses (BR-12)
 */
export function publicBranch(operation: string, name: string | null | undefined): string | null {
  const branch = normalizeBranch(name);
  if (branch !== null) refuseInternal(operation, branch);
  return branch;
}
