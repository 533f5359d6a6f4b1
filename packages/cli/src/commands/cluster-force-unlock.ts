import { CLUSTER_FLAGS, type ClusterFlags, declareClusterVerb, runClusterVerb } from "../cluster-verb.js";
import type { CommandDefinition } from "../command-definition.js";

export const clusterForceUnlockCommand: CommandDefinition<ClusterFlags> = {
  path: ["cluster", "force-unlock"],
  capability: "control",
  summary: "remove the lock of a command that no longer runs",
  accepts: CLUSTER_FLAGS,
  takesClusterFolder: true,
  examples: ["omnigraph cluster force-unlock 01JD8S4M6Q0V5ZJ3T7C1XW9K2B --config ./depot"],
  declare(command) {
    declareClusterVerb(command.argument("<LOCK_ID>", "exact id of the lock, as status shows it"));
  },
  async run(invocation) {
    const { forceUnlock } = await import("@omnigraphdb/cluster");
    const { forceUnlockDocument, forceUnlockFailure, forceUnlockText } = await import("../output/cluster/force-unlock.js");
    const lockId = invocation.positionals[0] ?? "";
    return runClusterVerb(invocation, {
      actor: "none",
      run: (options) => forceUnlock({ ...options, lockId }),
      document: forceUnlockDocument,
      text: forceUnlockText,
      failure: forceUnlockFailure,
    });
  },
};
