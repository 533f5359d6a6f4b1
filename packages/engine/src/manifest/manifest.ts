import type { DatasetLocation } from "../storage/dataset-gateway.js";
import type { GraphCommit } from "./graph-commit.js";

/** User-visible name of the first branch. In the code its branch is `null`. */
export const MAIN_BRANCH = "main";

/** Incarnation of `main`: fixed at genesis, the same in every graph (`spec/engine-storage.md` §5.2). */
export const MAIN_INCARNATION = "main";

/** One dataset as a commit shows it: a member of the commit's pin set. */
export interface DatasetPin {
  /** `node:<Name>` or `edge:<Name>`. */
  readonly typeKey: string;
  readonly typeId: bigint;
  readonly incarnationId: bigint;
  readonly location: DatasetLocation;
  readonly publishedVersion: number;
  readonly entityCount: number;
  /** Small fragments written since the last compaction, counted here because asking the dataset would cost every write. */
  readonly fragmentCount: number;
  /**
   * A row's `__rev` says which version of this lineage wrote it only for versions from this one on. 0 normally; a forced
   * repair, which adopts versions that foreign hands wrote, sets it to the version it adopts.
   */
  readonly revisionFloor: number;
}

/** A type that this commit hides. `version` = last published version + 1 (MAN-5). */
export interface Tombstone {
  readonly typeKey: string;
  readonly typeId: bigint;
  readonly incarnationId: bigint;
  readonly version: number;
}

export type RecoveryKind = "RolledForward" | "RolledBack" | "OrphanedBranchDiscarded";

export interface RecoveryOutcome {
  readonly typeKey: string;
  readonly fromVersion: number;
  readonly toVersion: number;
}

/** Set on a commit that recovery published: enough to write its audit record again after a crash (RC-60). */
export interface RecoveryNote {
  readonly operationId: string;
  readonly kind: RecoveryKind;
  readonly actorId: string | null;
  readonly writerKind: string;
  readonly outcomes: readonly RecoveryOutcome[];
}

/** A commit together with the versions it shows: one immutable manifest row (MAN-8). */
export interface CommitRecord {
  /** Operation that published this commit; tells a lost reply from a lost race (MAN-22). */
  readonly txId: string;
  readonly incarnation: string;
  readonly commit: GraphCommit;
  /** Hash of the accepted schema document this version was written under (OP-14). */
  readonly schemaIdentity: string;
  /** Type keys that appear for the first time. */
  readonly registrations: readonly string[];
  readonly tombstones: readonly Tombstone[];
  /** Complete, by type key. */
  readonly pins: ReadonlyMap<string, DatasetPin>;
  /** Key of the complete row this one is stored relative to; null when it is complete itself (MAN-24). */
  readonly pinBaseKey: string | null;
  readonly recovery: RecoveryNote | null;
}

/** The `graph` row. */
export interface GraphRecord {
  readonly sequence: number;
  /** Internal-schema stamp (MIG-1). */
  readonly formatVersion: number;
  readonly graphId: string;
  /** Canonical root the graph was last opened at for writing (OP-15). */
  readonly rootUri: string;
}

export interface RegisteredBranch {
  readonly incarnation: string;
  /** Null for `main`. */
  readonly parent: string | null;
  readonly forkVersion: number | null;
  /** The process that an internal branch lives and dies with. */
  readonly owner?: { readonly host: string; readonly pid: number };
}

/** The `branches` row: the only authority for which branches exist (MAN-23). */
export interface BranchRegistry {
  readonly sequence: number;
  readonly branches: ReadonlyMap<string, RegisteredBranch>;
}

/** A `head/<incarnation>` row. */
export interface HeadRecord {
  readonly incarnation: string;
  readonly version: number;
  readonly commitId: string;
  readonly commitKey: string;
}

/** Everything one read of the manifest says about a branch. Immutable. */
export interface BranchState {
  /** Null = main. */
  readonly branch: string | null;
  readonly graph: GraphRecord;
  readonly registry: BranchRegistry;
  readonly head: HeadRecord;
  readonly commit: CommitRecord;
}

export function branchDisplayName(branch: string | null): string {
  return branch ?? MAIN_BRANCH;
}
