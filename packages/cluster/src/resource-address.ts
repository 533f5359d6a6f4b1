/** What an address of the ledger names (cluster.md §3.1). */
export type ResourceAddress =
  | { readonly kind: "graph"; readonly graphId: string }
  | { readonly kind: "schema"; readonly graphId: string }
  | { readonly kind: "query"; readonly graphId: string; readonly name: string }
  | { readonly kind: "policy"; readonly name: string }
  | { readonly kind: "embedding_provider"; readonly name: string };

/** Of any implementation. Names become parts of paths, so none may lead anywhere else. */
const NAMES = /^[\w-]+(\.[\w-]+)*$/;

/** @returns undefined for a kind that this version does not know, and for names that no implementation gives */
export function parseResourceAddress(address: string): ResourceAddress | undefined {
  if (!NAMES.test(address)) return undefined;
  const provider = /^provider\.embedding\.([^.]+)$/.exec(address)?.[1];
  if (provider !== undefined) return { kind: "embedding_provider", name: provider };
  const [kind, first, second, ...rest] = address.split(".");
  if (first === undefined || rest.length > 0) return undefined;
  if (kind === "query") return second === undefined ? undefined : { kind, graphId: first, name: second };
  if (second !== undefined) return undefined;
  if (kind === "graph" || kind === "schema") return { kind, graphId: first };
  return kind === "policy" ? { kind, name: first } : undefined;
}

export function printResourceAddress(address: ResourceAddress): string {
  switch (address.kind) {
    case "graph":
    case "schema":
      return `${address.kind}.${address.graphId}`;
    case "query":
      return `query.${address.graphId}.${address.name}`;
    case "policy":
      return `policy.${address.name}`;
    case "embedding_provider":
      return `provider.embedding.${address.name}`;
  }
}

const RESOURCE_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Completes "the name of a policy …". */
export const RESOURCE_NAME_RULE: string = "A name begins with a letter or '_', followed by letters, digits, '_' and '-'.";

/** Whether a query, policy or provider can have this name (cluster.md 2.6.1). Graphs have a grammar of their own: `isGraphId`. */
export function isResourceName(text: string): boolean {
  return RESOURCE_NAME.test(text);
}

/** What a policy applies to, in full: a bare id is short for `graph.<id>` (policy.md 7.1). */
export function normalizeTarget(target: string): string {
  return target === "cluster" || target.includes(".") ? target : `graph.${target}`;
}
