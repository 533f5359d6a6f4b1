import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { must } from "@omnigraphdb/common";
import type { Column, RowBatch } from "../columnar/column.js";
import { StorageError } from "../storage/errors.js";

/** Arrays of eight-byte numbers begin at multiples of this. */
const ALIGNMENT = 8;

const ARRAY_TYPES = { Uint8Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array, Float32Array, Float64Array } as const;

/** Where one array of a column lies, `offset` bytes after the beginning of its batch. */
interface ArrayPlace {
  readonly key: string;
  readonly type: keyof typeof ARRAY_TYPES;
  readonly offset: number;
  readonly byteLength: number;
}

/** A column without its arrays, which lie elsewhere. */
interface ColumnDescription {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly arrays: readonly ArrayPlace[];
  readonly items?: ColumnDescription;
}

type BatchDescription = readonly (readonly [name: string, column: ColumnDescription])[];

/** Where a batch lies. All that is kept of it in memory: a graph of five gigabytes is forty thousand batches when it is exported. */
export interface SpilledBatch {
  readonly rowCount: number;
  readonly position: number;
  /** Of the arrays. The description of the columns follows. */
  readonly byteLength: number;
  readonly descriptionLength: number;
}

/** Reads `byteLength` bytes, `offset` bytes after the beginning of a batch. */
type ReadPart = (offset: number, byteLength: number) => Promise<Uint8Array>;

/** Batches of rows in a file in a folder of its own, which `dispose` removes. A batch is its arrays and then, as JSON, what they are. */
export class SpillFile {
  readonly #parent: string;
  #directory: string | undefined;
  #opening: Promise<FileHandle> | undefined;
  #end = 0;

  /** @param parent directory the folder is made in, with the first batch */
  constructor(parent: string) {
    this.#parent = parent;
  }

  async append(batch: RowBatch): Promise<SpilledBatch> {
    const position = this.#end;
    const description: [string, ColumnDescription][] = [];
    for (const [name, column] of batch.columns) description.push([name, await this.#appendColumn(column, position)]);
    const byteLength = this.#end - position;
    const { length: descriptionLength } = await this.#append(new TextEncoder().encode(JSON.stringify(description satisfies BatchDescription)));
    return { rowCount: batch.rowCount, position, byteLength, descriptionLength };
  }

  /** @param names columns wanted; absent: all, which takes one read */
  async read(batch: SpilledBatch, names?: readonly string[]): Promise<RowBatch> {
    const { rowCount, position, byteLength, descriptionLength } = batch;
    const whole = names === undefined ? await this.#read(position, byteLength + descriptionLength) : undefined;
    const readPart: ReadPart = (offset, length) =>
      whole === undefined ? this.#read(position + offset, length) : Promise.resolve(whole.subarray(offset, offset + length));
    const json = new TextDecoder().decode(await readPart(byteLength, descriptionLength));
    const columns = new Map<string, Column>();
    for (const [name, column] of JSON.parse(json) as BatchDescription) {
      if (names === undefined || names.includes(name)) columns.set(name, await restoreColumn(column, readPart));
    }
    return { rowCount, columns };
  }

  async dispose(): Promise<void> {
    const opening = this.#opening;
    const directory = this.#directory;
    this.#opening = undefined;
    this.#directory = undefined;
    await (await opening?.catch(() => undefined))?.close();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }

  async #appendColumn(column: Column, start: number): Promise<ColumnDescription> {
    const fields: Record<string, unknown> = {};
    const arrays: ArrayPlace[] = [];
    for (const [key, value] of Object.entries(column) as [string, unknown][]) {
      if (!ArrayBuffer.isView(value)) {
        if (key !== "items") fields[key] = value;
        continue;
      }
      const { position, length } = await this.#append(value);
      arrays.push({ key, type: arrayTypeOf(value), offset: position - start, byteLength: length });
    }
    return column.kind === "list" ? { fields, arrays, items: await this.#appendColumn(column.items, start) } : { fields, arrays };
  }

  #append(view: ArrayBufferView): Promise<{ readonly position: number; readonly length: number }> {
    return translateFileErrors("write", async () => {
      const file = await this.#file();
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      const position = this.#end;
      this.#end += Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT;
      for (let written = 0; written < bytes.length; ) {
        written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
      }
      return { position, length: bytes.length };
    });
  }

  #read(position: number, byteLength: number): Promise<Uint8Array> {
    return translateFileErrors("read", async () => {
      const file = await this.#file();
      const bytes = new Uint8Array(byteLength);
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
        if (bytesRead === 0) throw new Error("the file is shorter than what was written to it");
        done += bytesRead;
      }
      return bytes;
    });
  }

  #file(): Promise<FileHandle> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<FileHandle> {
    this.#directory = await mkdtemp(join(this.#parent, "omnigraph-staging-"));
    return open(join(this.#directory, "batches"), "wx+");
  }
}

async function restoreColumn({ fields, arrays, items }: ColumnDescription, readPart: ReadPart): Promise<Column> {
  const restored: Record<string, unknown> = { validity: undefined, ...fields };
  for (const { key, type, offset, byteLength } of arrays) {
    const bytes = await readPart(offset, byteLength);
    const ArrayType = ARRAY_TYPES[type];
    restored[key] = new ArrayType(bytes.buffer as ArrayBuffer, bytes.byteOffset, byteLength / ArrayType.BYTES_PER_ELEMENT);
  }
  if (items !== undefined) restored["items"] = await restoreColumn(items, readPart);
  return restored as unknown as Column;
}

/** A `Buffer` is bytes. */
function arrayTypeOf(view: ArrayBufferView): ArrayPlace["type"] {
  const names = Object.keys(ARRAY_TYPES) as ArrayPlace["type"][];
  return must(names.find((name) => view instanceof ARRAY_TYPES[name]), "the array types of columns are listed");
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
