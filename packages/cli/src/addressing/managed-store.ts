import { resolve } from "node:path";
import type { Io } from "../io.js";
import { ManagedStoreError } from "./errors.js";
import type { StoreTarget } from "./target.js";

/** `<root>/graphs/<id>.omni`, where a cluster keeps its graphs. */
const IN_CLUSTER = /^(.*)[/\\]graphs[/\\]([^/\\]+)\.omni[/\\]?$/;

/**
 * Refuses to create or migrate what a cluster deploys (§10.13, §10.15). Costs no I/O for addresses of another shape.
 *
 * @throws ManagedStoreError
 */
export async function refuseManagedStore(io: Io, command: string, { uri }: Pick<StoreTarget, "uri">): Promise<void> {
  const [, root, graphId] = IN_CLUSTER.exec(uri.includes("://") ? uri : resolve(io.cwd, uri)) ?? [];
  if (root === undefined || graphId === undefined) return;
  const { openCluster } = await import("./open-cluster.js");
  const { objects, layout } = await openCluster(io, root);
  if ((await objects.readTextIfExists(layout.ledger)) !== null) throw new ManagedStoreError(command, uri, root, graphId);
}
