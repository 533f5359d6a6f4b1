import { parseResourceAddress } from "../resource-address.js";
import type { Dependency, DesiredResource } from "./desired-state.js";

/** Which resources need which (cluster.md §3.2): ascending by (`from`, `to`), each pair once. */
export function dependenciesOf(resources: Iterable<DesiredResource>): readonly Dependency[] {
  const found = [...resources].flatMap((resource) => needsOf(resource).map((to): Dependency => ({ from: resource.address, to })));
  found.sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
  return found.filter(({ from, to }, index) => found[index - 1]?.from !== from || found[index - 1]?.to !== to);
}

function needsOf({ address, appliesTo = [], embeddingProvider }: DesiredResource): readonly string[] {
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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
