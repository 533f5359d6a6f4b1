import { throwIfAborted } from "@omnigraphdb/common";
import { cleanUp } from "../apply/clean-up.js";
import { verifyCatalog } from "../catalog/verify-catalog.js";
import { loadDesiredState } from "../config/load-desired-state.js";
import type { DesiredState } from "../config/desired-state.js";
import { Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { checkComposites } from "../ledger/composite-integrity.js";
import { LedgerDraft } from "../ledger/ledger-draft.js";
import { isLedgerRead, type LedgerRead, readLedger } from "../ledger/read-ledger.js";
import { writeLedger } from "../ledger/write-ledger.js";
import { sweepSidecars } from "../recovery/sweep.js";
import { type ClusterSession, type VerbOptions, withClusterLock } from "../run/cluster-environment.js";
import { problemDiagnostic } from "../run/problem-diagnostic.js";
import { writtenLedger } from "../run/state-observations.js";
import type { StatusOutcome } from "../status/cluster-status.js";
import { shownLocation } from "../storage/shown-location.js";
import { observeGraphs } from "./observe-graphs.js";
import { type ObservingRun, observingOutcome } from "./observing-outcome.js";

/** What the ledger says afterwards. */
export interface RefreshOutcome extends StatusOutcome {
  readonly operation: "refresh";
}

/**
 * Makes the ledger say what is there (cluster.md 12.4): interrupted operations are settled, catalog objects verified, declared graphs
 * looked at; then the ledger is written once, as the next revision whatever was found. Nothing is corrected: `plan` and `apply` do that.
 *
 * What cannot be examined is recorded as a status, and is an error of the run all the same.
 *
 * @throws CancelledError, before the ledger is written
 */
export async function refreshCluster({ configDirectory, environment }: VerbOptions): Promise<RefreshOutcome> {
  const diagnostics = new Diagnostics();
  const desired = await loadDesiredState(configDirectory, diagnostics);
  const run = desired && (await withClusterLock(desired, "refresh", environment, diagnostics, (session) => refresh(session, desired, diagnostics)));
  return { operation: "refresh", ...(await observingOutcome({ configDirectory, environment, desired, run, diagnostics })) };
}

async function refresh(session: ClusterSession, desired: DesiredState, diagnostics: Diagnostics): Promise<ObservingRun> {
  const { store } = session;
  const base = await readBase(session, diagnostics);
  if (base === undefined) return { session, ledger: undefined };
  const altered = checkComposites(base.ledger);
  diagnostics.addAll(altered);
  if (altered.length > 0) return { session, ledger: base };
  const draft = new LedgerDraft(base.ledger);
  const swept = await sweepSidecars(session, draft, diagnostics);
  await recordCatalog(session, draft, diagnostics);
  await observeGraphs(session, desired.resources, swept.pendingGraphs, draft, diagnostics);
  throwIfAborted(session.environment.signal, "cluster refresh");
  session.environment.onProgress?.({ phase: "ledger", done: 0, total: 1 });
  const next = draft.finish();
  const failure = await writeLedger(store, base, next);
  if (failure !== undefined) {
    diagnostics.add(failure);
    return { session, ledger: base };
  }
  await cleanUp(store, swept.retired, swept.consumedApprovals, diagnostics);
  return { session, ledger: writtenLedger(next) };
}

/** @returns undefined after adding why there is no ledger to go on from */
async function readBase({ store }: ClusterSession, diagnostics: Diagnostics): Promise<LedgerRead | undefined> {
  const read = await readLedger(store);
  if (read === undefined) {
    diagnostics.add(diagnostic("state_missing", shownLocation(store.layout.ledger), "there is no ledger to refresh. 'omnigraph cluster import' creates it from what exists."));
    return undefined;
  }
  if (!isLedgerRead(read)) {
    diagnostics.add(problemDiagnostic({ ...read, path: shownLocation(read.path) }));
    return undefined;
  }
  return read;
}

/** The catalog table of cluster.md 12.4. A digest that is gone makes the next plan publish the resource again. */
async function recordCatalog({ store, environment }: ClusterSession, draft: LedgerDraft, diagnostics: Diagnostics): Promise<void> {
  environment.onProgress?.({ phase: "catalog", done: 0, total: 1 });
  const findings = await verifyCatalog(store, draft);
  const damaged = new Set(findings.map(({ address }) => address));
  for (const [address, { conditions }] of draft.statuses) {
    if (conditions?.includes("payload_read_error") === true && !damaged.has(address)) draft.setStatus(address, { status: "applied" });
  }
  for (const { address, condition, diagnostic: found } of findings) {
    diagnostics.add(found);
    if (condition !== "payload_read_error") draft.removeResource(address);
    draft.setStatus(address, { status: condition === "payload_read_error" ? "error" : "drifted", conditions: [condition], message: found.message });
  }
  environment.onProgress?.({ phase: "catalog", done: 1, total: 1 });
}
