import { isOmniError } from "@omnigraphdb/common";
import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { contentDigest } from "../digests.js";
import { inTurns } from "../in-turns.js";
import type { Ledger } from "../ledger/ledger.js";
import { parseResourceAddress } from "../resource-address.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";

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
  const recorded = [...ledger.resources].map(([address, { digest }]) => ({ address, digest })).sort((a, b) => (a.address < b.address ? -1 : 1));
  const findings = await inTurns(recorded, READS_AT_ONCE, ({ address, digest }) => verifyOne(store, address, digest));
  return findings.filter((finding) => finding !== undefined);
}

async function verifyOne(store: ClusterStore, address: string, digest: string): Promise<CatalogFinding | undefined> {
  let uri: string | undefined;
  let text: string | null;
  try {
    uri = catalogUri(store, address, digest);
    if (uri === undefined) return undefined;
    text = await store.objects.readTextIfExists(uri);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return finding("catalog_payload_read_error", address, "payload_read_error", `its catalog object cannot be read: ${error.message}. Check the storage and the credentials.`);
  }
  const place = shownLocation(uri);
  if (text === null) return finding("catalog_payload_missing", address, "payload_missing", `its catalog object ${place} is missing. ${REPAIR}`);
  if (contentDigest(text) === digest) return undefined;
  return finding("catalog_payload_mismatch", address, "payload_mismatch", `its catalog object ${place} was altered: it does not have the digest that was applied. ${REPAIR}`);
}

const REPAIR = "'omnigraph cluster refresh', then 'omnigraph cluster apply', publish it again.";

function finding(code: Parameters<typeof diagnostic>[0], address: string, condition: CatalogFinding["condition"], message: string): CatalogFinding {
  // A server cannot start without the object; here it only has to be published again.
  return { address, condition, diagnostic: diagnostic(code, address, message, { severity: condition === "payload_read_error" ? "error" : "warning" }) };
}

/** @returns undefined for resources that have no content in the catalog */
function catalogUri({ layout }: ClusterStore, address: string, digest: string): string | undefined {
  const parsed = parseResourceAddress(address);
  if (parsed?.kind === "query") return layout.queryObject(parsed.graphId, parsed.name, digest);
  return parsed?.kind === "policy" ? layout.policyObject(parsed.name, digest) : undefined;
}
