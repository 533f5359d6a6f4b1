import { CLUSTER_FLAGS, type ClusterFlags, declareClusterVerb, runClusterVerb } from "../cluster-verb.js";
import type { CommandDefinition } from "../command-definition.js";

export const clusterValidateCommand: CommandDefinition<ClusterFlags> = {
  path: ["cluster", "validate"],
  capability: "control",
  summary: "check cluster.yaml and every schema, query and policy it names",
  accepts: CLUSTER_FLAGS,
  takesClusterFolder: true,
  examples: ["omnigraph cluster validate", "omnigraph cluster validate --config ./depot --json"],
  declare: declareClusterVerb,
  async run(invocation) {
    const { validateCluster } = await import("@omnigraphdb/cluster");
    const { validateDocument, validateFailure, validateText } = await import("../output/cluster/validate.js");
    return runClusterVerb(invocation, { actor: "none", run: validateCluster, document: validateDocument, text: validateText, failure: validateFailure });
  },
};
