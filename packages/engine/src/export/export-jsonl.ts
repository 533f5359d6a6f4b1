import { throwIfAborted } from "@omnigraphdb/common";
import type { EntityType } from "@omnigraphdb/compiler";
import type { StagingSettings } from "../staging/batch-staging.js";
import type { Snapshot } from "../manifest/snapshot.js";
import { type DatasetGateway, ROW_NUMBER_COLUMN } from "../storage/dataset-gateway.js";
import { UnknownExportTypeError } from "./errors.js";
import { blobProperties, exportColumns, recordEncoder } from "./encode-record.js";
import { rowsWithBlobs } from "./rows-with-blobs.js";
import { scanInRanges } from "./scan-in-ranges.js";
import { sortRowsById } from "./sorted-rows.js";

/** Bytes of one chunk, unless a single row is larger (EX-7, LIM-9). */
export const EXPORT_CHUNK_BYTES: number = 64 * 1024;

/** Bytes of sorted runs an export keeps in memory before the rest goes to a file. What fits into one run is never staged. */
export const EXPORT_STAGED_BYTES: number = 2 * 1024 * 1024;

export interface ExportJsonlOptions {
  /** Type names without prefix; empty or absent = all (EX-4). */
  readonly typeNames?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What an export needs from its graph. */
export interface ExportContext {
  readonly datasets: DatasetGateway;
  readonly staging: StagingSettings;
}

/**
 * NDJSON of one snapshot (EX-1 … EX-7): types ascending by type key, so edges first; entities ascending by id. Streams
 * in bounded memory; breaking out of the loop frees everything.
 *
 * @throws UnknownExportTypeError at once, before the first chunk
 */
export function exportJsonl(snapshot: Snapshot, options: ExportJsonlOptions, context: ExportContext): AsyncIterable<Uint8Array> {
  return exportTypes(selectTypes(snapshot, options.typeNames ?? []), snapshot, options.signal, context);
}

/** A name that is both a node and an edge type selects both. */
function selectTypes(snapshot: Snapshot, names: readonly string[]): readonly EntityType[] {
  const all: readonly EntityType[] = [...snapshot.catalog.edgeTypes, ...snapshot.catalog.nodeTypes];
  for (const name of names) {
    if (!all.some((type) => type.name === name)) throw new UnknownExportTypeError(name, [...new Set(all.map((type) => type.name))]);
  }
  return names.length === 0 ? all : all.filter((type) => names.includes(type.name));
}

/** The entities of some types, as {@link exportJsonl} writes them: type by type, ascending by type key. */
export async function* exportTypes(
  types: readonly EntityType[],
  snapshot: Snapshot,
  signal: AbortSignal | undefined,
  context: ExportContext,
): AsyncGenerator<Uint8Array> {
  const chunk = new ChunkBuilder();
  for (const type of [...types].sort((a, b) => (a.typeKey < b.typeKey ? -1 : 1))) {
    throwIfAborted(signal, "the export");
    const entry = snapshot.entries.get(type.typeKey);
    if (entry === undefined || entry.entityCount === 0) continue;
    const dataset = await context.datasets.openPinned(entry.location, entry.publishedVersion);
    const encode = recordEncoder(type);
    const blobNames = blobProperties(type);
    const columns = blobNames.length === 0 ? exportColumns(type) : [...exportColumns(type), ROW_NUMBER_COLUMN];
    const rows = scanInRanges(dataset, entry.entityCount, { columns, ...(signal === undefined ? {} : { signal }) });
    for await (const { batch, row, blobs } of rowsWithBlobs(sortRowsById(rows, context.staging), dataset, blobNames)) {
      const full = chunk.add(encode(batch, row, blobs));
      if (full === undefined) continue;
      yield full;
      throwIfAborted(signal, "the export");
    }
  }
  const rest = chunk.take();
  if (rest !== undefined) yield rest;
}

/** Gathers lines into chunks; a line is never divided. */
class ChunkBuilder {
  #lines = "";
  #byteCount = 0;

  /** Adds a line; a chunk when the lines before it had no room left for it. */
  add(line: string): Uint8Array | undefined {
    const byteCount = Buffer.byteLength(line);
    const full = this.#byteCount + byteCount > EXPORT_CHUNK_BYTES ? this.take() : undefined;
    this.#lines += line;
    this.#byteCount += byteCount;
    return full;
  }

  take(): Uint8Array | undefined {
    if (this.#byteCount === 0) return undefined;
    const bytes = new TextEncoder().encode(this.#lines);
    this.#lines = "";
    this.#byteCount = 0;
    return bytes;
  }
}
