/**
 * Graphs that were deployed and whose root is gone. Import and refresh observe a graph that was never created as missing too, but there
 * is nothing to lose in that one: the status of a vanished graph has a message, as long as it is missing.
 */
import type { Ledger, ResourceStatus } from "../ledger/ledger.js";

const MISSING = "graph_missing";

type Recorded = Pick<Ledger, "resources" | "statuses">;

/** What an observation that finds no root says of the graph (cluster.md 12.5). @param recorded before that observation */
export function missingGraphStatus(recorded: Recorded, graphId: string): ResourceStatus {
  const missing: ResourceStatus = { status: "drifted", conditions: [MISSING] };
  const wasDeployed = recorded.resources.has(`graph.${graphId}`) || isVanishedGraph(recorded, graphId);
  return wasDeployed ? { ...missing, message: "the graph was deployed, and nothing of it is stored any more. The next apply creates it anew, EMPTY; restore its data before, if there is a copy." } : missing;
}

/** Whether the graph that a plan creates takes the place of one that vanished (cluster.md §11.7, C7). Ledgers of others may lack the message, not all traces. */
export function isVanishedGraph({ resources, statuses }: Recorded, graphId: string): boolean {
  const status = statuses.get(`graph.${graphId}`);
  if (resources.has(`graph.${graphId}`) || status?.conditions?.includes(MISSING) !== true) return false;
  return status.message !== undefined || [...resources].some(([address, { applies_to }]) => address.startsWith(`query.${graphId}.`) || applies_to?.includes(`graph.${graphId}`) === true);
}
