import { isOmniError, sha256Digest } from "@omnigraphdb/common";
import { ClusterNotReadyError, type ClusterProblem } from "../cluster-problem.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import type { Ledger } from "./ledger.js";
import { isLedger, parseLedger } from "./parse-ledger.js";

export interface LedgerRead {
  readonly ledger: Ledger;
  /** As read: what a conditional replacement compares (cluster.md 6.5). */
  readonly text: string;
}

/** @returns the ledger; a problem; or undefined when there is none, which is never the answer to a failed request (cluster.md 4.2) */
export async function readLedger({ objects, layout }: ClusterStore): Promise<LedgerRead | ClusterProblem | undefined> {
  let text: string | null;
  try {
    text = await objects.readTextIfExists(layout.ledger);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return { code: "state_read_error", path: layout.ledger, text: `the ledger cannot be read: ${error.message}. Check the storage and the credentials.` };
  }
  if (text === null) return undefined;
  const parsed = parseLedger(text);
  return isLedger(parsed) ? { ledger: parsed, text } : parsed;
}

export function missingLedger({ layout }: ClusterStore): ClusterProblem {
  return {
    code: "cluster_state_missing",
    path: layout.ledger,
    text: "there is no ledger: nothing has been applied here. Run 'omnigraph cluster import', then 'omnigraph cluster apply'.",
  };
}

export function isLedgerRead(read: LedgerRead | ClusterProblem | undefined): read is LedgerRead {
  return read !== undefined && "ledger" in read;
}

/**
 * Changes whenever something is applied, and never otherwise. One small read: for whoever watches a cluster.
 *
 * @throws ClusterNotReadyError when there is no ledger; StorageError
 */
export async function readLedgerVersion(store: ClusterStore): Promise<string> {
  const text = await store.objects.readTextIfExists(store.layout.ledger);
  if (text === null) throw new ClusterNotReadyError(store.layout.root, [missingLedger(store)]);
  return sha256Digest(text);
}
