import { assert, isOmniError } from "@omnigraphdb/common";
import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { contentDigest } from "../digests.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";

/**
 * Puts the content of a query or policy where its digest says. An object that is there is hashed before it is trusted, and written again
 * when it was damaged (cluster.md 5.3, decision C6).
 *
 * @param uri `queryObject` or `policyObject` of the layout, for this digest
 * @param address of the resource, for the finding
 * @returns `resource_payload_write_error`, or undefined when the object is there
 */
export async function writeCatalogObject({ objects }: ClusterStore, uri: string, digest: string, text: string, address: string): Promise<ClusterDiagnostic | undefined> {
  assert(contentDigest(text) === digest, "a catalog object is named by its content");
  try {
    if ((await objects.readTextIfExists(uri)) !== text) await objects.writeText(uri, text);
    return undefined;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return diagnostic("resource_payload_write_error", address, `its catalog object ${shownLocation(uri)} could not be written: ${error.message}. Check the storage, then run 'omnigraph cluster apply' again.`);
  }
}
