import type { PropertyType } from "@omnigraphdb/compiler";
import type { Column } from "./columnar/column.js";
import type { GraphCommit } from "./manifest/graph-commit.js";
import type { Snapshot } from "./manifest/snapshot.js";

/**
 * What to read: a branch head (default: the branch the handle is bound to, `main`), or a fixed graph version. Never both (SN-8).
 *
 * A version is a snapshot the caller holds, which costs no look at the manifest (SN-3), or its id: a commit id,
 * `manifest:<branch>:v<n>`, or `manifest:<branch>:@<instant>`, the newest version of the branch at that instant. An instant is
 * RFC 3339 text with a zone, or microseconds since 1970 as commits show them. `@<instant>` alone names no line of history and
 * may be combined with `branch`.
 */
export interface ReadTarget {
  readonly branch?: string;
  readonly snapshot?: string | Snapshot;
}

export interface ResultColumn {
  /** Output name (RS-1); names need not be unique. */
  readonly name: string;
  readonly type: PropertyType;
  readonly values: Column;
}

/** Rows of a read, column by column, in final order. `cellToJson` turns one cell into its JSON value. */
export interface QueryResult {
  readonly queryName: string;
  /** Exactly one is set. */
  readonly target: { readonly branch: string | null; readonly snapshot: string | null };
  readonly graphCommitId: string;
  readonly rowCount: number;
  readonly columns: readonly ResultColumn[];
}

export interface QueryOptions {
  /** Which query of the source; needed when it holds several. */
  readonly name?: string;
  /** Values by parameter name without `$`. Integers beyond 2^53 as `bigint` or decimal string. */
  readonly params?: unknown;
  readonly target?: ReadTarget;
  readonly signal?: AbortSignal;
  /** Time limit of this query in milliseconds, instead of the setting `queryTimeoutMs`; 0 = none. */
  readonly timeoutMs?: number;
}

export interface ExplainOptions extends QueryOptions {
  /** Run the query and measure every step; its rows are thrown away. */
  readonly analyze?: boolean;
}

export interface MutateOptions {
  readonly name?: string;
  readonly params?: unknown;
  readonly branch?: string;
  readonly actor?: string;
  /** Run only if the branch head still is this commit (OCC-10). */
  readonly ifCommit?: string;
  readonly signal?: AbortSignal;
}

export interface MutationReceipt {
  readonly branch: string;
  readonly queryName: string;
  readonly affectedNodes: number;
  readonly affectedEdges: number;
  readonly actorId: string | null;
  /** Null when nothing changed (MU-32). */
  readonly commit: GraphCommit | null;
}

export type LoadMode = "overwrite" | "append" | "merge";

/** `lenient` ignores unknown members and properties, and takes values of another JSON type for null (schema specification §19.2, §19.3). */
export type LoadContent = "strict" | "lenient";

export type LoadEmbedding = "missing" | "none";

/** Bytes of a JSON value stream: NDJSON, pretty-printed, several values per line (LD-10). */
export type LoadInput = string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface LoadProgress {
  readonly recordCount: number;
  readonly byteCount: number;
  readonly phase: "reading" | "validating" | "writing";
}

export interface LoadOptions {
  readonly mode: LoadMode;
  readonly branch?: string;
  /** Where a missing branch is created from first (LD-2); without it the branch must exist. */
  readonly base?: string;
  readonly actor?: string;
  /** What records may get wrong; default strict. Lenient is kept for `ingest` (LD-20). */
  readonly content?: LoadContent;
  /**
   * `missing`: vectors that a record leaves out or gives as null are computed from the text their `@embed` names, before anything is
   * written (EM-40); `none`: they stay null. Default: the handle's setting `embedOnLoad`.
   */
  readonly embed?: LoadEmbedding;
  readonly signal?: AbortSignal;
  /** Called at most every 100 ms. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface LoadedType {
  readonly name: string;
  readonly entitiesLoaded: number;
}

export interface LoadReceipt {
  readonly branch: string;
  /** As given. */
  readonly baseBranch: string | null;
  readonly branchCreated: boolean;
  readonly mode: LoadMode;
  /** Ascending by name; only types named by a record. */
  readonly nodes: readonly LoadedType[];
  readonly edges: readonly LoadedType[];
  readonly totalEntities: number;
  readonly actorId: string | null;
  readonly commit: GraphCommit;
}

export interface BranchOptions {
  readonly actor?: string;
}

export interface BranchCreated {
  readonly uri: string;
  readonly name: string;
  /** The branch it was created from. */
  readonly from: string;
  readonly actorId: string | null;
}

export interface BranchDeleted {
  readonly uri: string;
  readonly name: string;
  readonly actorId: string | null;
}

export interface OptimizeOptions {
  /** Default main. Datasets that the branch inherits are forked only when there is something to do on them (BR-5). */
  readonly branch?: string;
  readonly actor?: string;
}

export interface GraphRepairOptions {
  /** Default main. */
  readonly branch?: string;
  /** Publish what is proven to be maintenance; without it nothing changes. */
  readonly confirm?: boolean;
  /** With `confirm`: publish the rest as well. */
  readonly force?: boolean;
}

export interface ExportOptions {
  readonly target?: ReadTarget;
  /** Type names without prefix; empty or absent = all (EX-4). */
  readonly typeNames?: readonly string[];
  readonly signal?: AbortSignal;
}
