import { type ErrorCategory, OmniError, type OmniErrorOptions } from "@omnigraphdb/common";

/** A cursor or page token that is damaged, or of another graph, branch, filter or kind (CH-47). */
export class ChangeCursorRejectedError extends OmniError {
  readonly code = "CHANGE_CURSOR_REJECTED";
  readonly category: ErrorCategory = "invalid";

  constructor(reason: string) {
    super(`change cursor rejected: ${reason}`, { hint: "Repeat the call the token came from, with the same branch and filters; if its cursor is lost, start from a new baseline." });
  }
}

/** A feed cannot go on: a cleanup took what the next commit's changes are computed from (CH-45). */
export class ChangeFeedGapError extends OmniError {
  readonly code = "CHANGE_FEED_GAP";
  readonly category: ErrorCategory = "gone";
  readonly cursor: string | undefined;
  readonly firstUnreadableCommitId: string;

  constructor(firstUnreadableCommitId: string, cursor: string | undefined, options: OmniErrorOptions = {}) {
    super(`the changes of commit '${firstUnreadableCommitId}' can no longer be read: a cleanup removed the data they are computed from`, {
      hint: "Take a new baseline and go on from its cursor.",
      ...options,
    });
    this.firstUnreadableCommitId = firstUnreadableCommitId;
    this.cursor = cursor;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { change_feed_gap: { ...(this.cursor === undefined ? {} : { cursor: this.cursor }), first_unreadable_commit_id: this.firstUnreadableCommitId } };
  }
}

export type ChangeRefusalReason = "parentless_commit" | "schema_boundary";

/** The exact changes of a commit cannot be stated (CH-26). */
export class ChangesRefusedError extends OmniError {
  readonly code = "CHANGES_REFUSED";
  readonly category: ErrorCategory = "conflict";
  readonly reason: ChangeRefusalReason;
  readonly graphCommitId: string;
  readonly typeName: string | undefined;

  constructor(reason: ChangeRefusalReason, graphCommitId: string, typeName?: string) {
    super(
      reason === "parentless_commit"
        ? `commit '${graphCommitId}' is the first of its graph and has no parent to be compared with (parentless_commit)`
        : `commit '${graphCommitId}' changed the schema of type '${typeName ?? ""}', which has entities: its changes cannot be stated entity by entity (schema_boundary)`,
      { hint: reason === "parentless_commit" ? "It holds the empty graph; ask for a later commit." : "Take a new baseline after that commit and go on from its cursor." },
    );
    this.reason = reason;
    this.graphCommitId = graphCommitId;
    this.typeName = typeName;
  }

  override get retryable(): boolean {
    return false;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { change_diff_refusal: { reason: this.reason, graph_commit_id: this.graphCommitId, ...(this.typeName === undefined ? {} : { type_name: this.typeName }) } };
  }
}

/** A feed is asked for in a way that names no place in a branch's history (CH-41), or a page of no size. */
export class InvalidChangeRequestError extends OmniError {
  readonly code = "INVALID_CHANGE_REQUEST";
  readonly category: ErrorCategory = "invalid";

  constructor(message: string, hint: string) {
    super(message, { hint });
  }
}
