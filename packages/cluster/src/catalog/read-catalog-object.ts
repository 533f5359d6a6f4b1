import { isOmniError } from "@omnigraphdb/common";
import { contentDigest } from "../digests.js";
import { parseResourceAddress } from "../resource-address.js";
import type { ClusterLayout } from "../storage/cluster-layout.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { shownLocation } from "../storage/shown-location.js";

/** The content of a query or policy, or why it is not to be had. */
export type CatalogRead = { readonly kind: "whole"; readonly text: string } | CatalogFault;

/** `fault` continues a sentence that begins with the resource. */
export interface CatalogFault {
  readonly kind: "missing" | "altered" | "unreadable";
  readonly fault: string;
}

/**
 * Reads what the catalog holds of one resource. The name of an object says which digest it must have, and it is hashed before it is
 * trusted (cluster.md 5.3): here, for whoever reads the catalog.
 *
 * @returns undefined for resources that have no content in the catalog
 */
export async function readCatalogObject({ objects, layout }: ClusterStore, address: string, digest: string): Promise<CatalogRead | undefined> {
  let uri: string | undefined;
  let text: string | null;
  try {
    uri = catalogUri(layout, address, digest);
    if (uri === undefined) return undefined;
    text = await objects.readTextIfExists(uri);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return { kind: "unreadable", fault: `its catalog object${uri === undefined ? "" : ` ${shownLocation(uri)}`} cannot be read: ${error.message}` };
  }
  if (text === null) return { kind: "missing", fault: `its catalog object ${shownLocation(uri)} is missing` };
  if (contentDigest(text) !== digest) return { kind: "altered", fault: `its catalog object ${shownLocation(uri)} was altered: it does not have the digest that was applied` };
  return { kind: "whole", text };
}

/**
 * Where the catalog keeps the content of a resource; undefined for a kind that has none.
 *
 * @throws StorageError for a name or digest that cannot be part of an address
 */
export function catalogUri(layout: ClusterLayout, address: string, digest: string): string | undefined {
  const parsed = parseResourceAddress(address);
  if (parsed?.kind === "query") return layout.queryObject(parsed.graphId, parsed.name, digest);
  return parsed?.kind === "policy" ? layout.policyObject(parsed.name, digest) : undefined;
}
