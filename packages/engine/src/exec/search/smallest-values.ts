/** Longest limit for which rows that are certainly behind it are dropped as they come. */
export const CUT_ROWS_MAX = 65_536;

/** The smallest `count` of the numbers offered so far, repeated ones included: a heap with the largest of them on top. */
export class SmallestValues {
  readonly #heap: Float64Array;
  #size = 0;

  /** @param count at least 1 */
  constructor(count: number) {
    this.#heap = new Float64Array(count);
  }

  /** Whether at most `count` − 1 of the numbers offered so far are smaller. */
  offer(value: number): boolean {
    const heap = this.#heap;
    if (this.#size < heap.length) {
      this.#rise(value);
      return true;
    }
    const largest = heap[0] as number;
    if (value < largest) this.#sink(value);
    return value <= largest;
  }

  #rise(value: number): void {
    const heap = this.#heap;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (value <= (heap[parent] as number)) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = value;
  }

  #sink(value: number): void {
    const heap = this.#heap;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && (heap[child + 1] as number) > (heap[child] as number)) child++;
      if (value >= (heap[child] as number)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = value;
  }
}
