import { argumentsOf } from "../arguments/schema.js";
import type { Tool } from "../tool.js";

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

/** A tool whose arguments are listed under older names; the present ones are accepted as well. */
function renamed(original: Tool, names: Readonly<Record<string, string>>): Tool {
  const { properties, required } = original.inputSchema;
  const nameOf = (name: string): string => names[name] ?? name;
  const back = new Map(Object.entries(names).map(([present, older]) => [older, present]));
  return {
    ...original,
    inputSchema: argumentsOf(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [nameOf(name), schema])), required?.map(nameOf)),
    argumentAliases: names,
    run: (args, signal) => original.run(Object.fromEntries(Object.entries(args).map(([name, value]) => [back.get(name) ?? name, value])), signal),
  };
}
