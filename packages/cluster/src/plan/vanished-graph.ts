import type { Ledger } from "../ledger/ledger.js";

/**
 * Whether a graph was deployed here and its root is gone: observed as `graph_missing` while something that only a deployed graph
 * has is still recorded. A graph that was declared and never created is observed as missing too, and has none of that.
 */
export function isVanishedGraph(ledger: Ledger, graphId: string): boolean {
  const isMissing = ledger.statuses.get(`graph.${graphId}`)?.conditions?.includes("graph_missing") ?? false;
  return isMissing && hasTrace(ledger, graphId);
}

function hasTrace(ledger: Ledger, graphId: string): boolean {
  for (const [address, { applies_to }] of ledger.resources) {
    if (address.startsWith(`query.${graphId}.`) || applies_to?.includes(`graph.${graphId}`) === true) return true;
  }
  return [...ledger.recoveries.values()].some(({ graph_id, kind }) => graph_id === graphId && kind !== "graph_delete");
}
