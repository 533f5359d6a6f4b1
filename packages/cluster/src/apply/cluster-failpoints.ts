import type { ClusterEnvironment } from "../run/cluster-environment.js";
import { type Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";

/** Points of an apply at which a test fails or pauses it (cluster.md 18.1). Nothing else arms them. */
export const CLUSTER_FAILPOINT = {
  /** The sidecar is written, the engine was not called. The step fails as if the call had, and the sidecar stays. */
  beforeGraphCreate: "cluster_apply.before_graph_create",
  /** The engine has answered. The run ends without a ledger write, as a crash would end it. */
  afterGraphCreate: "cluster_apply.after_graph_create",
  beforeSchemaApply: "cluster_apply.before_schema_apply",
  afterSchemaApply: "cluster_apply.after_schema_apply",
  beforeGraphDelete: "cluster_apply.before_graph_delete",
  afterGraphDelete: "cluster_apply.after_graph_delete",
  /** All objects of the catalog are written. */
  afterPayloadPhase: "cluster_apply.after_payload_phase",
  /** Everything is done but the record of it. */
  beforeStateWrite: "cluster_apply.before_state_write",
} as const;

export type ClusterFailpoint = (typeof CLUSTER_FAILPOINT)[keyof typeof CLUSTER_FAILPOINT];

/** @returns whether the point was failed, after adding `injected_failpoint` */
export async function isFailedAt(point: ClusterFailpoint, { failpoints }: ClusterEnvironment, diagnostics: Diagnostics): Promise<boolean> {
  try {
    await failpoints.hit(point);
    return false;
  } catch (error) {
    diagnostics.add(diagnostic("injected_failpoint", point, `a test failed the run at ${point}: ${error instanceof Error ? error.message : String(error)}`));
    return true;
  }
}
