import type { Json } from "@omnigraphdb/common";
import type { LintReport } from "@omnigraphdb/compiler";
import { INSPECTION_FLAGS } from "../addressing/flag-sets.js";
import { resolveStoreTarget } from "../addressing/resolve-target.js";
import { openStore } from "../client/open-client.js";
import type { CommandDefinition, Invocation } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { readInputText } from "../input-source.js";
import { queryFilePath } from "../legacy/query-file.js";
import { placesIn } from "../output/diagnostic-place.js";
import { jsonDocument } from "../output/json.js";
import { lintText } from "../output/lint.js";
import { writeSchemaWarnings } from "../output/schema-warnings.js";

interface LintFlags {
  readonly query: string;
  readonly schema?: string;
  readonly json?: boolean;
}

export const lintCommand: CommandDefinition<LintFlags> = {
  path: ["lint"],
  capability: "direct",
  summary: "check a query file against a schema",
  accepts: INSPECTION_FLAGS,
  examples: ["omnigraph lint --query orders.gq --schema orders.pg", "omnigraph lint ./orders.omni --query orders.gq --json"],
  declare(command) {
    command
      .argument("[URI]", "graph whose schema is used")
      .requiredOption("--query <FILE>", "query file, - for stdin")
      .option("--schema <FILE>", "schema file to use instead of a graph")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, flags } = invocation;
    const source = await readInputText(io, "--query", await queryFilePath(io, flags.query));
    const { schemaSource, report } = await lint(invocation, source);
    const { diagnostics: _notOnTheWire, ...wire } = report;
    const document = flags.json === true
      ? jsonDocument({ status: report.status, schema_source: schemaSource, query_path: flags.query, ...(wire as object) })
      : lintText(report, await placesIn(source, flags.query));
    await io.stdout.write(document);
    return report.status === "ok" ? EXIT.success : EXIT.failure;
  },
};

async function lint(invocation: Invocation<LintFlags>, source: string): Promise<{ readonly schemaSource: Json; readonly report: LintReport }> {
  const { io, positionals, flags, sourceNames } = invocation;
  if (flags.schema === undefined) {
    const address = await resolveStoreTarget(invocation, { positional: positionals[0] });
    await using client = await openStore(io, address, "ro");
    return { schemaSource: { kind: "graph", uri: address.uri }, report: await client.lint(source) };
  }
  const schema = sourceNames.register(await readInputText(io, "--schema", flags.schema, false), flags.schema);
  const { createAcceptedSchema, lintQueries } = await import("@omnigraphdb/compiler");
  const { catalog } = createAcceptedSchema(schema, { identityDomain: "lint" });
  await writeSchemaWarnings(io, schema, flags.schema);
  return { schemaSource: { kind: "file", path: flags.schema }, report: lintQueries(source, catalog) };
}
