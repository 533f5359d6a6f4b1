import { assert, isOmniError, must } from "@omnigraphdb/common";
import { type ClusterDiagnostic, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { contentDigest } from "../digests.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";
import { catalogUri } from "./read-catalog-object.js";

/**
 * Puts the content of a query or policy where its digest says. An object that is there is compared before it is trusted, and written
 * again when it was damaged (cluster.md 5.3, decision C6).
 *
 * @returns `resource_payload_write_error`, or undefined when the object is there
 */
export async function writeCatalogObject({ objects, layout }: ClusterStore, address: string, digest: string, text: string): Promise<ClusterDiagnostic | undefined> {
  assert(contentDigest(text) === digest, "a catalog object is named by its content");
  const uri = must(catalogUri(layout, address, digest), "only queries and policies have objects in the catalog");
  try {
    if ((await objects.readTextIfExists(uri)) !== text) await objects.writeText(uri, text);
    return undefined;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return diagnostic("resource_payload_write_error", address, `its catalog object ${shownLocation(uri)} could not be written: ${error.message}. Check the storage, then run 'omnigraph cluster apply' again.`);
  }
}
