import { INSPECTION_FLAGS } from "../addressing/flag-sets.js";
import { resolveStoreTarget } from "../addressing/resolve-target.js";
import { openStore } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { chunked } from "../output/chunked.js";
import { jsonDocument } from "../output/json.js";
import { recoveryJson, recoveryLine } from "../output/recovery.js";

interface RecoveryListFlags {
  readonly actor?: string;
  readonly json?: boolean;
}

export const recoveryListCommand: CommandDefinition<RecoveryListFlags> = {
  path: ["recovery", "list"],
  capability: "direct",
  summary: "list what became of interrupted writes, newest first",
  accepts: INSPECTION_FLAGS,
  examples: ["omnigraph recovery list ./orders.omni", "omnigraph recovery list ./orders.omni --actor nightly-sync --json"],
  declare(command) {
    command
      .argument("[URI]", "graph to look at")
      .option("--actor <ID>", "only interrupted writes of this actor")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const address = await resolveStoreTarget(invocation, { positional: positionals[0] });
    await using client = await openStore(io, address, "ro");
    const all = await client.listRecoveryAudits();
    const audits = flags.actor === undefined ? all : all.filter((audit) => audit.recoveryForActor === flags.actor);
    if (flags.json === true) await io.stdout.write(jsonDocument({ recoveries: audits.map(recoveryJson) }));
    else for (const chunk of chunked(audits.map(recoveryLine))) await io.stdout.write(chunk);
    return EXIT.success;
  },
};
