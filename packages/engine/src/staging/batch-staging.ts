import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { columnByteCount } from "../columnar/column-bytes.js";
import type { Column, RowBatch } from "../columnar/column.js";
import type { DeltaRows, OrdinalBatch } from "../validate/delta.js";
import { requireColumn } from "../columnar/row-batch.js";
import { StorageError } from "../storage/errors.js";

export interface StagingSettings {
  readonly directory: string;
  /** Bytes of batches kept in memory before the rest goes to files. */
  readonly memoryBytes: number;
}

type BufferArray = Exclude<Column, { kind: "list" }> extends infer C ? (C extends { values: infer V } ? V : Uint8Array) : never;

/** Where one buffer of a spilled column lies. */
interface BufferPlace {
  readonly position: number;
  readonly byteLength: number;
  readonly arrayOf: (buffer: ArrayBuffer) => BufferArray | Int32Array;
}

/** A column with places instead of buffers. */
interface SpilledColumn {
  readonly column: Column;
  readonly places: Readonly<Record<string, BufferPlace>>;
  readonly items?: SpilledColumn;
}

interface StagedBatch {
  readonly firstOrdinal: number;
  readonly rowCount: number;
  inMemory: RowBatch | undefined;
  spilled: ReadonlyMap<string, SpilledColumn> | undefined;
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
  readonly #settings: StagingSettings;
  #directory: string | undefined;
  #file: FileHandle | undefined;
  #fileEnd = 0;
  #memoryBytes = 0;
  #waiting: StagedBatch[] = [];

  constructor(settings: StagingSettings) {
    this.#settings = settings;
  }

  createRows(): MutableStagedRows {
    return new MutableStagedRows(this);
  }

  /** Takes a batch at once; when memory is used up it is written to the file by the next `settle`. */
  stage(batch: StagedBatch, rows: RowBatch): void {
    let byteCount = 0;
    for (const column of rows.columns.values()) byteCount += columnByteCount(column);
    if (this.#memoryBytes + byteCount > this.#settings.memoryBytes) this.#waiting.push(batch);
    else this.#memoryBytes += byteCount;
  }

  /** Writes what exceeds the memory budget to the file. */
  async settle(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const batch of waiting) {
      if (batch.inMemory === undefined) continue;
      const spilled = new Map<string, SpilledColumn>();
      for (const [name, column] of batch.inMemory.columns) spilled.set(name, await this.#spill(column));
      batch.spilled = spilled;
      batch.inMemory = undefined;
    }
  }

  async read(batch: StagedBatch, columns?: readonly string[]): Promise<RowBatch> {
    if (batch.inMemory !== undefined) {
      return columns === undefined ? batch.inMemory : selectColumns(batch.inMemory, columns);
    }
    const restored = new Map<string, Column>();
    for (const [name, column] of batch.spilled ?? []) {
      if (columns === undefined || columns.includes(name)) restored.set(name, await this.#restore(column));
    }
    return { rowCount: batch.rowCount, columns: restored };
  }

  async dispose(): Promise<void> {
    const file = this.#file;
    const directory = this.#directory;
    this.#file = undefined;
    this.#directory = undefined;
    await file?.close();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #openFile(): Promise<FileHandle> {
    if (this.#file === undefined) {
      this.#directory = await mkdtemp(join(this.#settings.directory, "omnigraph-staging-"));
      this.#file = await open(join(this.#directory, "batches"), "wx+");
    }
    return this.#file;
  }

  async #spill(column: Column): Promise<SpilledColumn> {
    const places: Record<string, BufferPlace> = {};
    for (const [key, value] of Object.entries(column)) {
      if (!ArrayBuffer.isView(value)) continue;
      places[key] = await this.#append(value as Uint8Array);
    }
    const shape = { ...column, ...Object.fromEntries(Object.keys(places).map((key) => [key, undefined])) };
    return column.kind === "list" ? { column: shape, places, items: await this.#spill(column.items) } : { column: shape, places };
  }

  #append(view: Uint8Array): Promise<BufferPlace> {
    return translateFileErrors("write", () => this.#write(view));
  }

  async #write(view: Uint8Array): Promise<BufferPlace> {
    const file = await this.#openFile();
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const position = this.#fileEnd;
    for (let written = 0; written < bytes.length; ) {
      written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
    }
    this.#fileEnd += bytes.length;
    const TypedArray = view.constructor as new (buffer: ArrayBuffer) => BufferArray;
    return { position, byteLength: bytes.length, arrayOf: (buffer) => new TypedArray(buffer) };
  }

  async #restore(spilled: SpilledColumn): Promise<Column> {
    const file = await this.#openFile();
    const buffers: Record<string, unknown> = {};
    for (const [key, place] of Object.entries(spilled.places)) {
      buffers[key] = place.arrayOf(await translateFileErrors("read", () => readFully(file, place)));
    }
    const items = spilled.items === undefined ? {} : { items: await this.#restore(spilled.items) };
    return { ...spilled.column, ...buffers, ...items };
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
    const batch: StagedBatch = { firstOrdinal: this.#rowCount, rowCount: rows.rowCount, inMemory: rows, spilled: undefined };
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

async function readFully(file: FileHandle, place: BufferPlace): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(place.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, place.position + done);
    if (bytesRead === 0) throw new Error("the file is shorter than what was written to it");
    done += bytesRead;
  }
  return bytes.buffer;
}

/** A full disk or a missing directory is the operator's matter, not a bug. */
async function translateFileErrors<T>(verb: "read" | "write", call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError("Permanent", `cannot ${verb} staging files: ${reason}`, {
      cause,
      hint: "Check free space and permissions of the staging directory, or choose another one.",
    });
  }
}

function selectColumns(batch: RowBatch, names: readonly string[]): RowBatch {
  return { rowCount: batch.rowCount, columns: new Map(names.map((name) => [name, requireColumn(batch, name)])) };
}
