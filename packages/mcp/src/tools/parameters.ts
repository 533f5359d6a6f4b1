import type { ArgumentSchema } from "../arguments/schema.js";

const text = (description: string): ArgumentSchema => ({ type: "string", description });
const choices = (description: string, values: readonly string[]): ArgumentSchema => ({ type: "array", items: { type: "string", enum: values }, description });

/** Arguments that several tools have. */
export const BRANCH: ArgumentSchema = text("Branch to work on. Default: main, or the branch this connection was set up with.");
export const SNAPSHOT: ArgumentSchema = text("Read a fixed version instead of a branch: a commit id, or another snapshot id.");
export const COMMIT_ID: ArgumentSchema = text("Id of the commit, as commits_list shows it.");

export const QUERY_PARTS: Readonly<Record<"name" | "params", ArgumentSchema>> = {
  name: text("Which query of the text to run; needed when it holds several."),
  params: { type: "object", description: "Values by parameter name, without $. Integers beyond 2^53 as decimal text." },
};

export interface ChangeFilterArguments {
  readonly kind?: readonly ("node" | "edge")[];
  readonly type?: readonly string[];
  readonly op?: readonly ("insert" | "update" | "delete")[];
}

export const CHANGE_FILTER: Readonly<Record<keyof ChangeFilterArguments, ArgumentSchema>> = {
  kind: choices("Only nodes, or only edges.", ["node", "edge"]),
  type: { type: "array", items: { type: "string" }, description: "Only these node or edge types." },
  op: choices("Only these operations.", ["insert", "update", "delete"]),
};

/** As a client takes the filter. */
export function filterOf({ kind, type, op }: ChangeFilterArguments): { readonly kinds?: readonly ("node" | "edge")[]; readonly types?: readonly string[]; readonly ops?: readonly ("insert" | "update" | "delete")[] } {
  return { ...(kind === undefined ? {} : { kinds: kind }), ...(type === undefined ? {} : { types: type }), ...(op === undefined ? {} : { ops: op }) };
}
