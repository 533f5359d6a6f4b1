import { batchByteCount } from "../columnar/column-bytes.js";
import type { RowBatch } from "../columnar/column.js";
import { requireColumn } from "../columnar/row-batch.js";
import type { DeltaRows, OrdinalBatch } from "../validate/delta.js";
import { SpillFile, type SpilledBatch } from "./spill-file.js";

export interface StagingSettings {
  readonly directory: string;
  /** Bytes of batches kept in memory before the rest goes to files. */
  readonly memoryBytes: number;
}

interface StagedBatch {
  readonly firstOrdinal: number;
  readonly rowCount: number;
  /** The rows, or where they are. */
  content: RowBatch | SpilledBatch;
}

/** Batches of one type in the order they were staged. */
export interface StagedRows extends DeltaRows {
  readonly layout: readonly { readonly firstOrdinal: number; readonly rowCount: number }[];
}

/**
 * Holds the batches of one write until it is published or given up: in memory up to a budget, the rest in one file of
 * a directory of its own, which `dispose` removes.
 */
export class BatchStaging implements AsyncDisposable {
  readonly #memoryBytesMax: number;
  readonly #file: SpillFile;
  #memoryBytes = 0;
  #waiting: StagedBatch[] = [];

  constructor({ directory, memoryBytes }: StagingSettings) {
    this.#memoryBytesMax = memoryBytes;
    this.#file = new SpillFile(directory);
  }

  createRows(): MutableStagedRows {
    return new MutableStagedRows(this);
  }

  /** Takes a batch at once; when memory is used up it is written to the file by the next `settle`. */
  stage(batch: StagedBatch, rows: RowBatch): void {
    const byteCount = batchByteCount(rows);
    if (this.#memoryBytes + byteCount > this.#memoryBytesMax) this.#waiting.push(batch);
    else this.#memoryBytes += byteCount;
  }

  /** Writes what exceeds the memory budget to the file. */
  async settle(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const batch of waiting) if (isInMemory(batch.content)) batch.content = await this.#file.append(batch.content);
  }

  async read({ content }: StagedBatch, columns?: readonly string[]): Promise<RowBatch> {
    if (!isInMemory(content)) return this.#file.read(content, columns);
    return columns === undefined ? content : selectColumns(content, columns);
  }

  dispose(): Promise<void> {
    return this.#file.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** {@link StagedRows} that still grow. */
export class MutableStagedRows implements StagedRows {
  readonly #staging: BatchStaging;
  readonly #batches: StagedBatch[] = [];
  #rowCount = 0;

  constructor(staging: BatchStaging) {
    this.#staging = staging;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get layout(): readonly { readonly firstOrdinal: number; readonly rowCount: number }[] {
    return this.#batches;
  }

  add(rows: RowBatch): void {
    const batch: StagedBatch = { firstOrdinal: this.#rowCount, rowCount: rows.rowCount, content: rows };
    this.#batches.push(batch);
    this.#rowCount += rows.rowCount;
    this.#staging.stage(batch, rows);
  }

  async *batches(columns?: readonly string[]): AsyncGenerator<OrdinalBatch> {
    for (const staged of this.#batches) {
      yield { firstOrdinal: staged.firstOrdinal, batch: await this.#staging.read(staged, columns) };
    }
  }
}

function isInMemory(content: RowBatch | SpilledBatch): content is RowBatch {
  return "columns" in content;
}

function selectColumns(batch: RowBatch, names: readonly string[]): RowBatch {
  return { rowCount: batch.rowCount, columns: new Map(names.map((name) => [name, requireColumn(batch, name)])) };
}
