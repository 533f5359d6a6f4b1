import { resolveAddress } from "../addressing.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";

interface SchemaShowFlags {
  readonly json?: boolean;
}

export const schemaShowCommand: CommandDefinition<SchemaShowFlags> = {
  path: ["schema", "show"],
  capability: "any",
  summary: "print the schema (alias: get)",
  accepts: ["uri", "store"],
  tolerates: ["as"],
  examples: ["omnigraph schema show ./orders.omni"],
  declare(command) {
    command.argument("[URI]", "graph to look at").option("--json", "print a JSON document");
  },
  async run({ io, command, positionals, flags }) {
    const address = resolveAddress(command, true, positionals[0], flags);
    await using client = await openClient(io, address, "ro");
    const source = await client.schemaSource();
    const text = flags.json === true ? jsonDocument({ schema_source: source }) : source.endsWith("\n") ? source : `${source}\n`;
    await io.stdout.write(text);
    return EXIT.success;
  },
};
