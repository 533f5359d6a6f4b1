import type { GraphCaches } from "../cache/graph-caches.js";
import type { Snapshot } from "../manifest/snapshot.js";
import { persistTextIndexes } from "./persist-text-indexes.js";
import type { RootAccess } from "./root-access.js";

/** Writes the topology and the words of a state that maintenance made, for whoever opens the graph next. A failure costs them time, not the maintenance its success. */
export async function persistTopology(caches: GraphCaches, snapshot: Snapshot, { storage, components }: RootAccess): Promise<void> {
  try {
    await caches.persistTopology(snapshot, storage.datasets);
    await persistTextIndexes(caches, snapshot, storage.datasets);
  } catch (error) {
    components.logger.warn("topology or words could not be written; queries build them", { error });
  }
}
