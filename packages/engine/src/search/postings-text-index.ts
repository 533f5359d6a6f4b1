import { EditDistance } from "./edit-distance.js";
import { NULL_LENGTH, type Postings, postingsByteCount } from "./postings.js";
import type { ScoredRows, TextIndex } from "./text-index.js";

/** Parameters of BM25 (query SR-21). */
const K1 = 1.2;
const B = 0.75;

/** Above this share of the rows, adding up in an array over all rows beats merging lists. */
const DENSE_SHARE = 0.25;
/** Comparisons of words, by their cells, between two chances to pause. */
const STEPS_PER_PAUSE = 500_000;
const NO_ROWS: Uint32Array = new Uint32Array(0);

/** A {@link TextIndex} over postings in memory. */
export class PostingsTextIndex implements TextIndex {
  readonly rowCount: number;
  readonly documentCount: number;
  readonly postings: Postings;
  /** Rows that changed since the words were last written to a file. */
  readonly unsavedRowCount: number;
  readonly #tokenize: (text: string) => readonly string[];
  readonly #averageLength: number;
  readonly #encoder = new TextEncoder();
  /** k1·(1 − b + b·len/avglen) of each row; computed with the first score. */
  #norms: Float64Array | undefined;
  /** Lengths of the words in code points; computed with the first fuzzy search. */
  #wordLengths: Uint32Array | undefined;

  constructor(postings: Postings, tokenize: (text: string) => readonly string[], unsavedRowCount: number = 0) {
    this.postings = postings;
    this.unsavedRowCount = unsavedRowCount;
    this.#tokenize = tokenize;
    const { lengths } = postings;
    let documentCount = 0;
    let wordCount = 0;
    for (const length of lengths) {
      if (length === NULL_LENGTH) continue;
      documentCount++;
      wordCount += length;
    }
    this.rowCount = lengths.length;
    this.documentCount = documentCount;
    this.#averageLength = documentCount === 0 ? 0 : wordCount / documentCount;
  }

  get byteCount(): number {
    // What is derived later is counted from the start: it comes with the first use.
    return postingsByteCount(this.postings) + this.rowCount * 8 + this.postings.words.count * 4;
  }

