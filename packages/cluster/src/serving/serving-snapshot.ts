import type { ClusterProblem } from "../cluster-problem.js";
import type { EmbeddingProfile } from "../ledger/ledger.js";
import type { StoredQuerySource } from "../stored-queries/stored-query.js";

/** What a cluster has applied, as a server needs it: ledger and catalog, checked (cluster.md §14). Nothing was opened for it. */
export interface ServingSnapshot {
  /** Normalised storage root. */
  readonly root: string;
  /** `state_revision` of the ledger. */
  readonly revision: number;
  /** Ascending by graph id; at least one. */
  readonly graphs: readonly AppliedGraph[];
  /** The bundle bound to the cluster. */
  readonly clusterPolicy: AppliedPolicy | undefined;
  /** Applied bundles with a binding, also those of graphs that are not ready (server.md S2). */
  readonly policyCount: number;
  /** No reason not to serve. */
  readonly warnings: readonly ClusterProblem[];
}

export interface AppliedGraph {
  readonly graphId: string;
  readonly uri: string;
  /** Why it cannot be served; then policy, queries and profile were not read. */
  readonly unready: ClusterProblem | undefined;
  readonly policy: AppliedPolicy | undefined;
  /** Ascending by name. */
  readonly queries: readonly StoredQuerySource[];
  readonly embedding: AppliedEmbedding | undefined;
}

export interface AppliedPolicy {
  readonly name: string;
  readonly digest: string;
  readonly text: string;
}

export interface AppliedEmbedding {
  /** `provider.embedding.<name>` */
  readonly address: string;
  readonly digest: string;
  readonly profile: EmbeddingProfile;
}
