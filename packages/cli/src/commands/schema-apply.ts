import { encodeSchemaApply, type SchemaApplyReceipt } from "@omnigraphdb/api-types";
import { writeActor } from "../actor.js";
import { ANNOUNCED_WRITE_FLAGS } from "../addressing/flag-sets.js";
import { refuseManagedStore } from "../addressing/managed-store.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { confirmWrite } from "../confirm-write.js";
import { EXIT } from "../exit-code.js";
import { readInputText } from "../input-source.js";
import { jsonDocument } from "../output/json.js";
import { checkLegacyQueries } from "../registered-queries.js";
import { stepLines, yesNo } from "../output/schema-steps.js";

interface SchemaApplyFlags {
  readonly schema: string;
  readonly allowDataLoss?: boolean;
  readonly json?: boolean;
}

export const schemaApplyCommand: CommandDefinition<SchemaApplyFlags> = {
  path: ["schema", "apply"],
  capability: "any",
  summary: "migrate the graph to another schema as one commit",
  accepts: ANNOUNCED_WRITE_FLAGS,
  examples: [
    "omnigraph schema apply ./orders.omni --schema orders.pg",
    "omnigraph schema apply ./orders.omni --schema orders.pg --allow-data-loss --as maria",
  ],
  declare(command) {
    command
      .argument("[URI]", "graph to migrate")
      .requiredOption("--schema <FILE>", "desired schema")
      .option("--allow-data-loss", "reclaim dropped data at once, from earlier versions too")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, command, positionals, flags, sourceNames } = invocation;
    const address = await resolveDataTarget(invocation, { positional: positionals[0] });
    const actor = await writeActor(invocation, address);
    if (address.kind === "store") await refuseManagedStore(io, command, address);
    const source = sourceNames.register(await readInputText(io, "--schema", flags.schema, false), flags.schema);
    if (address.kind === "store") await checkLegacyQueries(io, address, source);
    await confirmWrite(io, { command, address, destructive: false }, flags);
    await using client = await openClient(io, address, "rw");
    const receipt = await client.applySchema({ source, allowDataLoss: flags.allowDataLoss === true, actor });
    const document = flags.json === true
      ? jsonDocument(receiptDocument(address.uri, receipt))
      : receiptText(address.uri, receipt, receipt.steps.map(({ description }) => description));
    await io.stdout.write(document);
    return EXIT.success;
  },
};

/** Actor, commit and the lines for people are members of the answer over HTTP only (§10.13). */
function receiptDocument(uri: string, receipt: SchemaApplyReceipt): object {
  const { actor_id: _actor, commit: _commit, ...document } = encodeSchemaApply(uri, receipt);
  return { ...document, steps: document.steps.map(({ description: _description, ...step }) => step) };
}

function receiptText(uri: string, { supported, applied, graphManifestVersion }: SchemaApplyReceipt, steps: readonly string[]): string {
  const head = [
    `schema apply for ${uri}`,
    `supported: ${yesNo(supported)}`,
    `applied: ${yesNo(applied)}`,
    `graph_manifest_version: ${graphManifestVersion}`,
  ];
  return [...head, ...stepLines(steps), ""].join("\n");
}
