import { ClusterNotReadyError, GraphNotAppliedError } from "../cluster-problem.js";
import { isLedgerRead, missingLedger, readLedger } from "../ledger/read-ledger.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { appliedGraphIds } from "./read-serving-snapshot.js";

/**
 * The address of one applied graph. Reads the ledger and nothing else, so that it works when the catalog is damaged or a recovery record
 * is pending: that is when it is needed (cli.md 5.5).
 *
 * @throws ClusterNotReadyError without a readable ledger; GraphNotAppliedError
 */
export async function findAppliedGraph(store: ClusterStore, graphId: string): Promise<string> {
  const applied = await listAppliedGraphs(store);
  if (!applied.includes(graphId)) throw new GraphNotAppliedError(graphId, applied);
  return store.layout.graphRoot(graphId);
}

/**
 * Ids of the applied graphs, ascending; reads the ledger and nothing else.
 *
 * @throws ClusterNotReadyError without a readable ledger
 */
export async function listAppliedGraphs(store: ClusterStore): Promise<readonly string[]> {
  const read = await readLedger(store);
  if (!isLedgerRead(read)) throw new ClusterNotReadyError(store.layout.root, [read ?? missingLedger(store)]);
  return appliedGraphIds(read.ledger);
}
