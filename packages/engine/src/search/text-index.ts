/**
 * Postings of one text property at one dataset version. Row numbers are those of the {@link TypeTable}, so rows that are deleted
 * count nowhere.
 */
export interface TextIndex {
  readonly rowCount: number;
  /** Rows with a text: N of query SR-21. */
  readonly documentCount: number;
  /** Memory held, in bytes. */
  readonly byteCount: number;
  /** Distinct analysed words of a query, in the order of their first appearance (query SR-1). */
  wordsOf(query: string): readonly string[];
  /** Words of the dictionary that are at most `maxEdits` edits away from one of `words` (query SR-3); ascending. */
  similarWords(words: readonly string[], maxEdits: number): Generator<void, readonly string[]>;
  /** Rows that contain at least one of `words` (query SR-2); ascending. */
  rowsWithAny(words: readonly string[]): Uint32Array;
  /** The row has no text: neither a match nor a non-match (query SR-8). */
  isNull(row: number): boolean;
  /** Rows that share a word, ascending, and beside them their BM25 (query SR-21). Each of `words` counts once. */
  score(words: readonly string[]): ScoredRows;
}

export interface ScoredRows {
  readonly rows: Uint32Array;
  readonly scores: Float64Array;
}
