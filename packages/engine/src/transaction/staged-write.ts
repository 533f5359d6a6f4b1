import type { AcceptedSchema } from "@omnigraphdb/compiler";
import type { DatasetPin } from "../manifest/manifest.js";
import type { SidecarWriterKind } from "../recovery/sidecar.js";
import type { DatasetEffect } from "../storage/dataset-gateway.js";
import type { WriteFootprint } from "../validate/footprint.js";
import type { DatasetSchema } from "../storage/dataset-schema.js";

/** A repair never moves a dataset, so it is the one kind without a sidecar. */
export type WriterKind = SidecarWriterKind | "Repair";

/** Concurrency kind of a touched type (OCC-1). A type touched several times takes the strictest. */
export type WriteStrictness = "insert" | "merge" | "strict";

export interface StagedDatasetWrite {
  /** As in the write view: before a rename. */
  readonly typeKey: string;
  readonly strictness: WriteStrictness;
  /** In execution order; never effect-free (WR-9), and never empty unless `forkFrom` is set. */
  readonly effects: readonly DatasetEffect[];
  /** Rows of the type after the effects. */
  readonly entityCountAfter: number;
  /** Fork from this pin instead of the branch's own entry: the branch adopts the state of another one (merge §2.4). */
  readonly forkFrom?: DatasetPin;
}

/** A type that a schema apply adds; its dataset is created empty. */
export interface StagedRegistration {
  readonly typeKey: string;
  readonly typeId: bigint;
  readonly incarnationId: bigint;
  readonly directory: string;
  readonly schema: DatasetSchema;
}

/** What a schema apply changes beside the rows (SA-5). */
export interface SchemaChange {
  /** The schema after. */
  readonly accepted: AcceptedSchema;
  readonly registrations: readonly StagedRegistration[];
  /** Type keys. The coordinate and its data stay. */
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  /** Type keys as in the write view. */
  readonly drops: readonly string[];
}

/**
 * Everything one operation wants to change, gathered in memory or in staging files and fully validated: nothing
 * durable has happened yet. The committer turns it into one graph commit (WR-2).
 */
export interface StagedWrite {
  readonly writerKind: WriterKind;
  /** Ascending by type key (AC-7). Datasets that the branch does not own are forked by the committer (BR-3). */
  readonly datasets: readonly StagedDatasetWrite[];
  /** Entries that shall show another existing version, without a native effect. */
  readonly pointers?: readonly DatasetPin[];
  /** Second parent of the commit. */
  readonly mergedParentCommitId?: string;
  readonly schemaChange?: SchemaChange;
  /** Given by writes that may be published together with others (WR-11); the others depend on the whole state they saw. */
  readonly footprint?: WriteFootprint;
}
