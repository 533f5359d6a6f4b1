import type { CommitRecord } from "../manifest/manifest.js";
import { branchDisplayName } from "../manifest/manifest.js";
import type { CellJson } from "../result/cell-to-json.js";

export type EntityKind = "node" | "edge";
export type ChangeOp = "insert" | "update" | "delete";

/**
 * An entity as one commit shows it (CH-22), with the property names of that time. Values are those of an export (EX-6): dates in
 * days, datetimes in milliseconds, 64-bit integers as `bigint` where they are, blobs as `base64:…`.
 */
export interface EntityImage {
  readonly properties: Readonly<Record<string, CellJson>>;
  /** Edges only: ids of their ends. */
  readonly endpoints?: { readonly from: string; readonly to: string };
}

/** One entity that a commit changed. Inserts have no `before`, deletes no `after`. */
export interface EntityChange {
  readonly kind: EntityKind;
  /** `id` is opaque: it survives renames, and a type that is dropped and added again gets another one (CH-23). */
  readonly type: { readonly id: string; readonly name: string };
  readonly id: string;
  readonly op: ChangeOp;
  readonly before?: EntityImage;
  readonly after?: EntityImage;
}

/** Where a block of changes comes from (CH-21). */
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

/** The changes of one commit against its first parent: nodes before edges, then by type id, entity id and operation (CH-24). */
export interface ChangeBlock {
  readonly cause: ChangeCause;
  readonly changes: readonly EntityChange[];
}

export function causeOf({ commit }: CommitRecord): ChangeCause {
  return {
    graphCommitId: commit.graphCommitId,
    parentCommitId: commit.parentCommitId,
    mergedParentCommitId: commit.mergedParentCommitId,
    authoredBranch: branchDisplayName(commit.graphBranch),
    actorId: commit.actorId,
    authoredAt: commit.createdAt,
  };
}
