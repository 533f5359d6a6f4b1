import { compareText } from "../compare-text.js";
import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { inTurns } from "../in-turns.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { type CatalogFault, readCatalogObject } from "./read-catalog-object.js";

/** Enough to hide the latency of object storage behind thousands of small objects. */
const READS_AT_ONCE = 32;

/** A recorded query or policy whose catalog object is not what was applied (cluster.md 12.4). */
export interface CatalogFinding {
  readonly address: string;
  /** Also the condition of its status, as `payload_missing`, `payload_mismatch`, `payload_read_error`. */
  readonly condition: "payload_missing" | "payload_mismatch" | "payload_read_error";
  readonly diagnostic: ClusterDiagnostic;
}

/** Reads and hashes the catalog object of every recorded query and policy, at most `READS_AT_ONCE` of them at a time. Changes nothing. @returns ascending by address */
export async function verifyCatalog(store: ClusterStore, ledger: Pick<Ledger, "resources">): Promise<readonly CatalogFinding[]> {
  const recorded = [...ledger.resources].map(([address, { digest }]) => ({ address, digest })).sort((a, b) => compareText(a.address, b.address));
  const findings = await inTurns(recorded, READS_AT_ONCE, async ({ address, digest }) => {
    const read = await readCatalogObject(store, address, digest);
    return read === undefined || read.kind === "whole" ? undefined : findingOf(address, read);
  });
  return findings.filter((finding) => finding !== undefined);
}

/** A server cannot start without the object; here it only has to be published again. What cannot be looked at is an error. */
function findingOf(address: string, { kind, fault }: CatalogFault): CatalogFinding {
  switch (kind) {
    case "missing":
      return { address, condition: "payload_missing", diagnostic: diagnostic("catalog_payload_missing", address, `${fault}. ${REPAIR}`, { severity: "warning" }) };
    case "altered":
      return { address, condition: "payload_mismatch", diagnostic: diagnostic("catalog_payload_mismatch", address, `${fault}. ${REPAIR}`, { severity: "warning" }) };
    case "unreadable":
      return { address, condition: "payload_read_error", diagnostic: diagnostic("catalog_payload_read_error", address, `${fault}. Check the storage and the credentials.`) };
  }
}

const REPAIR = "'omnigraph cluster refresh', then 'omnigraph cluster apply', publish it again.";
