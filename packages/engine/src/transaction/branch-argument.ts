import { MAIN_BRANCH } from "../manifest/manifest.js";
import { InvalidBranchNameError } from "./errors.js";

/** The branch a caller means: null = main (W2). */
export function normalizeBranch(name: string | null | undefined): string | null {
  if (name === null || name === undefined) return null;
  const trimmed = name.trim();
  if (trimmed === "") throw new InvalidBranchNameError("branch name cannot be empty");
  return trimmed === MAIN_BRANCH ? null : trimmed;
}
