import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import { RequestParameterError } from "../errors/request-errors.js";

/** A branch and a snapshot were both given (4.1). */
export class TargetConflictError extends OmniError {
  readonly code = "READ_TARGET_CONFLICT";
  readonly category: ErrorCategory = "invalid";

  constructor() {
    super("a branch and a snapshot cannot both be read", { hint: "Give one of them; only a bare @<instant> goes with a branch." });
  }
}

/** An instant names no line of history by itself, so it may come with a branch. @throws TargetConflictError */
export function refuseTwoTargets({ branch, snapshot }: { readonly branch?: unknown; readonly snapshot?: unknown }): void {
  if (branch !== undefined && typeof snapshot === "string" && !snapshot.trimStart().startsWith("@")) throw new TargetConflictError();
}

/** The name without white space around it (4.5). @throws RequestParameterError when nothing is left */
export function branchName(parameter: string, text: string): string {
  const name = text.trim();
  // In the words of the engine, which says so where no server is asked.
  if (name === "") throw new RequestParameterError(parameter, "branch name cannot be empty", "Use the name of a branch, or leave it out for main.");
  return name;
}
