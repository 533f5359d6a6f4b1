/** The state ledger: what is deployed (cluster.md §6). Member names are those of the file. */

export const LEDGER_VERSION = 1;

export interface Ledger {
  /** From 1, +1 per written change. */
  readonly stateRevision: number;
  /** The last configuration that converged. */
  readonly configDigest: string | null;
  readonly resources: ReadonlyMap<string, LedgerResource>;
  readonly statuses: ReadonlyMap<string, ResourceStatus>;
  readonly approvals: ReadonlyMap<string, ApprovalRecord>;
  readonly recoveries: ReadonlyMap<string, RecoveryRecord>;
  readonly observations: ReadonlyMap<string, Observation>;
}

export interface LedgerResource {
  readonly digest: string;
  /** Policies; missing in the oldest ledgers. */
  readonly applies_to?: readonly string[];
  /** Graphs: address of the provider. */
  readonly embedding_provider?: string;
  /** Providers; references `${NAME}` unresolved. */
  readonly embedding_profile?: EmbeddingProfile;
  /** Graphs; omitted means that nothing is admitted. */
  readonly external_blob_policy?: ExternalBlobPolicy;
}

export interface EmbeddingProfile {
  readonly kind: string;
  readonly base_url?: string;
  readonly model?: string;
  readonly api_key?: string;
}

export interface ExternalBlobPolicy {
  readonly mode: "allow";
  readonly bases: readonly { readonly uri: string; readonly scope: "server_safe" | "embedded_only" }[];
}

export const RESOURCE_STATUSES = ["pending", "planned", "applying", "applied", "drifted", "blocked", "error"] as const;

export interface ResourceStatus {
  readonly status: (typeof RESOURCE_STATUSES)[number];
  readonly conditions?: readonly string[];
  readonly message?: string;
}

export interface ApprovalRecord {
  readonly consumed_at: string;
  readonly consumed_by_operation: string;
}

export interface RecoveryRecord {
  readonly kind: string;
  readonly graph_id: string;
  readonly outcome: string;
  readonly recovered_at: string;
  readonly actor: string | null;
}

export type Observation =
  | {
      readonly kind: "graph";
      readonly address: string;
      readonly graph_uri: string;
      readonly observed_at: string;
      readonly exists: boolean;
      readonly graph_manifest_version: number | null;
      readonly schema_digest: string | null;
      readonly desired_schema_digest: string | null;
      readonly schema_matches_desired: boolean | null;
      readonly error: string | null;
    }
  | { readonly kind: "tombstone"; readonly deleted_at: string; readonly approval_id: string | null; readonly actor: string | null };
