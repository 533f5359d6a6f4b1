import { MAINTENANCE_FLAGS } from "../addressing/flag-sets.js";
import { resolveStoreTarget } from "../addressing/resolve-target.js";
import { openStore } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { confirmWrite } from "../confirm-write.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";
import { ensureIndicesJson, ensureIndicesText } from "../output/maintenance.js";

interface EnsureIndicesFlags {
  readonly branch?: string;
  readonly json?: boolean;
}

export const ensureIndicesCommand: CommandDefinition<EnsureIndicesFlags> = {
  path: ["ensure-indices"],
  capability: "direct",
  summary: "build declared indexes that are missing, and nothing else",
  accepts: MAINTENANCE_FLAGS,
  examples: ["omnigraph ensure-indices ./orders.omni", "omnigraph ensure-indices ./orders.omni --branch review --json"],
  declare(command) {
    command
      .argument("[URI]", "graph whose indexes are built")
      .option("--branch <B>", "branch to build them on (default: main)")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, command, positionals, flags } = invocation;
    const address = await resolveStoreTarget(invocation, { positional: positionals[0] });
    await confirmWrite(io, { command, address, destructive: false }, flags);
    await using client = await openStore(io, address, "rw");
    const report = await client.ensureIndices(flags.branch);
    await io.stdout.write(flags.json === true ? jsonDocument(ensureIndicesJson(address.uri, report)) : ensureIndicesText(address.uri, report));
    return EXIT.success;
  },
};
