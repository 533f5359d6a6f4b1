import { parseResourceAddress } from "./resource-address.js";

/** What a resource names besides its address: as it is declared, or as it is recorded. */
export interface ResourceReferences {
  /** Policies: `cluster` or `graph.<id>`. */
  readonly appliesTo?: readonly string[] | undefined;
  /** Graphs: address of the provider. */
  readonly embeddingProvider?: string | undefined;
}

/** Addresses of what one resource needs directly: the edges of cluster.md §3.2 that start at it, in no order. */
export function resourceNeeds(address: string, { appliesTo = [], embeddingProvider }: ResourceReferences): readonly string[] {
  const parsed = parseResourceAddress(address);
  switch (parsed?.kind) {
    case "schema":
      return [`graph.${parsed.graphId}`];
    case "query":
      return [`graph.${parsed.graphId}`, `schema.${parsed.graphId}`];
    case "policy":
      return appliesTo.filter((target) => target !== "cluster");
    case "graph":
      return embeddingProvider === undefined ? [] : [embeddingProvider];
    case "embedding_provider":
    case undefined:
      return [];
  }
}
