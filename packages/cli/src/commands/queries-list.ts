import type { Json } from "@omnigraphdb/common";
import type { StoredQuery, StoredQueryParameter } from "@omnigraphdb/cluster";
import { CONTROL_FLAGS } from "../addressing/flag-sets.js";
import type { CommandDefinition } from "../command-definition.js";
import { StoredQueriesBrokenError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { visibleText } from "../output/cell-text.js";
import { jsonDocument } from "../output/json.js";
import { compileRegistered, registeredQueries } from "../registered-queries.js";

interface QueriesListFlags {
  readonly json?: boolean;
}

export const queriesListCommand: CommandDefinition<QueriesListFlags> = {
  path: ["queries", "list"],
  capability: "control",
  summary: "list the stored queries of a graph with their parameters",
  accepts: CONTROL_FLAGS,
  examples: ["omnigraph queries list --cluster ./depot --graph orders", "omnigraph queries list --cluster s3://depot-state/prod --graph orders --json"],
  declare(command) {
    command.argument("[URI]", "graph that the queries at the top of the older omnigraph.yaml belong to").option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const { registry, breakages } = await compileRegistered(invocation, await registeredQueries(invocation, positionals[0]));
    if (breakages.length > 0) throw new StoredQueriesBrokenError(breakages.map(({ query }) => query));
    const queries = registry.list();
    await io.stdout.write(flags.json === true ? jsonDocument({ queries: queries.map(queryJson) }) : queriesText(queries));
    return EXIT.success;
  },
};

function queryJson({ name, isExposed, toolName, isMutation, description, instruction, params }: StoredQuery): Json {
  return {
    name,
    mcp_expose: isExposed,
    tool_name: toolName,
    mutation: isMutation,
    ...(description === undefined ? {} : { description }),
    ...(instruction === undefined ? {} : { instruction }),
    params: params.map((param) => ({ name: param.name, type: baseType(param), nullable: param.nullable })),
  };
}

function queriesText(queries: readonly StoredQuery[]): string {
  return queries.length === 0 ? "(no stored queries)\n" : queries.map(queryText).join("");
}

function queryText(query: StoredQuery): string {
  const params = query.params.map((param) => `$${param.name}: ${baseType(param)}${param.nullable ? "?" : ""}`).join(", ");
  const tool = query.isExposed ? ` [mcp: ${query.toolName}]` : "";
  return `${query.isMutation ? "mutation" : "query"} ${query.name}(${params})${tool}\n${described("description", query.description)}${described("instruction", query.instruction)}`;
}

/** Lines after the first begin where the text of the first does. */
function described(label: string, text: string | undefined): string {
  if (text === undefined) return "";
  const head = `  ${label}: `;
  return `${head}${visibleText(text).split("\n").join(`\n${" ".repeat(head.length)}`)}\n`;
}

/** Without the `?` that `nullable` stands for. */
function baseType({ type, nullable }: StoredQueryParameter): string {
  return nullable ? type.replace(/\?$/, "") : type;
}
