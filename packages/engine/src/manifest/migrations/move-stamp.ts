import { must } from "@omnigraphdb/common";
import type { ManifestRow, ManifestTable } from "../../storage/dataset-gateway.js";
import { PUBLISH_ATTEMPTS_MAX } from "../../limits.js";
import { RowLevelCasContentionError } from "../errors.js";
import { decodeGraphRow, encodeGraphRow } from "../manifest-codec.js";
import { GRAPH_KEY } from "../manifest-keys.js";
import type { GraphRecord } from "../manifest.js";

/**
 * Changes the `graph` row by compare-and-set until `change` says that there is nothing left to do (undefined). Rows in
 * `alongside` are written by the same merge.
 */
export async function updateGraphRow(
  table: ManifestTable,
  change: (graph: GraphRecord) => { readonly graph: GraphRecord; readonly alongside: readonly ManifestRow[] } | undefined,
): Promise<void> {
  for (let attempt = 0; attempt < PUBLISH_ATTEMPTS_MAX; attempt++) {
    const row = must((await table.readRows([GRAPH_KEY])).get(GRAPH_KEY), "row 'graph' exists");
    const changed = change(decodeGraphRow(row));
    if (changed === undefined) return;
    const next = encodeGraphRow({ ...changed.graph, sequence: row.seq + 1 }, { txId: row.txId, createdAt: row.createdAt });
    await table.conditionalMerge([next, ...changed.alongside]);
  }
  const row = must((await table.readRows([GRAPH_KEY])).get(GRAPH_KEY), "row 'graph' exists");
  if (change(decodeGraphRow(row)) !== undefined) throw new RowLevelCasContentionError(PUBLISH_ATTEMPTS_MAX);
}

/** Moves the stamp from `from` to the next version, unless somebody else did. */
export function moveStamp(table: ManifestTable, from: number, alongside: readonly ManifestRow[] = []): Promise<void> {
  return updateGraphRow(table, (graph) =>
    graph.formatVersion > from ? undefined : { graph: { ...graph, formatVersion: from + 1 }, alongside },
  );
}
