import { openObjectStore, type ObjectStore, type S3Settings } from "@omnigraphdb/engine";
import { type ClusterLayout, clusterLayout } from "./cluster-layout.js";

/** The objects of one cluster: a storage root, opened. */
export interface ClusterStore {
  readonly layout: ClusterLayout;
  readonly objects: ObjectStore;
}

export interface ClusterStoreOptions {
  /** Needed for `s3://` roots only. */
  readonly s3?: S3Settings;
  /** Default `power`: what the control plane acknowledged survives a loss of power. */
  readonly durability?: "process" | "power";
}

/** @param root as `resolveStorageRoot` gives it. Makes no request. */
export async function openClusterStore(root: string, options: ClusterStoreOptions = {}): Promise<ClusterStore> {
  return { layout: clusterLayout(root), objects: await openObjectStore(root, { durability: "power", ...options }) };
}
