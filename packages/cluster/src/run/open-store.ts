import { isOmniError } from "@omnigraphdb/common";
import { type Diagnostics, diagnostic } from "../diagnostics/cluster-diagnostic.js";
import { type ClusterStore, openClusterStore } from "../storage/cluster-store.js";
import type { ClusterEnvironment, ClusterLocation } from "./cluster-environment.js";

/** @returns undefined after adding `storage_root_invalid`: an unknown kind of address, settings that cannot reach it (cluster.md 2.5) */
export async function openStoreOf({ storageRoot }: ClusterLocation, { s3, durability }: ClusterEnvironment, diagnostics: Diagnostics): Promise<ClusterStore | undefined> {
  try {
    return await openClusterStore(storageRoot, { durability, ...(s3 === undefined ? {} : { s3 }) });
  } catch (error) {
    if (!isOmniError(error)) throw error;
    diagnostics.add(diagnostic("storage_root_invalid", "storage", `the storage root ${storageRoot} cannot be used: ${error.message}. ${error.hint ?? ""}`.trim()));
    return undefined;
  }
}
