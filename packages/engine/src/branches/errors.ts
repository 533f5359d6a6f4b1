import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** A branch of this name exists already (BR-21). */
export class BranchExistsError extends OmniError {
  readonly code = "BRANCH_EXISTS";
  readonly category: ErrorCategory = "conflict";
  readonly branch: string;

  constructor(branch: string) {
    super(`branch '${branch}' already exists`, { hint: "Choose another name, or delete the branch first." });
    this.branch = branch;
  }

  override get retryable(): boolean {
    return false;
  }
}

/** The name would stand in the way of an existing one, or the other way round: `review` and `review/2026-07` (BR-13). */
export class BranchNameConflictError extends OmniError {
  readonly code = "BRANCH_NAME_CONFLICT";
  readonly category: ErrorCategory = "conflict";
  readonly branch: string;
  /** Null when the caller is not told. */
  readonly existing: string | null;

  constructor(branch: string, existing: string | null) {
    super(`cannot create branch '${branch}' because ${existing === null ? "another branch" : `branch '${existing}'`} exists and one name is a path prefix of the other`, {
      hint: existing === null ? "Choose another name." : `Choose a name that neither begins with '${existing}/' nor is the beginning of it.`,
    });
    this.branch = branch;
    this.existing = existing;
  }

  /** For callers who may not list the branches. */
  withoutOtherNames(): BranchNameConflictError {
    return new BranchNameConflictError(this.branch, null);
  }

  override get retryable(): boolean {
    return false;
  }
}

/** `main` cannot be created or deleted (BR-21, BR-40). */
export class MainBranchError extends OmniError {
  readonly code = "MAIN_BRANCH";
  readonly category: ErrorCategory = "invalid";

  constructor(action: "create" | "delete") {
    super(`cannot ${action} branch 'main'`, { hint: "Every graph has exactly one main branch." });
  }
}

/** A branch that something still needs cannot be deleted (BR-40). */
export class BranchInUseError extends OmniError {
  readonly code = "BRANCH_IN_USE";
  readonly category: ErrorCategory = "conflict";
  readonly branch: string;
  /** The branch that needs it; null when it is this handle, or the caller is not told. */
  readonly dependent: string | null;

  private constructor(branch: string, dependent: string | null, message: string, hint: string) {
    super(message, { hint });
    this.branch = branch;
    this.dependent = dependent;
  }

  static becauseBound(branch: string): BranchInUseError {
    const message = `cannot delete currently active branch '${branch}'`;
    return new BranchInUseError(branch, null, message, "Move this handle to another branch with syncBranch, or use another handle.");
  }

  static becauseOfDescendant(branch: string, descendant: string): BranchInUseError {
    const message = `cannot delete branch '${branch}' because descendant branch '${descendant}' still depends on it`;
    return new BranchInUseError(branch, descendant, message, `Merge or delete '${descendant}' first.`);
  }

  static becauseOfFork(branch: string, dependent: string): BranchInUseError {
    const message = `cannot delete branch '${branch}' because branch '${dependent}' still depends on it`;
    return new BranchInUseError(branch, dependent, message, `Merge or delete '${dependent}' first.`);
  }

  /** For callers who may not list the branches. */
  withoutOtherNames(): BranchInUseError {
    if (this.dependent === null) return this;
    return new BranchInUseError(this.branch, null, `cannot delete branch '${this.branch}' because another branch still depends on it`, "Merge or delete the branches that were created from it first.");
  }

  override get retryable(): boolean {
    return false;
  }
}
