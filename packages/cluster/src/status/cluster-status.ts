import { verifyCatalog } from "../catalog/verify-catalog.js";
import { loadClusterHeader } from "../config/load-cluster-header.js";
import { type ClusterDiagnostic, Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { problemDiagnostic } from "../diagnostics/problem-diagnostic.js";
import type { Ledger, Observation, ResourceStatus } from "../ledger/ledger.js";
import { isLedgerRead, readLedger } from "../ledger/read-ledger.js";
import { readLock } from "../lock/cluster-lock.js";
import { warnOfSidecars } from "../recovery/sidecar-store.js";
import type { VerbOptions } from "../run/cluster-environment.js";
import { openStoreOf } from "../run/open-store.js";
import { shownLocation } from "../storage/shown-location.js";
import { observeState, type StateObservations, stateObservations } from "./state-observations.js";

/** Maps are ascending by address; empty without a readable ledger. */
export interface StatusOutcome {
  readonly isOk: boolean;
  readonly configDirectory: string;
  /** Absent when the configuration does not even say where the state lies. */
  readonly stateObservations?: StateObservations;
  /** Of what is applied. */
  readonly resourceDigests: ReadonlyMap<string, string>;
  /** As they were recorded; what `status` itself finds is among `diagnostics` only. */
  readonly resourceStatuses: ReadonlyMap<string, ResourceStatus>;
  readonly observations: ReadonlyMap<string, Observation>;
  readonly diagnostics: readonly ClusterDiagnostic[];
}

/**
 * What is recorded, who holds the lock, what waits to be settled, and whether the catalog is whole (cluster.md §12.2). Takes no lock and
 * changes nothing; of the configuration only the header is read.
 */
export async function clusterStatus({ configDirectory, environment }: VerbOptions): Promise<StatusOutcome> {
  const diagnostics = new Diagnostics();
  const header = await loadClusterHeader(configDirectory, diagnostics);
  if (header === undefined) return statusOutcome(configDirectory, undefined, undefined, diagnostics);
  const store = await openStoreOf(header, environment, diagnostics);
  if (store === undefined) return statusOutcome(header.configDirectory, await observeState(header, environment), undefined, diagnostics);

  const [read, lock, sidecars] = await Promise.all([readLedger(store), readLock(store), warnOfSidecars(store)]);
  const statePath = shownLocation(store.layout.ledger);
  if (read === undefined) {
    diagnostics.add(diagnostic("state_missing", statePath, "there is no ledger: nothing was applied here yet, or it was lost. 'omnigraph cluster import' creates it from what exists.", { severity: "warning" }));
  } else if (!isLedgerRead(read)) {
    diagnostics.add(problemDiagnostic({ ...read, path: shownLocation(read.path) }));
  }
  if (lock.kind === "unusable") diagnostics.add(problemDiagnostic({ ...lock.problem, path: shownLocation(lock.problem.path) }, { severity: "warning" }));
  diagnostics.addAll(sidecars);
  const ledgerRead = isLedgerRead(read) ? read : undefined;
  if (ledgerRead !== undefined) diagnostics.addAll((await verifyCatalog(store, ledgerRead.ledger)).map((finding) => finding.diagnostic));
  return statusOutcome(header.configDirectory, stateObservations(store, { ledger: ledgerRead, lock }, environment.clock), ledgerRead?.ledger, diagnostics);
}

/** Of commands that say what is recorded: `status`, `refresh`, `import` (cluster.md 13.2). */
export function statusOutcome(configDirectory: string, observed: StateObservations | undefined, ledger: Ledger | undefined, diagnostics: Diagnostics): StatusOutcome {
  return {
    isOk: !diagnostics.hasErrors,
    configDirectory,
    ...(observed === undefined ? {} : { stateObservations: observed }),
    resourceDigests: ascending(new Map([...(ledger?.resources ?? [])].map(([address, { digest }]) => [address, digest]))),
    resourceStatuses: ascending(ledger?.statuses ?? new Map<string, never>()),
    observations: ascending(ledger?.observations ?? new Map<string, never>()),
    diagnostics: diagnostics.list(),
  };
}

function ascending<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
