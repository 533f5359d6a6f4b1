import { type Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { problemDiagnostic } from "../diagnostics/problem-diagnostic.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";
import { checkComposites } from "./composite-integrity.js";
import { isLedgerRead, type LedgerRead, readLedger } from "./read-ledger.js";

/** The ledger that a run starts from. `isSound`: nobody edited what it records of a graph (cluster.md 6.6). */
export interface Base {
  readonly ledger: LedgerRead;
  readonly isSound: boolean;
}

/**
 * Phases 3 and 4 of an apply (cluster.md 11.1), and how a refresh begins.
 *
 * @returns undefined when there is no ledger that can be read; the reason is added, as it is for one that is not sound
 */
export async function readBase(store: ClusterStore, diagnostics: Diagnostics): Promise<Base | undefined> {
  const read = await readLedger(store);
  if (read === undefined) {
    diagnostics.add(
      diagnostic("state_missing", shownLocation(store.layout.ledger), "this cluster has no ledger, or lost it. Run 'omnigraph cluster import', which creates it from what exists, also when nothing does."),
    );
    return undefined;
  }
  if (!isLedgerRead(read)) {
    diagnostics.add(problemDiagnostic({ ...read, path: shownLocation(read.path) }));
    return undefined;
  }
  const altered = checkComposites(read.ledger);
  diagnostics.addAll(altered);
  return { ledger: read, isSound: altered.length === 0 };
}
