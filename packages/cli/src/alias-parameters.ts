import { AliasError } from "./operator/errors.js";

/**
 * Positional arguments of an alias by name: JSON if they read as JSON, else text (§8.4). Fewer than names are fine.
 *
 * @throws AliasError for more arguments than names
 */
export async function positionalParameters(alias: string, names: readonly string[], args: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
  if (args.length > names.length) {
    const expected = names.length === 0 ? "takes no arguments" : `takes ${names.join(", ")}`;
    throw new AliasError(`alias '${alias}' ${expected}, and ${args.length - names.length} more ${args.length - names.length === 1 ? "was" : "were"} given`, { hint: "Quote an argument that contains spaces." });
  }
  const { parseParametersJson } = await import("@omnigraphdb/compiler");
  return new Map(
    args.map((argument, at) => {
      try {
        return [names[at] ?? "", parseParametersJson(argument)];
      } catch {
        return [names[at] ?? "", argument];
      }
    }),
  );
}

/**
 * Parameters by key; later sources win.
 *
 * @param given parsed `--params`
 * @throws AliasError when that is no object
 */
export function mergeParameters(alias: string, fixed: ReadonlyMap<string, unknown>, positional: ReadonlyMap<string, unknown>, given: unknown): Readonly<Record<string, unknown>> {
  if (given !== undefined && (typeof given !== "object" || given === null || Array.isArray(given))) {
    throw new AliasError(`the parameters for alias '${alias}' must be one JSON object`, { hint: "Pass an object with parameter names as keys." });
  }
  return Object.fromEntries([...fixed, ...positional, ...Object.entries(given ?? {})]);
}
