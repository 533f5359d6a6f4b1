import { ABSENT } from "../adjacency/entity-dictionary.js";
import { ByteStringTable } from "./byte-string-table.js";
import { compactCounts, NULL_LENGTH, type Postings } from "./postings.js";

/** How a later version of a dataset differs from an earlier one. */
export interface PostingsDelta {
  readonly rowCount: number;
  /** Row of the later version for each row of the earlier, whose text is unchanged; {@link ABSENT} for the others. Ascending. */
  readonly moves: Uint32Array;
  /** Rows of the later version that are new or changed, ascending; `postings` has them in this order. */
  readonly changedRows: Uint32Array;
  readonly changed: Postings;
}

/** Postings of the later version: those that a build would make, except for the order of the words. */
export function advancePostings(earlier: Postings, { rowCount, moves, changedRows, changed }: PostingsDelta): Postings {
  const lengths = new Uint32Array(rowCount).fill(NULL_LENGTH);
  moves.forEach((row, oldRow) => {
    if (row !== ABSENT) lengths[row] = earlier.lengths[oldRow] as number;
  });
  changedRows.forEach((row, at) => (lengths[row] = changed.lengths[at] as number));
  const kept = keptCounts(earlier, moves);
  const words = new ByteStringTable(earlier.words.count, earlier.words.pool().length);
  const starts: number[] = [0];
  const capacity = kept.reduce((sum, count) => sum + count, 0) + changed.rows.length;
  const rows = new Uint32Array(capacity);
  const counts = new Uint32Array(capacity);
  let out = 0;
  const pool = earlier.words.pool();
  const offsets = earlier.words.offsets();
  for (let word = 0; word < earlier.words.count; word++) {
    const start = offsets[word] as number;
    const end = offsets[word + 1] as number;
    const other = changed.words.find(pool, start, end);
    if (kept[word] === 0 && other < 0) continue;
    words.intern(pool, start, end);
    out = mergeWord({ earlier, moves, changed, changedRows, rows, counts }, word, other, out);
    starts.push(out);
  }
  const changedPool = changed.words.pool();
  const changedOffsets = changed.words.offsets();
  for (let other = 0; other < changed.words.count; other++) {
    const known = words.count;
    if (words.intern(changedPool, changedOffsets[other], changedOffsets[other + 1]) < known) continue;
    out = mergeWord({ earlier, moves, changed, changedRows, rows, counts }, -1, other, out);
    starts.push(out);
  }
  return { words, starts: Uint32Array.from(starts), rows, counts: compactCounts(counts), lengths };
}

/** Postings of each word that stay. */
function keptCounts({ words, starts, rows }: Postings, moves: Uint32Array): Uint32Array {
  const kept = new Uint32Array(words.count);
  for (let word = 0; word < words.count; word++) {
    const end = starts[word + 1] as number;
    let count = 0;
    for (let at = starts[word] as number; at < end; at++) if (moves[rows[at] as number] !== ABSENT) count++;
    kept[word] = count;
  }
  return kept;
}

interface Merge extends Pick<PostingsDelta, "moves" | "changed" | "changedRows"> {
  readonly earlier: Postings;
  readonly rows: Uint32Array;
  readonly counts: Uint32Array;
}

/** Appends the postings of one word at `out`. @param word in the earlier dictionary, @param other in that of the changes; -1 = not there */
function mergeWord({ earlier, moves, changed, changedRows, rows, counts }: Merge, word: number, other: number, out: number): number {
  let at = word < 0 ? 0 : (earlier.starts[word] as number);
  const end = word < 0 ? 0 : (earlier.starts[word + 1] as number);
  let next = other < 0 ? 0 : (changed.starts[other] as number);
  const last = other < 0 ? 0 : (changed.starts[other + 1] as number);
  for (;;) {
    while (at < end && moves[earlier.rows[at] as number] === ABSENT) at++;
    const row = at < end ? (moves[earlier.rows[at] as number] as number) : ABSENT;
    const changedRow = next < last ? (changedRows[changed.rows[next] as number] as number) : ABSENT;
    if (row === ABSENT && changedRow === ABSENT) return out;
    if (row < changedRow) {
      rows[out] = row;
      counts[out++] = earlier.counts[at++] as number;
    } else {
      rows[out] = changedRow;
      counts[out++] = changed.counts[next++] as number;
    }
  }
}
