import { compareText } from "../compare-text.js";
import { resourceNeeds } from "../resource-needs.js";
import type { Dependency, DesiredResource } from "./desired-state.js";

/** Which resources need which (cluster.md §3.2): ascending by (`from`, `to`), each pair once. */
export function dependenciesOf(resources: Iterable<DesiredResource>): readonly Dependency[] {
  const found = [...resources].flatMap((resource) => resourceNeeds(resource.address, resource).map((to): Dependency => ({ from: resource.address, to })));
  found.sort((a, b) => compareText(a.from, b.from) || compareText(a.to, b.to));
  return found.filter(({ from, to }, index) => found[index - 1]?.from !== from || found[index - 1]?.to !== to);
}
