import { requireColumnOf } from "../columnar/row-batch.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { ID_COLUMN } from "../storage/dataset-schema.js";
import type { BatchRow } from "./cells-equal.js";

const NOTHING: ReadonlyMap<string, BatchRow> = new Map();

/**
 * The rows with the given ids, by id; ids that do not exist are missing. Uses the index of the id: ids, unlike their hashes,
 * need no second look.
 *
 * @param columns must include the id
 */
export async function lookUpRows(
  dataset: PinnedDataset | undefined,
  columns: readonly string[],
  ids: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, BatchRow>> {
  if (dataset === undefined || ids.length === 0) return NOTHING;
  const filter = { kind: "in", column: ID_COLUMN, values: ids.map((value) => ({ kind: "string", value }) as const) } as const;
  const found = new Map<string, BatchRow>();
  for await (const batch of dataset.scan({ columns, filter, ...(signal === undefined ? {} : { signal }) })) {
    const { bytes, offsets } = requireColumnOf(batch, ID_COLUMN, "utf8");
    for (let row = 0; row < batch.rowCount; row++) found.set(decodeUtf8(bytes, offsets[row] as number, offsets[row + 1] as number), { batch, row });
  }
  return found;
}
