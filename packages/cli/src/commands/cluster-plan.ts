import { CLUSTER_FLAGS, type ClusterFlags, declareClusterVerb, runClusterVerb } from "../cluster-verb.js";
import type { CommandDefinition } from "../command-definition.js";

export const clusterPlanCommand: CommandDefinition<ClusterFlags> = {
  path: ["cluster", "plan"],
  capability: "control",
  summary: "show what apply would change",
  accepts: CLUSTER_FLAGS,
  takesClusterFolder: true,
  examples: ["omnigraph cluster plan", "omnigraph cluster plan --config ./depot --json"],
  declare: declareClusterVerb,
  async run(invocation) {
    const { planCluster } = await import("@omnigraphdb/cluster");
    const { planDocument, planFailure, planText } = await import("../output/cluster/plan.js");
    return runClusterVerb(invocation, { actor: "none", run: planCluster, document: planDocument, text: planText, failure: planFailure });
  },
};
