import { CLUSTER_FLAGS, type ClusterFlags, declareClusterVerb, runClusterVerb } from "../cluster-verb.js";
import type { CommandDefinition } from "../command-definition.js";

export const clusterRefreshCommand: CommandDefinition<ClusterFlags> = {
  path: ["cluster", "refresh"],
  capability: "control",
  summary: "look at graphs and queries, and record where they drifted",
  accepts: CLUSTER_FLAGS,
  takesClusterFolder: true,
  examples: ["omnigraph cluster refresh", "omnigraph cluster refresh --config ./depot --json"],
  declare: declareClusterVerb,
  async run(invocation) {
    const { refreshCluster } = await import("@omnigraphdb/cluster");
    const { observeDocument, observeFailure, observeText } = await import("../output/cluster/observe.js");
    return runClusterVerb(invocation, {
      actor: "none",
      run: refreshCluster,
      document: (outcome) => observeDocument("refresh", outcome),
      text: (outcome, style) => observeText("refresh", outcome, style),
      failure: (configDirectory, diagnostics) => observeFailure("refresh", configDirectory, diagnostics),
    });
  },
};
