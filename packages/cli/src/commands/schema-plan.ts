import type { Json } from "@omnigraphdb/common";
import type { MigrationPlan } from "@omnigraphdb/compiler";
import { resolveAddress } from "../addressing.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { readInputText } from "../input-source.js";
import { jsonDocument } from "../output/json.js";
import { stepLines, yesNo } from "../output/schema-steps.js";

interface SchemaPlanFlags {
  readonly schema: string;
  readonly allowDataLoss?: boolean;
  readonly json?: boolean;
}

export const schemaPlanCommand: CommandDefinition<SchemaPlanFlags> = {
  path: ["schema", "plan"],
  capability: "direct",
  summary: "show how the graph would migrate to another schema",
  accepts: ["uri", "store"],
  examples: ["omnigraph schema plan ./orders.omni --schema orders.pg"],
  declare(command) {
    command
      .argument("[URI]", "graph to plan for")
      .requiredOption("--schema <FILE>", "desired schema")
      .option("--allow-data-loss", "plan drops that discard data at once")
      .option("--json", "print a JSON document");
  },
  async run({ io, command, positionals, flags, sourceNames }) {
    const address = resolveAddress(command, true, positionals[0], flags);
    const source = sourceNames.register(await readInputText(io, "--schema", flags.schema, false), flags.schema);
    await using client = await openClient(io, address, "ro");
    const plan = await client.planSchema(source, { allowDataLoss: flags.allowDataLoss === true });
    const { describeMigrationStep, migrationStepToJson } = await import("@omnigraphdb/compiler");
    const document = flags.json === true
      ? jsonDocument({ ...planHead(address.uri, plan), steps: plan.steps.map(migrationStepToJson) })
      : planText(address.uri, plan, plan.steps.map(describeMigrationStep));
    await io.stdout.write(document);
    return EXIT.success;
  },
};

function planHead(uri: string, plan: MigrationPlan): { readonly [key: string]: Json } {
  return { uri, supported: plan.supported, step_count: plan.steps.length };
}

function planText(uri: string, plan: MigrationPlan, steps: readonly string[]): string {
  return [`schema plan for ${uri}`, `supported: ${yesNo(plan.supported)}`, ...stepLines(steps), ""].join("\n");
}
