import type { ByteStringTable } from "./byte-string-table.js";

/** Length of a row without text. */
export const NULL_LENGTH = 0xffff_ffff;

/** What a {@link TextIndex} is computed from, and what its file holds. */
export interface Postings {
  readonly words: ByteStringTable;
  /** Word i occurs in `rows[starts[i] … starts[i + 1])`, ascending, as often as `counts` says beside it. */
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
  readonly counts: Uint8Array | Uint32Array;
  /** Words of each row, repetitions included; {@link NULL_LENGTH} where there is no text. */
  readonly lengths: Uint32Array;
}

export function postingsByteCount({ words, starts, rows, counts, lengths }: Postings): number {
  return words.byteCount + starts.byteLength + rows.byteLength + counts.byteLength + lengths.byteLength;
}

/** Counts in as few bytes as they fit in. */
export function compactCounts(counts: Uint32Array): Uint8Array | Uint32Array {
  for (const count of counts) if (count > 0xff) return counts;
  return Uint8Array.from(counts);
}
