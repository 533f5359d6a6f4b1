import { resolve } from "node:path";
import { type ClusterStore, findAppliedGraph, listAppliedGraphs, openClusterStore, resolveStorageRoot } from "@omnigraphdb/cluster";
import { isS3Uri, parseS3Environment } from "@omnigraphdb/engine";
import { objectStoreEnvironment } from "../environment.js";
import type { Io } from "../io.js";
import { GraphSelectionError } from "./errors.js";

/** @param given a folder, whose `cluster.yaml` may name another storage root, or a storage root (§5.5) */
export async function openCluster(io: Io, given: string): Promise<ClusterStore> {
  const root = await resolveStorageRoot(given.includes("://") ? given : resolve(io.cwd, given));
  return openClusterStore(root, isS3Uri(root) ? { s3: parseS3Environment(objectStoreEnvironment(io.env)) } : {});
}

/**
 * Where the storage of a cluster's graph is. Only the ledger is read, so that this works when the catalog is damaged or a
 * recovery is pending (§5.5).
 *
 * @param graphId undefined for the only graph of the cluster
 */
export async function appliedStore(io: Io, root: string, graphId: string | undefined): Promise<string> {
  const cluster = await openCluster(io, root);
  return findAppliedGraph(cluster, graphId ?? onlyGraph(root, await listAppliedGraphs(cluster)));
}

/** §5.3: without `--graph` the cluster must have one graph. */
export function onlyGraph(root: string, ids: readonly string[]): string {
  const [id, ...others] = ids;
  if (id === undefined) throw new GraphSelectionError(`the cluster ${root} has no graph`, { hint: "Declare one in its cluster.yaml and run 'omnigraph cluster apply'." });
  if (others.length > 0) throw new GraphSelectionError(`the cluster ${root} has several graphs: ${ids.join(", ")}`, { hint: `Say which one is meant, for example --graph ${id}.` });
  return id;
}
