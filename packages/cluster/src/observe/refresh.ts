import { throwIfAborted } from "@omnigraphdb/common";
import { verifyCatalog } from "../catalog/verify-catalog.js";
import type { DesiredState } from "../config/desired-state.js";
import { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { LedgerDraft } from "../ledger/ledger-draft.js";
import { readBase } from "../ledger/read-base.js";
import { isLedgerRead, readLedger } from "../ledger/read-ledger.js";
import { writeLedger } from "../ledger/write-ledger.js";
import { withClusterLock } from "../lock/with-cluster-lock.js";
import { cleanUp } from "../recovery/clean-up.js";
import { sweepSidecars } from "../recovery/sweep.js";
import type { ClusterSession, VerbOptions } from "../run/cluster-environment.js";
import { loadDeclared } from "../run/load-declared.js";
import type { StatusOutcome } from "../status/cluster-status.js";
import { writtenLedger } from "../status/state-observations.js";
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
  const desired = await loadDeclared({ configDirectory, environment }, diagnostics);
  const run = desired && (await withClusterLock(desired, "refresh", environment, diagnostics, (session) => refresh(session, desired, diagnostics)));
  return { operation: "refresh", ...(await observingOutcome({ configDirectory, environment, desired, run, diagnostics })) };
}

async function refresh(session: ClusterSession, desired: DesiredState, diagnostics: Diagnostics): Promise<ObservingRun> {
  const { store } = session;
  const base = await readBase(store, diagnostics);
  if (base?.isSound !== true) return { session, ledger: base?.ledger };
  const draft = new LedgerDraft(base.ledger.ledger);
  const swept = await sweepSidecars(session, draft, diagnostics);
  await recordCatalog(session, draft, diagnostics);
  await observeGraphs(session, desired.resources, swept.pendingGraphs, draft, diagnostics);
  throwIfAborted(session.environment.signal, "cluster refresh");
  session.environment.onProgress?.({ phase: "ledger", done: 0, total: 1 });
  const next = draft.finish();
  const failure = await writeLedger(store, base.ledger, next);
  if (failure !== undefined) {
    diagnostics.add(failure);
    const found = await readLedger(store);
    return { session, ledger: isLedgerRead(found) ? found : base.ledger };
  }
  session.environment.onProgress?.({ phase: "ledger", done: 1, total: 1 });
  await cleanUp(store, swept.retired, swept.consumedApprovals, diagnostics);
  return { session, ledger: writtenLedger(next) };
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
