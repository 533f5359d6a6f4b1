import { MAINTENANCE_FLAGS } from "../addressing/flag-sets.js";
import { resolveStoreTarget } from "../addressing/resolve-target.js";
import { openStore } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { confirmWrite } from "../confirm-write.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";
import { optimizeJson, optimizeText, skippedBlobWarnings } from "../output/maintenance.js";
import { warn } from "../notice.js";

interface OptimizeFlags {
  readonly branch?: string;
  readonly json?: boolean;
}

export const optimizeCommand: CommandDefinition<OptimizeFlags> = {
  path: ["optimize"],
  capability: "direct",
  summary: "compact files and bring indexes up to date; removes nothing",
  accepts: MAINTENANCE_FLAGS,
  examples: ["omnigraph optimize ./orders.omni", "omnigraph optimize ./orders.omni --branch review --json"],
  declare(command) {
    command
      .argument("[URI]", "graph to optimize")
      .option("--branch <B>", "branch to optimize (default: main)")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, command, positionals, flags } = invocation;
    const address = await resolveStoreTarget(invocation, { positional: positionals[0] });
    await confirmWrite(io, { command, address, destructive: false }, flags);
    await using client = await openStore(io, address, "rw");
    const report = await client.optimize(flags.branch);
    for (const text of skippedBlobWarnings(report)) await warn(io, text);
    await io.stdout.write(flags.json === true ? jsonDocument(optimizeJson(address.uri, report)) : optimizeText(address.uri, report));
    return EXIT.success;
  },
};
