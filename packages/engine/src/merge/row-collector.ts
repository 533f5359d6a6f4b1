import { columnByteCount } from "../columnar/column-bytes.js";
import type { Column, RowBatch } from "../columnar/column.js";
import { concatColumns } from "../columnar/concat.js";
import { requireColumn, takeBatch } from "../columnar/row-batch.js";
import type { BatchStaging, MutableStagedRows, StagedRows } from "../staging/batch-staging.js";
import { BATCH_BYTES_MAX, BATCH_ROWS_MAX } from "../staging/staging-limits.js";

/** Gathers chosen rows of many batches into few staged ones: each staged batch becomes one native version. */
export class RowCollector {
  readonly #columns: readonly string[];
  readonly #staging: BatchStaging;
  readonly #staged: MutableStagedRows;
  #open: RowBatch[] = [];
  #openRows = 0;
  #openBytes = 0;

  constructor(columns: readonly string[], staging: BatchStaging) {
    this.#columns = columns;
    this.#staging = staging;
    this.#staged = staging.createRows();
  }

  /** Adds `rows` of `batch`, in that order. */
  async add(batch: RowBatch, rows: readonly number[]): Promise<void> {
    if (rows.length === 0) return;
    const wanted = new Map(this.#columns.map((name) => [name, requireColumn(batch, name)]));
    const taken = takeBatch({ rowCount: batch.rowCount, columns: wanted }, Uint32Array.from(rows));
    this.#open.push(taken);
    this.#openRows += taken.rowCount;
    for (const column of taken.columns.values()) this.#openBytes += columnByteCount(column);
    if (this.#openRows >= BATCH_ROWS_MAX || this.#openBytes >= BATCH_BYTES_MAX) await this.#flush();
  }

  async finish(): Promise<StagedRows> {
    await this.#flush();
    return this.#staged;
  }

  async #flush(): Promise<void> {
    if (this.#openRows === 0) return;
    const columns = new Map<string, Column>();
    for (const name of this.#columns) columns.set(name, concatColumns(this.#open.map((batch) => requireColumn(batch, name))));
    this.#staged.add({ rowCount: this.#openRows, columns });
    this.#open = [];
    this.#openRows = 0;
    this.#openBytes = 0;
    await this.#staging.settle();
  }
}
