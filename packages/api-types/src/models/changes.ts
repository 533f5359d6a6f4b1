import type { CellJson, EntityKind } from "./entity.js";

export type ChangeOp = "insert" | "update" | "delete";

/** An entity as one commit shows it. Values are those of an export: dates in days, datetimes in milliseconds. */
export interface EntityImage {
  readonly properties: Readonly<Record<string, CellJson>>;
  /** Edges only: ids of their ends. */
  readonly endpoints?: { readonly from: string; readonly to: string };
}

/** One entity that a commit changed. Inserts have no `before`, deletes no `after`. */
export interface EntityChange {
  readonly kind: EntityKind;
  /** `id` is opaque; it survives a rename of the type. */
  readonly type: { readonly id: string; readonly name: string };
  readonly id: string;
  readonly op: ChangeOp;
  readonly before?: EntityImage;
  readonly after?: EntityImage;
}

export interface ChangeCause {
  readonly graphCommitId: string;
  readonly parentCommitId: string | null;
  readonly mergedParentCommitId: string | null;
  /** Branch the commit was made on. */
  readonly authoredBranch: string;
  readonly actorId: string | null;
  /** Unix time in microseconds. */
  readonly authoredAt: number;
}

/** The changes of one commit against its first parent. */
export interface ChangeBlock {
  readonly cause: ChangeCause;
  readonly changes: readonly EntityChange[];
}

export interface CommitChangesPage extends ChangeBlock {
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** One page of a poll. `nextPageToken` is there while the poll goes on; `cursor` and `caughtUp` on its last page only. */
export interface ChangeFeedPage {
  readonly blocks: readonly ChangeBlock[];
  readonly nextPageToken?: string;
  readonly cursor?: string;
  /** False when more commits are waiting already. */
  readonly caughtUp?: boolean;
}

/** Which changes are wanted; each part absent or empty = all. Parts combine with AND. */
export interface ChangeFilter {
  readonly kinds?: readonly EntityKind[];
  readonly types?: readonly string[];
  readonly ops?: readonly ChangeOp[];
}

export type FeedStart = "now" | "beginning" | `after:${string}`;

/** At most one of `start`, `cursor` and `pageToken`; without any, `start` is `now`. */
export interface ChangesOptions extends ChangeFilter {
  readonly branch?: string;
  readonly start?: FeedStart;
  readonly cursor?: string;
  readonly pageToken?: string;
  /** Changes per page; default 1,000, at most 8,192. */
  readonly limit?: number;
}

export interface CommitChangesOptions extends ChangeFilter {
  readonly pageToken?: string;
  readonly limit?: number;
}

export interface BaselineOptions extends ChangeFilter {
  readonly branch?: string;
}

export interface BaselineHandshake {
  readonly snapshotCommitId: string;
  readonly resumeCursor: string;
}

/** Records as an export writes them, whole lines; then exactly one handshake. */
export type BaselineChunk = { readonly kind: "records"; readonly bytes: Uint8Array } | { readonly kind: "baseline"; readonly handshake: BaselineHandshake };
