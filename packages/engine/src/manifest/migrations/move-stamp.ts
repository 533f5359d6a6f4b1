import type { ManifestRow, ManifestTable } from "../../storage/dataset-gateway.js";
import { updateGraphRow } from "../update-graph-row.js";

/** Moves the stamp from `from` to the next version, unless somebody else did; `alongside` is written by the same merge. */
export function moveStamp(table: ManifestTable, from: number, alongside: readonly ManifestRow[] = []): Promise<void> {
  return updateGraphRow(table, (graph) =>
    graph.formatVersion > from ? undefined : { graph: { ...graph, formatVersion: from + 1 }, alongside },
  );
}
