import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
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
  accepts: READ_FLAGS,
  tolerates: ["as"],
  examples: ["omnigraph schema show ./orders.omni"],
  declare(command) {
    command.argument("[URI]", "graph to look at").option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const address = await resolveDataTarget(invocation, { positional: positionals[0] });
    await using client = await openClient(io, address, "ro");
    const source = await client.schemaSource();
    const text = flags.json === true ? jsonDocument({ schema_source: source }) : source.endsWith("\n") ? source : `${source}\n`;
    await io.stdout.write(text);
    return EXIT.success;
  },
};
