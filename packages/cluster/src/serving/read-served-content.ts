import { readCatalogObject } from "../catalog/read-catalog-object.js";
import type { ClusterProblem } from "../cluster-problem.js";
import type { ClusterStore } from "../storage/cluster-store.js";

const REPAIR = "Run 'omnigraph cluster refresh' and 'omnigraph cluster apply', then start again.";

/** What an applied query or policy says, or the problem that keeps it from being served: `catalog_payload_missing`, `catalog_payload_digest_mismatch` (cluster.md 14.2). */
export async function readServedContent(store: ClusterStore, address: string, digest: string): Promise<{ readonly text: string } | ClusterProblem> {
  const read = (await readCatalogObject(store, address, digest)) ?? { kind: "missing", fault: "it has no name that the catalog could hold it under" };
  if (read.kind === "whole") return { text: read.text };
  const code = read.kind === "altered" ? "catalog_payload_digest_mismatch" : "catalog_payload_missing";
  return { code, path: address, text: `${read.fault}. ${REPAIR}` };
}
