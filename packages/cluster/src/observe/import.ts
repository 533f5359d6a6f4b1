import { throwIfAborted } from "@omnigraphdb/common";
import type { ClusterProblem } from "../cluster-problem.js";
import type { DesiredState } from "../config/desired-state.js";
import { type ClusterDiagnostic, Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { problemDiagnostic } from "../diagnostics/problem-diagnostic.js";
import { LedgerDraft } from "../ledger/ledger-draft.js";
import { isLedgerRead, type LedgerRead, readLedger } from "../ledger/read-ledger.js";
import { writeLedger } from "../ledger/write-ledger.js";
import { withClusterLock } from "../lock/with-cluster-lock.js";
import { cleanUp } from "../recovery/clean-up.js";
import { sweepSidecars } from "../recovery/sweep.js";
import type { ClusterSession, VerbOptions } from "../run/cluster-environment.js";
import { loadDeclared } from "../run/load-declared.js";
import type { StatusOutcome } from "../status/cluster-status.js";
import { writtenLedger } from "../status/state-observations.js";
import { shownLocation } from "../storage/shown-location.js";
import { observeGraphs } from "./observe-graphs.js";
import { type ObservingRun, observingOutcome } from "./observing-outcome.js";

/** What the ledger says afterwards. */
export interface ImportOutcome extends StatusOutcome {
  readonly operation: "import";
}

/**
 * Creates the first ledger from what exists (cluster.md 12.3): of a new cluster, whose graphs are found missing, or in place of a lost
 * one. Nothing shows that queries, policies or providers were ever deployed, so they are not recorded, and the next plan creates them.
 *
 * With any error nothing is written.
 *
 * @throws CancelledError; nothing was written
 */
export async function importCluster({ configDirectory, environment }: VerbOptions): Promise<ImportOutcome> {
  const diagnostics = new Diagnostics();
  const desired = await loadDeclared({ configDirectory, environment }, diagnostics);
  const run = desired && (await withClusterLock(desired, "import", environment, diagnostics, (session) => importOne(session, desired, diagnostics)));
  return { operation: "import", ...(await observingOutcome({ configDirectory, environment, desired, run, diagnostics })) };
}

async function importOne(session: ClusterSession, desired: DesiredState, diagnostics: Diagnostics): Promise<ObservingRun> {
  const { store, environment } = session;
  const present = await readLedger(store);
  if (present !== undefined) {
    diagnostics.add(refusalOf(session, present));
    return { session, ledger: isLedgerRead(present) ? present : undefined };
  }
  const draft = new LedgerDraft(undefined);
  const swept = await sweepSidecars(session, draft, diagnostics);
  await observeGraphs(session, desired.resources, swept.pendingGraphs, draft, diagnostics);
  draft.setConfigDigest(desired.configDigest);
  throwIfAborted(environment.signal, "cluster import");
  if (diagnostics.hasErrors) return { session, ledger: undefined };
  environment.onProgress?.({ phase: "ledger", done: 0, total: 1 });
  const next = draft.finish();
  const failure = await writeLedger(store, undefined, next);
  if (failure !== undefined) {
    diagnostics.add(failure);
    return { session, ledger: undefined };
  }
  environment.onProgress?.({ phase: "ledger", done: 1, total: 1 });
  await cleanUp(store, swept.retired, swept.consumedApprovals, diagnostics);
  return { session, ledger: writtenLedger(next) };
}

/** Import never replaces what is there, not even what nobody can read. */
function refusalOf({ store }: ClusterSession, present: LedgerRead | ClusterProblem): ClusterDiagnostic {
  const path = shownLocation(store.layout.ledger);
  if (isLedgerRead(present)) {
    return diagnostic("state_already_exists", path, `there is a ledger already, at revision ${present.ledger.stateRevision}. 'omnigraph cluster refresh' observes the graphs again.`);
  }
  if (present.code === "state_read_error") return problemDiagnostic({ ...present, path });
  return diagnostic("state_already_exists", path, `there is a ledger already, which cannot be used (${present.code}): ${present.text} To build a new one from what exists, move that file away first.`);
}
