import { compareText } from "../compare-text.js";
import { normalizeTarget } from "../resource-address.js";
import { resourceNeeds } from "../resource-needs.js";
import type { BlastRadius, PlanInput, ResourceChange } from "./planned-change.js";

/**
 * What needs each changed resource directly (cluster.md §8.3). The configuration does not know a resource that it deletes:
 * who needed that one comes from the ledger.
 */
export function blastRadius(changes: readonly ResourceChange[], { desired, ledger }: Pick<PlanInput, "desired" | "ledger">): readonly BlastRadius[] {
  const dependents = new Map<string, Set<string>>(changes.map(({ resource }) => [resource, new Set()]));
  for (const { from, to } of desired.dependencies) dependents.get(to)?.add(from);
  const deleted = new Set(changes.filter(({ operation }) => operation === "delete").map(({ resource }) => resource));
  for (const [from, { applies_to, embedding_provider }] of ledger?.resources ?? []) {
    const needs = resourceNeeds(from, { appliesTo: applies_to?.map(normalizeTarget), embeddingProvider: embedding_provider });
    for (const to of needs) if (deleted.has(to)) dependents.get(to)?.add(from);
  }
  return [...dependents].filter(([, affected]) => affected.size > 0).map(([resource, affected]) => ({ resource, affected: [...affected].sort(compareText) }));
}
