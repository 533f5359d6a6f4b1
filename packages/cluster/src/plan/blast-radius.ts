import type { LedgerResource } from "../ledger/ledger.js";
import { parseResourceAddress } from "../resource-address.js";
import { compareText } from "../compare-text.js";
import type { BlastRadius, PlanInput, ResourceChange } from "./planned-change.js";

/**
 * What needs each changed resource directly (cluster.md §8.3). The configuration does not know a resource that it deletes:
 * who needed that one comes from the ledger.
 */
export function blastRadius(changes: readonly ResourceChange[], { desired, ledger }: Pick<PlanInput, "desired" | "ledger">): readonly BlastRadius[] {
  const dependents = new Map<string, Set<string>>(changes.map(({ resource }) => [resource, new Set()]));
  for (const { from, to } of desired.dependencies) dependents.get(to)?.add(from);
  const deleted = new Set(changes.filter(({ operation }) => operation === "delete").map(({ resource }) => resource));
  for (const [from, resource] of ledger?.resources ?? []) {
    for (const to of recordedNeeds(from, resource)) if (deleted.has(to)) dependents.get(to)?.add(from);
  }
  return [...dependents].filter(([, affected]) => affected.size > 0).map(([resource, affected]) => ({ resource, affected: [...affected].sort(compareText) }));
}

/** The edges of cluster.md §3.2 that start at one recorded resource. */
function recordedNeeds(address: string, { applies_to, embedding_provider }: LedgerResource): readonly string[] {
  const parsed = parseResourceAddress(address);
  switch (parsed?.kind) {
    case "schema":
      return [`graph.${parsed.graphId}`];
    case "query":
      return [`graph.${parsed.graphId}`, `schema.${parsed.graphId}`];
    case "policy":
      return (applies_to ?? []).filter((target) => target !== "cluster");
    case "graph":
      return embedding_provider === undefined ? [] : [embedding_provider];
    case "embedding_provider":
    case undefined:
      return [];
  }
}
