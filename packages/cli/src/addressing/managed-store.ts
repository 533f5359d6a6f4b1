import { resolve } from "node:path";
import { objectStoreEnvironment } from "../environment.js";
import type { Io } from "../io.js";
import { ManagedStoreError } from "./errors.js";
import type { StoreTarget } from "./target.js";

/** `<root>/graphs/<id>.omni`, where a cluster keeps its graphs. */
const IN_CLUSTER = /^(.*)[/\\]graphs[/\\]([^/\\]+)\.omni[/\\]?$/;

/**
 * Refuses to create or migrate what a cluster deploys (§10.13, §10.15). Costs no I/O for addresses of another shape. What lies at the
 * root, or does not exist there, besides the ledger is of no concern: it need not be a configuration directory.
 *
 * @throws ManagedStoreError
 */
export async function refuseManagedStore(io: Io, command: string, { uri }: Pick<StoreTarget, "uri">): Promise<void> {
  const [, root, graphId] = IN_CLUSTER.exec(uri.includes("://") ? uri : resolve(io.cwd, uri)) ?? [];
  if (root === undefined || graphId === undefined) return;
  const { openClusterStore } = await import("@omnigraphdb/cluster");
  const { isS3Uri, normalizeUri, parseS3Environment } = await import("@omnigraphdb/engine");
  const storageRoot = normalizeUri(root === "" ? "/" : root);
  const { objects, layout } = await openClusterStore(storageRoot, isS3Uri(storageRoot) ? { s3: parseS3Environment(objectStoreEnvironment(io.env)) } : {});
  if ((await objects.readTextIfExists(layout.ledger)) !== null) throw new ManagedStoreError(command, uri, root, graphId);
}
