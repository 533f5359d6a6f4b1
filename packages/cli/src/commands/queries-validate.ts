import type { StoredQueryFinding } from "@omnigraphdb/cluster";
import { CONTROL_FLAGS } from "../addressing/flag-sets.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";
import { compileRegistered, registeredQueries } from "../registered-queries.js";

interface QueriesValidateFlags {
  readonly json?: boolean;
}

export const queriesValidateCommand: CommandDefinition<QueriesValidateFlags> = {
  path: ["queries", "validate"],
  capability: "control",
  summary: "check the stored queries of a graph against its schema",
  accepts: CONTROL_FLAGS,
  examples: ["omnigraph queries validate --cluster ./depot --graph orders", "omnigraph queries validate --cluster ./depot --graph orders --json"],
  declare(command) {
    command.argument("[URI]", "graph that the queries at the top of the older omnigraph.yaml belong to").option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const registered = await registeredQueries(invocation, positionals[0]);
    const { breakages, warnings } = await compileRegistered(invocation, registered);
    const ok = breakages.length === 0;
    const document = flags.json === true
      ? jsonDocument({ ok, breakages: breakages.map(findingJson), warnings: warnings.map(findingJson) })
      : [...breakages.map((finding) => line("BROKEN", finding)), ...warnings.map((finding) => line("WARN", finding)), `checked ${registered.sources.length} stored queries: ${breakages.length} broken, ${warnings.length} warnings\n`].join("");
    await io.stdout.write(document);
    return ok ? EXIT.success : EXIT.failure;
  },
};

function findingJson({ query, message }: StoredQueryFinding): { readonly query: string; readonly message: string } {
  return { query, message };
}

function line(label: string, { query, message }: StoredQueryFinding): string {
  return `${label} ${query}: ${message.split("\n").join("\n  ")}\n`;
}
