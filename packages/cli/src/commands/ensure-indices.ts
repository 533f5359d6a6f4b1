import { resolveAddress } from "../addressing.js";
import { openClient } from "../client/open-client.js";
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
  accepts: ["uri", "store", "yes", "durability", "quiet"],
  examples: ["omnigraph ensure-indices ./orders.omni", "omnigraph ensure-indices ./orders.omni --branch review --json"],
  declare(command) {
    command
      .argument("[URI]", "graph whose indexes are built")
      .option("--branch <B>", "branch to build them on (default: main)")
      .option("--json", "print a JSON document");
  },
  async run({ io, command, positionals, flags }) {
    const address = resolveAddress(command, true, positionals[0], flags);
    await confirmWrite(io, { command, address, destructive: false }, flags);
    await using client = await openClient(io, address, "rw");
    const report = await client.ensureIndices(flags.branch);
    await io.stdout.write(flags.json === true ? jsonDocument(ensureIndicesJson(address.uri, report)) : ensureIndicesText(address.uri, report));
    return EXIT.success;
  },
};
