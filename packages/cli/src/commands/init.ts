import { refuseManagedStore } from "../addressing/managed-store.js";
import { resolveNewStore } from "../addressing/resolve-target.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { readInputText } from "../input-source.js";
import { writeSchemaWarnings } from "../output/schema-warnings.js";

interface InitFlags {
  readonly schema: string;
  readonly force?: boolean;
}

export const initCommand: CommandDefinition<InitFlags> = {
  path: ["init"],
  capability: "direct",
  summary: "create a graph",
  accepts: ["uri", "durability"],
  examples: ["omnigraph init --schema orders.pg ./orders.omni"],
  declare(command) {
    command
      .argument("[URI]", "where to create the graph")
      .requiredOption("--schema <FILE>", "schema of the new graph")
      .option("--force", "replace left-over schema files; never replaces a graph");
  },
  async run(invocation) {
    const { io, command, positionals, flags, sourceNames } = invocation;
    const address = await resolveNewStore(invocation, { positional: positionals[0] });
    await refuseManagedStore(io, command, address);
    const source = sourceNames.register(await readInputText(io, "--schema", flags.schema, false), flags.schema);
    const { createGraph } = await import("../client/embedded-client.js");
    await createGraph(io, address, source, flags.force === true);
    await writeSchemaWarnings(io, source, flags.schema);
    await io.stdout.write(`initialized ${address.uri}\n`);
    return EXIT.success;
  },
};
