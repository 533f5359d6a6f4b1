import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import { formatDateTime } from "@omnigraphdb/compiler";

/** No reachable commit has this id (CM-9). */
export class CommitNotFoundError extends OmniError {
  readonly code = "COMMIT_NOT_FOUND";
  readonly category: ErrorCategory = "not_found";
  readonly graphCommitId: string;

  constructor(graphCommitId: string) {
    super(`commit '${graphCommitId}' not found`, { hint: "List the commits to see which ids exist." });
    this.graphCommitId = graphCommitId;
  }
}

/** The branch never had this graph version (SN-5). */
export class GraphVersionNotFoundError extends OmniError {
  readonly code = "GRAPH_VERSION_NOT_FOUND";
  readonly category: ErrorCategory = "not_found";

  constructor(branch: string, version: number) {
    super(`branch '${branch}' has no graph version ${version}`, { hint: "List the commits to see which versions exist." });
  }
}

/** The branch has no commit that old. */
export class BeforeFirstCommitError extends OmniError {
  readonly code = "BEFORE_FIRST_COMMIT";
  readonly category: ErrorCategory = "not_found";

  /** Both times in microseconds since 1970. */
  constructor(branch: string, instantMicros: number, firstMicros: number) {
    const [asked, first] = [instantMicros, firstMicros].map((micros) => formatDateTime(Math.floor(micros / 1000)));
    super(`branch '${branch}' has no commit at or before ${asked ?? ""}`, { hint: `Its first commit is of ${first ?? ""}.` });
  }
}

/** Text that names no snapshot (SN-7). */
export class InvalidSnapshotIdError extends OmniError {
  readonly code = "INVALID_SNAPSHOT_ID";
  readonly category: ErrorCategory = "invalid";

  constructor(snapshotId: string) {
    super(`'${snapshotId}' is not a snapshot id`, {
      hint: "Use a commit id, manifest:main:v<version>, or @ and an instant such as @2026-07-01T12:00:00Z.",
    });
  }
}

/** A snapshot does not show this type (SN-6). */
export class TypeNotInSnapshotError extends OmniError {
  readonly code = "TYPE_NOT_IN_SNAPSHOT";
  readonly category: ErrorCategory = "not_found";

  constructor(typeKey: string) {
    super(`type '${typeKey}' does not exist at this snapshot`, { hint: "Use a type key such as node:Person of that version." });
  }
}

/** A branch and a snapshot were both given (SN-8). */
export class ReadTargetConflictError extends OmniError {
  readonly code = "READ_TARGET_CONFLICT";
  readonly category: ErrorCategory = "invalid";

  constructor() {
    super("a branch and a snapshot cannot both be read", { hint: "Give one of them; only a bare @<instant> goes with a branch." });
  }
}
