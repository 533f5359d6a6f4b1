import { must } from "@omnigraphdb/common";
import { PUBLISH_ATTEMPTS_MAX } from "../limits.js";
import type { ManifestRow, ManifestTable } from "../storage/dataset-gateway.js";
import { RowLevelCasContentionError } from "./errors.js";
import { decodeGraphRow, encodeGraphRow } from "./manifest-codec.js";
import { GRAPH_KEY } from "./manifest-keys.js";
import type { GraphRecord } from "./manifest.js";

interface GraphRowChange {
  readonly graph: GraphRecord;
  /** Rows written by the same merge. */
  readonly alongside: readonly ManifestRow[];
}

/** Changes the `graph` row by compare-and-set until `change` says that nothing is left to do (undefined). */
export async function updateGraphRow(table: ManifestTable, change: (graph: GraphRecord) => GraphRowChange | undefined): Promise<void> {
  for (let attempt = 0; attempt < PUBLISH_ATTEMPTS_MAX; attempt++) {
    const row = await readGraphRow(table);
    const changed = change(decodeGraphRow(row));
    if (changed === undefined) return;
    const next = encodeGraphRow({ ...changed.graph, sequence: row.seq + 1 }, { txId: row.txId, createdAt: row.createdAt });
    await table.conditionalMerge([next, ...changed.alongside]);
  }
  if (change(decodeGraphRow(await readGraphRow(table))) !== undefined) throw new RowLevelCasContentionError(PUBLISH_ATTEMPTS_MAX);
}

async function readGraphRow(table: ManifestTable): Promise<ManifestRow> {
  return must((await table.readRows([GRAPH_KEY])).get(GRAPH_KEY), "row 'graph' exists");
}
