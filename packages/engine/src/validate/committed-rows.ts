import { throwIfAborted } from "@omnigraphdb/common";
import type { RowBatch } from "../columnar/column.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { hashWordsToBigInt } from "../hash/entity-hash.js";
import { seekShared } from "./shared-seeks.js";

/** Up to this many values a filtered scan is asked for; beyond it reading the whole column is cheaper. */
const SEEK_VALUES_MAX = 4_096;

/** Values in one filter. */
const SEEK_CHUNK = 1_024;

/** Up to this many values are looked for together with those of other writers. */
const SHARED_VALUES_MAX = 16;

export interface HashWords {
  readonly lo: number;
  readonly hi: number;
}

/**
 * Committed rows whose `hashColumn` may be one of `hashes`: exactly those, or some more when they are few, else all rows. The caller
 * looks every row up anyway, so results do not depend on the choice.
 */
export async function* scanByHashes(
  dataset: PinnedDataset,
  columns: readonly string[],
  hashColumn: string,
  hashCount: number,
  hashes: () => Iterable<HashWords>,
  signal?: AbortSignal,
): AsyncGenerator<RowBatch> {
  const abort = signal === undefined ? {} : { signal };
  if (hashCount === 0) return;
  if (hashCount > SEEK_VALUES_MAX) {
    yield* dataset.scan({ columns, ...abort });
    return;
  }
  const wanted = [...hashes()].map(({ lo, hi }) => hashWordsToBigInt(lo, hi));
  if (wanted.length <= SHARED_VALUES_MAX) {
    yield* await seekShared(dataset, columns, hashColumn, wanted);
    throwIfAborted(signal, "the write");
    return;
  }
  const values = wanted.map((value) => ({ kind: "integer", value }) as const);
  for (let start = 0; start < values.length; start += SEEK_CHUNK) {
    const filter = { kind: "in", column: hashColumn, values: values.slice(start, start + SEEK_CHUNK) } as const;
    yield* dataset.scan({ columns, filter, ...abort });
  }
}
