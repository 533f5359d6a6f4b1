import { CLUSTER_FLAGS, type ClusterFlags, declareClusterVerb, runClusterVerb } from "../cluster-verb.js";
import type { CommandDefinition } from "../command-definition.js";

export const clusterImportCommand: CommandDefinition<ClusterFlags> = {
  path: ["cluster", "import"],
  capability: "control",
  summary: "record what exists, for a new cluster or a lost ledger",
  accepts: CLUSTER_FLAGS,
  takesClusterFolder: true,
  examples: ["omnigraph cluster import", "omnigraph cluster import --config ./depot --json"],
  declare: declareClusterVerb,
  async run(invocation) {
    const { importCluster } = await import("@omnigraphdb/cluster");
    const { observeDocument, observeFailure, observeText } = await import("../output/cluster/observe.js");
    return runClusterVerb(invocation, {
      actor: "none",
      run: importCluster,
      document: (outcome) => observeDocument("import", outcome),
      text: (outcome, style) => observeText("import", outcome, style),
      failure: (configDirectory, diagnostics) => observeFailure("import", configDirectory, diagnostics),
    });
  },
};
