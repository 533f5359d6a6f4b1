import { CLUSTER_ACTOR_FLAGS, type ClusterFlags, declareClusterVerb, runClusterVerb } from "../cluster-verb.js";
import type { CommandDefinition } from "../command-definition.js";

export const clusterApproveCommand: CommandDefinition<ClusterFlags> = {
  path: ["cluster", "approve"],
  capability: "control",
  summary: "allow one destructive change of the plan",
  accepts: CLUSTER_ACTOR_FLAGS,
  takesClusterFolder: true,
  examples: ["omnigraph cluster approve graph.orders --as ann", "omnigraph cluster approve graph.orders --config ./depot --json"],
  declare(command) {
    declareClusterVerb(command.argument("<ADDRESS>", "resource whose change is allowed, as the plan shows it"));
  },
  async run(invocation) {
    const { approveChange } = await import("@omnigraphdb/cluster");
    const { approveDocument, approveFailure, approveText } = await import("../output/cluster/approve.js");
    const address = invocation.positionals[0] ?? "";
    return runClusterVerb(invocation, {
      actor: "required",
      run: (options) => approveChange({ ...options, address }),
      document: approveDocument,
      text: approveText,
      failure: approveFailure,
    });
  },
};
