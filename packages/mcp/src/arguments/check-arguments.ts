import { invalidParams } from "../rpc/rpc-error.js";
import type { ArgumentSchema, ArgumentsSchema } from "./schema.js";

export type ToolArguments = Readonly<Record<string, unknown>>;

/** Characters of a name that a message repeats. */
const SHOWN_NAME_MAX = 128;

/**
 * Holds the arguments of a call against the schema of its tool (server.md 12.6 step 2).
 *
 * @param aliases older names of arguments, which are accepted and not listed
 * @returns the arguments under their listed names
 * @throws RpcError −32602 that names the argument
 */
export function checkArguments(schema: ArgumentsSchema, given: ToolArguments, aliases: Readonly<Record<string, string>> = {}): ToolArguments {
  const checked: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [spelled, value] of Object.entries(given)) {
    const name = aliasOf(aliases, spelled) ?? spelled;
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (property === undefined) throw invalidParams(`unknown argument '${shown(spelled)}'`);
    if (name in checked) throw invalidParams(`argument '${name}' is given twice`);
    const isRequired = schema.required?.includes(name) === true;
    // Models write null for what they leave out.
    if (value === null && !isRequired && !typesOf(property).includes("null")) continue;
    const problem = problemOf(property, value);
    if (problem !== undefined) throw invalidParams(`argument '${shown(spelled)}' ${problem}`);
    checked[name] = value;
  }
  const missing = schema.required?.find((name) => !(name in checked));
  if (missing !== undefined) throw invalidParams(`argument '${missing}' is missing`);
  return checked;
}

function aliasOf(aliases: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}

function shown(name: string): string {
  return name.length <= SHOWN_NAME_MAX ? name : `${name.slice(0, SHOWN_NAME_MAX)}…`;
}

function typesOf({ type }: ArgumentSchema): readonly string[] {
  return typeof type === "string" ? [type] : type;
}

/** What is wrong with a value, as the end of a sentence. */
function problemOf(schema: ArgumentSchema, value: unknown): string | undefined {
  const types = typesOf(schema);
  if (!types.some((type) => isOfType(type, value))) return `must be ${types.map(described).join(" or ")}`;
  if (typeof value === "string") {
    if (schema.enum !== undefined && !schema.enum.includes(value)) return `must be one of ${schema.enum.join(", ")}`;
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) return "must be an integer in decimal digits, as text";
  }
  if ((typeof value === "number" || typeof value === "bigint") && schema.minimum !== undefined && value < schema.minimum) return `must be at least ${schema.minimum}`;
  return Array.isArray(value) ? problemOfItems(schema, value) : undefined;
}

function problemOfItems({ items, minItems = 0, maxItems = Number.POSITIVE_INFINITY }: ArgumentSchema, values: readonly unknown[]): string | undefined {
  if (values.length < minItems || values.length > maxItems) return minItems === maxItems ? `must have ${minItems} items` : `must have ${minItems} to ${maxItems} items`;
  if (items === undefined) return undefined;
  for (const [at, value] of values.entries()) {
    const problem = problemOf(items, value);
    if (problem !== undefined) return `has an item, number ${at + 1}, that ${problem}`;
  }
  return undefined;
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return typeof value === "bigint" || Number.isInteger(value);
    case "number":
      return typeof value === "number" || typeof value === "bigint";
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return value === null;
  }
}

function described(type: string): string {
  if (type === "null") return "null";
  return `${/^[aio]/.test(type) ? "an" : "a"} ${type}`;
}
