import { isOmniError } from "@omnigraphdb/common";
import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";
import { encodeLedger } from "./encode-ledger.js";
import type { Ledger } from "./ledger.js";
import { isLedgerRead, type LedgerRead, readLedger } from "./read-ledger.js";

/**
 * Replaces the ledger that the command began with, or creates the first one (cluster.md 6.5). A command writes at most once. Any crash
 * leaves the old ledger or the new one, whole.
 *
 * @param base as it was read; undefined when there was none
 * @returns undefined when `next` is stored; `state_cas_mismatch` when another ledger is there, which was not touched;
 *   `state_write_error` when it could not be written, or when nobody can tell
 */
export async function writeLedger(store: ClusterStore, base: LedgerRead | undefined, next: Ledger): Promise<ClusterDiagnostic | undefined> {
  const path = shownLocation(store.layout.ledger);
  const mismatch = diagnostic("state_cas_mismatch", path, "somebody else changed the ledger while this command ran, and it was left as they wrote it. Run the command again: it begins with what is recorded now.");
  try {
    const isWritten = base === undefined ? await create(store, encodeLedger(next)) : await replace(store, base, encodeLedger(next));
    return isWritten ? undefined : mismatch;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    if (error.effects === "possible" && (await isSuccessorOfOthers(store, next))) return mismatch;
    const outcome = error.effects === "possible" ? "It may have been written: look with 'omnigraph cluster status'" : "Check the storage";
    return diagnostic("state_write_error", path, `the ledger could not be written: ${error.message}. ${outcome}, then run the command again.`);
  }
}

/** The store must honour conditions (cluster.md 4.3): asked here, where a cluster begins. */
async function create({ objects, layout }: ClusterStore, text: string): Promise<boolean> {
  await objects.probeCreateIfAbsent(layout.root);
  await objects.probeConditionalReplace(layout.root);
  try {
    if (await objects.writeTextIfAbsent(layout.ledger, text)) return true;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    if ((await objects.readTextIfExists(layout.ledger).catch(() => null)) === text) return true;
    throw error;
  }
  // The answer to a first attempt may have been lost, and its repetition have met the object that it had created.
  return (await objects.readTextIfExists(layout.ledger)) === text;
}

/** Whoever cannot tell whether theirs landed may see that it did not: another ledger followed the one that both began with. */
async function isSuccessorOfOthers(store: ClusterStore, next: Ledger): Promise<boolean> {
  const read = await readLedger(store);
  return isLedgerRead(read) && read.ledger.stateRevision === next.stateRevision && read.text !== encodeLedger(next);
}

async function replace({ objects, layout }: ClusterStore, base: LedgerRead, text: string): Promise<boolean> {
  const found = await objects.readVersioned(layout.ledger);
  return found !== null && found.text === base.text && (await objects.replaceIfVersion(layout.ledger, text, found.version));
}
