import { isOmniError } from "@omnigraphdb/common";
import type { ClusterProblem } from "../cluster-problem.js";
import { contentDigest } from "../digests.js";
import type { ClusterStore } from "../storage/cluster-store.js";

const REPAIR = "Run 'omnigraph cluster refresh' and 'omnigraph cluster apply', then start again.";

/**
 * The content of one object of the catalog. Its name says which digest it must have, and it is hashed before it is trusted (cluster.md
 * 5.3).
 *
 * @param address of the resource, for the problem
 */
export async function readCatalogObject({ objects }: ClusterStore, uri: string, digest: string, address: string): Promise<{ readonly text: string } | ClusterProblem> {
  let text: string | null;
  try {
    text = await objects.readTextIfExists(uri);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return { code: "catalog_payload_missing", path: address, text: `its catalog object ${uri} cannot be read: ${error.message}. ${REPAIR}` };
  }
  if (text === null) return { code: "catalog_payload_missing", path: address, text: `its catalog object ${uri} is missing. ${REPAIR}` };
  if (contentDigest(text) !== digest) {
    return { code: "catalog_payload_digest_mismatch", path: address, text: `its catalog object ${uri} was altered: it does not have the digest that was applied. ${REPAIR}` };
  }
  return { text };
}
