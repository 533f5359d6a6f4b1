import { argumentsOf, type ArgumentsSchema } from "../arguments/schema.js";
import type { ListedTool, Tool } from "../tool.js";

/**
 * Tools under the names that the released stdio package gave them (server.md 12.4). `read` and `change` always answer; they are listed, as
 * `ingest` is, by the stdio process only.
 */
export function compatibilityTools(tools: readonly Tool[], isListed: boolean): readonly Tool[] {
  return Object.entries(COMPATIBLE).flatMap(([name, { canonical, names }]) => {
    const original = tools.find((tool) => tool.name === canonical);
    if (original === undefined || (!isListed && name === "ingest")) return [];
    return [{ ...renamed(original, names), name, ...(isListed ? {} : { isUnlisted: true }) }];
  });
}

const QUERY_NAMES = { query: "querySource", name: "queryName" };

const COMPATIBLE: Readonly<Record<"read" | "change" | "ingest", { readonly canonical: string; readonly names: Readonly<Record<string, string>> }>> = {
  read: { canonical: "query", names: QUERY_NAMES },
  change: { canonical: "mutate", names: QUERY_NAMES },
  ingest: { canonical: "load", names: {} },
};

export const COMPATIBILITY_NAMES: readonly string[] = Object.keys(COMPATIBLE);

/** Entries of a list of tools under their older names, for a list that another process made. */
export function compatibleListings(listed: readonly ListedTool[]): readonly ListedTool[] {
  return Object.entries(COMPATIBLE).flatMap(([name, { canonical, names }]) => {
    const original = listed.find((tool) => tool.name === canonical);
    return original === undefined ? [] : [{ ...original, name, inputSchema: renamedSchema(original.inputSchema, names) }];
  });
}

/** The name that a server knows a tool by: it accepts the other older ones itself. */
export function servedName(name: string): string {
  return name === "ingest" ? COMPATIBLE.ingest.canonical : name;
}

/** A tool whose arguments are listed under older names; the present ones are accepted as well. */
function renamed(original: Tool, names: Readonly<Record<string, string>>): Tool {
  const back = new Map(Object.entries(names).map(([present, older]) => [older, present]));
  return {
    ...original,
    inputSchema: renamedSchema(original.inputSchema, names),
    argumentAliases: names,
    run: (args, signal) => original.run(Object.fromEntries(Object.entries(args).map(([name, value]) => [back.get(name) ?? name, value])), signal),
  };
}

function renamedSchema({ properties, required }: ArgumentsSchema, names: Readonly<Record<string, string>>): ArgumentsSchema {
  const nameOf = (name: string): string => names[name] ?? name;
  return argumentsOf(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [nameOf(name), schema])), required?.map(nameOf));
}
