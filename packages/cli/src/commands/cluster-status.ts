import { CLUSTER_FLAGS, type ClusterFlags, declareClusterVerb, runClusterVerb } from "../cluster-verb.js";
import type { CommandDefinition } from "../command-definition.js";

export const clusterStatusCommand: CommandDefinition<ClusterFlags> = {
  path: ["cluster", "status"],
  capability: "control",
  summary: "show what is recorded as deployed, and who is at work",
  accepts: CLUSTER_FLAGS,
  takesClusterFolder: true,
  examples: ["omnigraph cluster status", "omnigraph cluster status --config ./depot --json"],
  declare: declareClusterVerb,
  async run(invocation) {
    const { clusterStatus } = await import("@omnigraphdb/cluster");
    const { statusDocument, statusFailure, statusText } = await import("../output/cluster/status.js");
    return runClusterVerb(invocation, { actor: "none", run: clusterStatus, document: statusDocument, text: statusText, failure: statusFailure });
  },
};
