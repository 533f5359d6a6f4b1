import { CancelledError, must, throwIfAborted } from "@omnigraphdb/common";
import type { Table } from "@lancedb/lancedb";
import type { Schema } from "apache-arrow";
import type { Column, RowBatch } from "../../columnar/column.js";
import { concatColumns } from "../../columnar/concat.js";
import type { NearestOptions, TextMatchOptions } from "../dataset-gateway.js";
import { lance } from "./arrow.js";
import { fromArrowBatch } from "./column-codec.js";
import { batchesOf, SCAN_BATCH_ROWS } from "./query-batches.js";
import { renderPredicate } from "./render-predicate.js";

/** Delivered only when named; unnamed, every search writes a warning. */
const DISTANCE = "_distance";
const SCORE = "_score";

export async function nearestRows(table: Table, { column, vector, rowCountMax, probeCount, columns, signal }: NearestOptions): Promise<RowBatch> {
  throwIfAborted(signal, "the search");
  const query = table
    .query()
    .nearestTo(vector)
    .column(column)
    .distanceType("l2")
    .nprobes(probeCount)
    .select([...columns, DISTANCE])
    .limit(rowCountMax);
  const { batches } = await query.toArrow({ maxBatchLength: rowCountMax });
  throwIfAborted(signal, "the search");
  const found = batches.filter(({ numRows }) => numRows > 0).map((batch) => fromArrowBatch(batch, columns));
  if (found.length === 0) return { rowCount: 0, columns: new Map() };
  const joined = columns.map((name): [string, Column] => [name, concatColumns(found.map((batch) => must(batch.columns.get(name), `column ${name} was not delivered`)))]);
  return { rowCount: found.reduce((sum, { rowCount }) => sum + rowCount, 0), columns: new Map(joined) };
}

export async function* textMatches(table: Table, schema: Schema, { column, query: text, columns, filter, signal }: TextMatchOptions): AsyncGenerator<RowBatch, void, undefined> {
  throwIfAborted(signal, "the search");
  const rendered = filter === undefined ? undefined : renderPredicate(filter, schema);
  if (rendered?.kind === "never") return;
  const { MatchQuery } = lance();
  // Without a limit a search ends after ten rows.
  const query = table
    .query()
    .fullTextSearch(new MatchQuery(text, column))
    .select([...columns, SCORE])
    .limit(Math.max(1, await table.countRows()));
  if (rendered !== undefined) query.where(rendered.text);
  for await (const batch of batchesOf(query, SCAN_BATCH_ROWS)) {
    if (batch.numRows > 0) yield fromArrowBatch(batch, columns);
    if (signal?.aborted === true) throw new CancelledError("the search", { cause: signal.reason });
  }
}
