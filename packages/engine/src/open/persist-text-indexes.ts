import { must } from "@omnigraphdb/common";
import type { GraphCaches } from "../cache/graph-caches.js";
import { declaredIndexes } from "../maintenance/index-plan.js";
import type { Snapshot } from "../manifest/snapshot.js";
import { TEXT_FILE_ROWS_MIN } from "../search/text-index-file.js";
import type { DatasetGateway } from "../storage/dataset-gateway.js";

/** Writes the words of all properties with a full-text index that have no file yet, for whoever opens the graph next (CA-5). */
export async function persistTextIndexes(caches: GraphCaches, snapshot: Snapshot, datasets: DatasetGateway): Promise<void> {
  if (!caches.keepsFiles) return;
  for (const type of snapshot.catalog.nodeTypes) {
    const rowCount = snapshot.entries.get(type.typeKey)?.entityCount ?? 0;
    if (rowCount < TEXT_FILE_ROWS_MIN) continue;
    for (const { column, kind } of declaredIndexes(type)) {
      if (kind !== "fullText") continue;
      const property = must(type.propertyByName.get(column), `${type.typeKey} has no ${column}`);
      await caches.table(snapshot, type.typeKey, datasets).loadTextIndex(property);
    }
  }
  await caches.settle();
}
