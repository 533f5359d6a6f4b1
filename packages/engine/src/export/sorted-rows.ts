import { batchByteCount } from "../columnar/column-bytes.js";
import type { Column, RowBatch, Utf8Column } from "../columnar/column.js";
import { compareBytes } from "../columnar/compare-bytes.js";
import { concatColumns } from "../columnar/concat.js";
import { heldBuffersDropped } from "../columnar/dropped-buffers.js";
import { requireColumnOf, takeBatch } from "../columnar/row-batch.js";
import { BatchStaging, type MutableStagedRows, type StagingSettings } from "../staging/batch-staging.js";
import { ID_COLUMN } from "../storage/dataset-schema.js";

/** Bytes sorted at a time. */
const SORT_RUN_BYTES: number = 32 * 1024 * 1024;

/**
 * Bytes of each run that are in memory during the merge: 13 MiB for the 160 runs of five gigabytes. Buffers beyond 64 KiB are ones that the C library can
 * give back one by one (docs/user/server.md).
 */
const SLICE_BYTES: number = 80 * 1024;

/** Row `row` of `batch`. */
export interface SortedRow {
  readonly batch: RowBatch;
  readonly row: number;
}

/**
 * All rows of `batches` ascending by id (bytes of UTF-8), in bounded memory: runs are sorted, staged (in files beyond
 * the staging budget) and merged. Staging is removed when the iteration ends, also by a break.
 */
export async function* sortRowsById(
  batches: AsyncIterable<RowBatch>,
  staging: StagingSettings,
  runBytes: number = SORT_RUN_BYTES,
): AsyncGenerator<SortedRow> {
  await using store = new BatchStaging(staging);
  const runs: MutableStagedRows[] = [];
  let open: RowBatch[] = [];
  let openBytes = 0;
  for await (const batch of batches) {
    if (batch.rowCount === 0) continue;
    open.push(batch);
    openBytes += batchByteCount(batch);
    if (openBytes < runBytes) continue;
    runs.push(await stageRun(open, store));
    open = [];
    openBytes = 0;
  }
  if (runs.length === 0) {
    if (open.length > 0) yield* rowsOf(sortedSlices(open));
    return;
  }
  if (open.length > 0) runs.push(await stageRun(open, store));
  yield* mergeRuns(runs);
}

/** @param batches emptied */
async function stageRun(batches: RowBatch[], store: BatchStaging): Promise<MutableStagedRows> {
  const run = store.createRows();
  for (const slice of sortedSlices(batches)) {
    run.add(slice);
    await store.settle();
  }
  return run;
}

function* rowsOf(slices: Iterable<RowBatch>): Generator<SortedRow> {
  for (const batch of slices) for (let row = 0; row < batch.rowCount; row++) yield { batch, row };
}

/** The rows of all batches in order of id, a few kilobytes at a time. @param batches emptied, so that rows are held once */
function* sortedSlices(batches: RowBatch[]): Generator<RowBatch> {
  const whole = concatBatches(batches.splice(0));
  const id = requireColumnOf(whole, ID_COLUMN, "utf8");
  const order = new Uint32Array(whole.rowCount);
  for (let row = 0; row < order.length; row++) order[row] = row;
  if (!isAscending(id)) order.sort((a, b) => compareIds(id, a, id, b));
  const sliceRows = Math.max(1, Math.floor((SLICE_BYTES * whole.rowCount) / Math.max(1, batchByteCount(whole))));
  for (let start = 0; start < order.length; start += sliceRows) yield takeBatch(whole, order.subarray(start, start + sliceRows));
}

function concatBatches(batches: readonly RowBatch[]): RowBatch {
  const first = batches[0] as RowBatch;
  const columns = new Map<string, Column>();
  for (const name of first.columns.keys()) columns.set(name, concatColumns(batches.map((batch) => batch.columns.get(name) as Column)));
  return { rowCount: batches.reduce((sum, batch) => sum + batch.rowCount, 0), columns };
}

function isAscending(id: Utf8Column): boolean {
  for (let row = 1; row < id.length; row++) if (compareIds(id, row - 1, id, row) > 0) return false;
  return true;
}

function compareIds(a: Utf8Column, rowA: number, b: Utf8Column, rowB: number): number {
  return compareBytes(
    a.bytes,
    a.offsets[rowA] as number,
    a.offsets[rowA + 1] as number,
    b.bytes,
    b.offsets[rowB] as number,
    b.offsets[rowB + 1] as number,
  );
}

/** The next row of one run. */
interface RunHead {
  readonly rest: AsyncIterator<{ readonly batch: RowBatch }>;
  batch: RowBatch;
  id: Utf8Column;
  row: number;
}

async function* mergeRuns(runs: readonly MutableStagedRows[]): AsyncGenerator<SortedRow> {
  const heads: RunHead[] = [];
  for (const run of runs) {
    const rest = run.batches()[Symbol.asyncIterator]();
    const first = await rest.next();
    if (first.done === true) continue;
    const { batch } = first.value;
    pushHead(heads, { rest, batch, id: requireColumnOf(batch, ID_COLUMN, "utf8"), row: 0 });
  }
  for (;;) {
    const least = heads[0];
    if (least === undefined) return;
    yield { batch: least.batch, row: least.row };
    least.row++;
    if (least.row === least.batch.rowCount && !(await refill(least))) {
      const last = heads.pop() as RunHead;
      if (heads.length === 0) return;
      heads[0] = last;
    }
    siftDown(heads);
  }
}

async function refill(head: RunHead): Promise<boolean> {
  const next = await head.rest.next();
  if (next.done === true) return false;
  heldBuffersDropped(batchByteCount(head.batch));
  head.batch = next.value.batch;
  head.id = requireColumnOf(head.batch, ID_COLUMN, "utf8");
  head.row = 0;
  return true;
}

function isBefore(a: RunHead, b: RunHead): boolean {
  return compareIds(a.id, a.row, b.id, b.row) < 0;
}

function pushHead(heads: RunHead[], head: RunHead): void {
  let at = heads.push(head) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(head, heads[parent] as RunHead)) break;
    heads[at] = heads[parent] as RunHead;
    at = parent;
  }
  heads[at] = head;
}

function siftDown(heads: RunHead[]): void {
  const head = heads[0] as RunHead;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heads.length) break;
    if (child + 1 < heads.length && isBefore(heads[child + 1] as RunHead, heads[child] as RunHead)) child++;
    if (!isBefore(heads[child] as RunHead, head)) break;
    heads[at] = heads[child] as RunHead;
    at = child;
  }
  heads[at] = head;
}
