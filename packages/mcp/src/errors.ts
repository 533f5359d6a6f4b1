import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** The session has not written yet, so there is no branch of its own to look at or to merge. */
export class NoTaskBranchError extends OmniError {
  readonly code = "NO_TASK_BRANCH";
  readonly category: ErrorCategory = "precondition";

  constructor() {
    super("nothing was written yet: this session has no branch", { hint: "Write first; the branch is created with the first write." });
  }
}
