import { CLUSTER_ACTOR_FLAGS, type ClusterFlags, declareClusterVerb, runClusterVerb } from "../cluster-verb.js";
import type { CommandDefinition } from "../command-definition.js";

export const clusterApplyCommand: CommandDefinition<ClusterFlags> = {
  path: ["cluster", "apply"],
  capability: "control",
  summary: "make the cluster what cluster.yaml declares",
  accepts: CLUSTER_ACTOR_FLAGS,
  takesClusterFolder: true,
  examples: ["omnigraph cluster apply --as ann", "omnigraph cluster apply --config ./depot --json"],
  declare: declareClusterVerb,
  async run(invocation) {
    const { applyCluster } = await import("@omnigraphdb/cluster");
    const { applyDocument, applyFailure, applyText } = await import("../output/cluster/apply.js");
    return runClusterVerb(invocation, { actor: "recorded", run: applyCluster, document: applyDocument, text: applyText, failure: applyFailure });
  },
};