  wordsOf(query: string): readonly string[] {
    return [...new Set(this.#tokenize(query))];
  }

  *similarWords(words: readonly string[], maxEdits: number): Generator<void, readonly string[]> {
    if (words.length === 0) return [];
    const { words: dictionary } = this.postings;
    const asked = words.map((word) => ({ distance: new EditDistance(word, maxEdits), length: [...word].length }));
    const lengths = this.#lengthsOfWords();
    const similar: string[] = [];
    const points = new Uint32Array(256);
    let steps = 0;
    for (let id = 0; id < dictionary.count; id++) {
      const length = lengths[id] as number;
      let buffer: Uint32Array | undefined;
      for (const { distance, length: askedLength } of asked) {
        if (++steps > STEPS_PER_PAUSE) {
          yield;
          steps = 0;
        }
        if (Math.abs(askedLength - length) > maxEdits) continue;
        if (buffer === undefined) {
          buffer = length <= points.length ? points : new Uint32Array(length);
          dictionary.codePointsOf(id, buffer);
        }
        steps += askedLength * Math.min(length, 2 * maxEdits + 1);
        if (!distance.isWithin(buffer, length)) continue;
        similar.push(dictionary.textOf(id));
        break;
      }
    }
    return similar.sort();
  }

  rowsWithAny(words: readonly string[]): Uint32Array {
    return this.#combine(words, () => 0, false).rows;
  }

  isNull(row: number): boolean {
    return this.postings.lengths[row] === NULL_LENGTH;
  }

  score(words: readonly string[]): ScoredRows {
    const count = this.documentCount;
    return this.#combine(words, (df) => Math.log(1 + (count - df + 0.5) / (df + 0.5)), true);
  }

  /** Rows of any of the words; a row's score is the sum over its words in the order of `words`. */
  #combine(words: readonly string[], idfOf: (df: number) => number, isScored: boolean): ScoredRows {
    const lists = [...new Set(words)].flatMap((word) => {
      const id = this.postings.words.find(this.#encoder.encode(word));
      return id < 0 ? [] : [this.#listOf(id, idfOf, isScored)];
    });
    const [first, ...others] = lists;
    if (first === undefined) return { rows: NO_ROWS, scores: new Float64Array(0) };
    const total = lists.reduce((sum, { rows }) => sum + rows.length, 0);
    // A copy: callers may keep or change it.
    if (others.length === 0) return { rows: first.rows.slice(), scores: first.scores };
    if (total > this.rowCount * DENSE_SHARE || others.length > 8) return this.#addDensely(lists, total);
    return others.reduce(mergeLists, first);
  }

  #listOf(id: number, idfOf: (df: number) => number, isScored: boolean): ScoredRows {
    const { starts, rows: allRows, counts } = this.postings;
    const start = starts[id] as number;
    const end = starts[id + 1] as number;
    const rows = allRows.subarray(start, end);
    const scores = new Float64Array(rows.length);
    if (!isScored) return { rows, scores };
    const norms = this.#normsOfRows();
    const weight = idfOf(rows.length) * (K1 + 1);
    for (let at = 0; at < rows.length; at++) {
      const frequency = counts[start + at] as number;
      scores[at] = (weight * frequency) / (frequency + (norms[rows[at] as number] as number));
    }
    return { rows, scores };
  }

  #addDensely(lists: readonly ScoredRows[], total: number): ScoredRows {
    const sums = new Float64Array(this.rowCount);
    const isHit = new Uint8Array(this.rowCount);
    for (const list of lists) {
      for (let at = 0; at < list.rows.length; at++) {
        const row = list.rows[at] as number;
        isHit[row] = 1;
        sums[row] = (sums[row] as number) + (list.scores[at] as number);
      }
    }
    const rows = new Uint32Array(Math.min(total, this.rowCount));
    const scores = new Float64Array(rows.length);
    let out = 0;
    for (let row = 0; row < this.rowCount; row++) {
      if (isHit[row] === 0) continue;
      rows[out] = row;
      scores[out++] = sums[row] as number;
    }
    return { rows: rows.slice(0, out), scores: scores.slice(0, out) };
  }

  #normsOfRows(): Float64Array {
    if (this.#norms === undefined) {
      const { lengths } = this.postings;
      // All texts without words: no row is ever scored.
      const scale = this.#averageLength === 0 ? 0 : (K1 * B) / this.#averageLength;
      this.#norms = new Float64Array(lengths.length);
      for (let row = 0; row < lengths.length; row++) this.#norms[row] = K1 * (1 - B) + scale * (lengths[row] as number);
    }
    return this.#norms;
  }

  #lengthsOfWords(): Uint32Array {
    if (this.#wordLengths === undefined) {
      const { words } = this.postings;
      this.#wordLengths = new Uint32Array(words.count);
      for (let id = 0; id < words.count; id++) this.#wordLengths[id] = words.codePointCountOf(id);
    }
    return this.#wordLengths;
  }
}

function mergeLists(left: ScoredRows, right: ScoredRows): ScoredRows {
  const rows = new Uint32Array(left.rows.length + right.rows.length);
  const scores = new Float64Array(rows.length);
  let at = 0;
  let other = 0;
  let out = 0;
  while (at < left.rows.length && other < right.rows.length) {
    const row = left.rows[at] as number;
    const otherRow = right.rows[other] as number;
    rows[out] = row < otherRow ? row : otherRow;
    let score = 0;
    if (row <= otherRow) score = left.scores[at++] as number;
    if (otherRow <= row) score += right.scores[other++] as number;
    scores[out++] = score;
  }
  for (; at < left.rows.length; at++, out++) {
    rows[out] = left.rows[at] as number;
    scores[out] = left.scores[at] as number;
  }
  for (; other < right.rows.length; other++, out++) {
    rows[out] = right.rows[other] as number;
    scores[out] = right.scores[other] as number;
  }
  return { rows: rows.subarray(0, out), scores: scores.subarray(0, out) };
}
