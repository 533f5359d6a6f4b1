import type { SourcePlace } from "../diagnostics/cluster-diagnostic.js";
import type { EmbeddingProfile, ExternalBlobPolicy } from "../ledger/ledger.js";

/** Kind labels of resources (cluster.md §3.1). */
export type ResourceKind = "graph" | "schema" | "query" | "policy" | "embedding_provider";

/** Something that `cluster.yaml` declares, with everything that the ledger records of it. */
export interface DesiredResource {
  /** `query.<graph>.<name>` and the like (cluster.md §3.1). */
  readonly address: string;
  readonly kind: ResourceKind;
  /** SHA-256 in lower-case hexadecimal (cluster.md §3.3). */
  readonly digest: string;
  /** Schemas, queries, policies: absolute path of the file. */
  readonly file?: string;
  /** The same as it is written, relative to the configuration directory unless it is absolute there; separated by `/`. */
  readonly path?: string;
  /** Schemas, queries, policies: the file as it was read. */
  readonly text?: string;
  /** Policies: `cluster` or `graph.<id>`, ascending, each once. */
  readonly appliesTo?: readonly string[];
  /** Graphs: address of the provider. */
  readonly embeddingProvider?: string;
  /** Providers: as declared, with `kind`; `${NAME}` unresolved. */
  readonly embeddingProfile?: EmbeddingProfile;
  /** Graphs: absent means the default, which admits nothing. */
  readonly externalBlobPolicy?: ExternalBlobPolicy;
  /** Where `cluster.yaml` declares it, for findings about it. */
  readonly declaredAt?: SourcePlace;
}

/** `from` needs `to` (cluster.md §3.2). */
export interface Dependency {
  readonly from: string;
  readonly to: string;
}

/** What the header of `cluster.yaml` says (cluster.md §2.3 step 7). */
export interface ClusterHeader {
  /** Absolute. */
  readonly configDirectory: string;
  /** Absolute path of `cluster.yaml`. */
  readonly configFile: string;
  /** `metadata.name`. */
  readonly name: string | undefined;
  /** A normalised local path or `s3://…` address. */
  readonly storageRoot: string;
  /** `state.lock`. */
  readonly isLockEnabled: boolean;
}

/** What a configuration directory declares, read and checked completely: the desired revision. */
export interface DesiredState extends ClusterHeader {
  /** Deterministic; comments, key order and whitespace of `cluster.yaml` do not count (cluster.md §3.4). */
  readonly configDigest: string;
  /** By address, ascending. */
  readonly resources: ReadonlyMap<string, DesiredResource>;
  /** Ascending by (`from`, `to`), each once. */
  readonly dependencies: readonly Dependency[];
}
