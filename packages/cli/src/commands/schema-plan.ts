import type { Json } from "@omnigraphdb/common";
import type { MigrationPlan } from "@omnigraphdb/compiler";
import { PLAN_FLAGS } from "../addressing/flag-sets.js";
import { resolveStoreTarget } from "../addressing/resolve-target.js";
import { openStore } from "../client/open-client.js";
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
  accepts: PLAN_FLAGS,
  examples: ["omnigraph schema plan ./orders.omni --schema orders.pg"],
  declare(command) {
    command
      .argument("[URI]", "graph to plan for")
      .requiredOption("--schema <FILE>", "desired schema")
      .option("--allow-data-loss", "plan drops that discard data at once")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags, sourceNames } = invocation;
    const address = await resolveStoreTarget(invocation, { positional: positionals[0] });
    const source = sourceNames.register(await readInputText(io, "--schema", flags.schema, false), flags.schema);
    await using client = await openStore(io, address, "ro");
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
