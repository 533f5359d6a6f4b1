import { encodeMutation, type ParamDescriptor, type ParamKind, type QueryCatalogEntry, stringifyJson } from "@omnigraphdb/api-types";
import type { Logger } from "@omnigraphdb/common";
import type { GraphAccess } from "../access.js";
import { readText } from "../answers/read-text.js";
import type { ToolArguments } from "../arguments/check-arguments.js";
import { type ArgumentSchema, argumentsOf } from "../arguments/schema.js";
import { DESTRUCTIVE, READ_ONLY, type Tool } from "../tool.js";
import { BRANCH, SNAPSHOT } from "./parameters.js";
import { readTargetOf, writeOn } from "./targets.js";

const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/**
 * Stored queries as tools, ascending by tool name (server.md 12.7). A name that a built-in tool has gets `query_` before it; what cannot
 * be a name of a tool, or is taken by then, is no tool. Both are logged.
 */
export function storedQueryTools(access: GraphAccess, entries: readonly QueryCatalogEntry[], reserved: ReadonlySet<string>, log: Pick<Logger, "warn">): readonly Tool[] {
  const tools = new Map<string, Tool>();
  for (const entry of entries) {
    const { name: query, toolName } = entry;
    const name = reserved.has(toolName) ? `query_${toolName}` : toolName;
    if (!TOOL_NAME.test(name)) {
      log.warn("stored query is no MCP tool: its name has other characters than letters, digits, '_', '.' and '-'", { query, tool: toolName });
    } else if (tools.has(name) || reserved.has(name)) {
      log.warn("stored query is no MCP tool: its name is taken", { query, tool: name });
    } else {
      if (name !== toolName) log.warn("stored query has the name of a built-in MCP tool", { query, tool: name });
      tools.set(name, storedQueryTool(access, entry, name));
    }
  }
  return [...tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function storedQueryTool(access: GraphAccess, entry: QueryCatalogEntry, name: string): Tool {
  const { isMutation, params } = entry;
  const declared = new Map(params.map((param) => [param.name, schemaOf(param)]));
  const targets: readonly (readonly [string, ArgumentSchema])[] = [
    ...(isMutation && access.taskBranch !== undefined ? [] : [["_branch", BRANCH] as const]),
    ...(isMutation ? [] : [["_snapshot", SNAPSHOT] as const]),
  ];
  // A parameter may itself be called so; then the tool has no such target.
  const free = targets.filter(([target]) => !declared.has(target));
  const required = params.filter(({ nullable }) => !nullable).map((param) => param.name);
  return {
    name,
    description: describe(entry),
    inputSchema: argumentsOf(Object.fromEntries([...declared, ...free]), required),
    hints: isMutation ? DESTRUCTIVE : READ_ONLY,
    actions: ["invoke_query", isMutation ? "change" : "read"],
    run: (args, signal) => invoke(access, entry, args, new Set(free.map(([target]) => target)), signal),
  };
}

function invoke(access: GraphAccess, { name, isMutation }: QueryCatalogEntry, args: ToolArguments, targets: ReadonlySet<string>, signal: AbortSignal): Promise<string> {
  const params = Object.fromEntries(Object.entries(args).filter(([argument]) => !targets.has(argument)));
  const target = (argument: string): string | undefined => (targets.has(argument) ? (args[argument] as string | undefined) : undefined);
  const branch = target("_branch");
  if (isMutation) return writeOn(access, branch, async (on) => stringifyJson(encodeMutation(await access.client.runStoredMutation({ name, params, branch: on, signal }))));
  return readTargetOf(access, { branch, snapshot: target("_snapshot") }).then(async (read) => readText(await access.client.runStoredQuery({ name, params, ...read, signal })));
}

function describe({ name, description, instruction, isMutation }: QueryCatalogEntry): string {
  const parts = [description, instruction].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join("\n\n") : `${isMutation ? "Stored mutation" : "Stored query"} '${name}'.`;
}

function schemaOf({ kind, item_kind: itemKind, vector_dim: dimension, nullable }: ParamDescriptor): ArgumentSchema {
  const schema = schemaOfKind(kind, itemKind, dimension);
  return nullable ? { ...schema, type: [schema.type as "string", "null"] } : schema;
}

function schemaOfKind(kind: ParamKind, itemKind?: ParamKind, dimension?: number): ArgumentSchema {
  switch (kind) {
    case "string":
      return { type: "string" };
    case "bool":
      return { type: "boolean" };
    case "int":
      return { type: "integer" };
    case "bigint":
      return { type: "string", pattern: "^-?\\d+$", description: "An integer in decimal digits." };
    case "float":
      return { type: "number" };
    case "date":
      return { type: "string", format: "date" };
    case "datetime":
      return { type: "string", format: "date-time" };
    case "blob":
      return { type: "string", description: "Content as 'base64:<data>', or the address of a file it is taken from." };
    case "vector":
      return { type: "array", items: { type: "number" }, ...(dimension === undefined ? {} : { minItems: dimension, maxItems: dimension }) };
    case "list":
      return { type: "array", items: schemaOfKind(itemKind ?? "string") };
    case "object":
      return { type: "object" };
  }
}
