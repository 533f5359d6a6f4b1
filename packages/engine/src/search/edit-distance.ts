/**
 * Whether two words are at most `max` insertions, deletions or replacements of code points apart (query SR-3). Ends as soon as the
 * answer is no.
 */
export class EditDistance {
  readonly #word: Uint32Array;
  readonly #max: number;
  #row: Uint32Array;

  constructor(word: string, max: number) {
    this.#word = Uint32Array.from(word, (character) => character.codePointAt(0) ?? 0);
    this.#max = max;
    this.#row = new Uint32Array(0);
  }

  /** @param other code points in its first `length` places */
  isWithin(other: Uint32Array, length: number): boolean {
    const word = this.#word;
    const max = this.#max;
    if (Math.abs(word.length - length) > max) return false;
    if (this.#row.length <= length) this.#row = new Uint32Array(length + 1);
    const row = this.#row;
    for (let j = 0; j <= length; j++) row[j] = j;
    for (let i = 1; i <= word.length; i++) {
      // Cells further than `max` from the diagonal cannot lead to an answer within it.
      const first = Math.max(1, i - max);
      const last = Math.min(length, i + max);
      let diagonal = row[first - 1] as number;
      row[first - 1] = first === 1 ? i : max + 1;
      let best = row[first - 1] as number;
      for (let j = first; j <= last; j++) {
        // Beyond the last band the cell above is stale.
        const above = j > i - 1 + max ? max + 1 : (row[j] as number);
        const cost = word[i - 1] === other[j - 1] ? diagonal : Math.min(diagonal, above, row[j - 1] as number) + 1;
        diagonal = above;
        row[j] = cost;
        if (cost < best) best = cost;
      }
      if (best > max) return false;
    }
    return (row[length] as number) <= max;
  }
}
