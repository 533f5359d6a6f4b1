import type { BindingTable } from "../binding-table.js";
import type { QueryRun } from "../query-run.js";

interface RankedSlot {
  readonly slot: number;
  /** Id rank by row of the type. */
  readonly ranks: Uint32Array | "ascending";
}

/** Slots whose rank tuples fit one exact double each. */
interface PackedSlots {
  readonly slots: readonly (RankedSlot & { readonly radix: number })[];
  best: Float64Array<ArrayBuffer>;
  /** Keys of the batch at hand; reused, because fresh arrays of this size cost more than filling them. */
  keys: Float64Array<ArrayBuffer>;
}

/**
 * The first match row of each group in the default row order: groups come out in that order (EX-56). A row is its tuple of id ranks in
 * tie-break order, packed into as few doubles as hold it exactly.
 */
export class FirstRows {
  readonly #parts: readonly PackedSlots[];
  #groupCount = 0;

  constructor(run: QueryRun) {
    const parts: { slots: (RankedSlot & { radix: number })[]; best: Float64Array<ArrayBuffer>; keys: Float64Array<ArrayBuffer>; span: number }[] = [];
    for (const slot of run.prepared.tieBreakSlots) {
      const radix = Math.max(1, run.spaceOf(slot).rowCount);
      let last = parts.at(-1);
      if (last === undefined || last.span * radix > Number.MAX_SAFE_INTEGER) {
        last = { slots: [], best: new Float64Array(1), keys: new Float64Array(0), span: 1 };
        parts.push(last);
      }
      last.slots.push({ slot, ranks: run.idOperand(slot).view.ranks(), radix });
      last.span *= radix;
    }
    this.#parts = parts;
  }

  add(batch: BindingTable, groups: Uint32Array, groupCount: number): void {
    const keys = this.#parts.map((part) => packRanks(part, batch));
    for (const part of this.#parts) part.best = grown(part.best, this.#groupCount, groupCount);
    this.#groupCount = groupCount;
    const [first] = this.#parts;
    const [firstKeys] = keys;
    if (first === undefined || firstKeys === undefined) return;
    if (keys.length === 1) {
      const { best } = first;
      for (let k = 0; k < batch.rowCount; k++) {
        const group = groups[k] as number;
        if ((firstKeys[k] as number) < (best[group] as number)) best[group] = firstKeys[k] as number;
      }
      return;
    }
    for (let k = 0; k < batch.rowCount; k++) this.#keepSmaller(keys, k, groups[k] as number);
  }

  /** Sign of group a − group b. */
  comparer(): (a: number, b: number) => number {
    const parts = this.#parts;
    return (a, b) => {
      for (const { best } of parts) {
        const difference = (best[a] as number) - (best[b] as number);
        if (difference !== 0) return difference;
      }
      return 0;
    };
  }

  #keepSmaller(keys: readonly Float64Array[], k: number, group: number): void {
    for (let position = 0; position < keys.length; position++) {
      const key = keys[position]?.[k] as number;
      const best = this.#parts[position]?.best[group] as number;
      if (key > best) return;
      if (key === best) continue;
      this.#parts.forEach((part, i) => {
        if (i >= position) part.best[group] = keys[i]?.[k] as number;
      });
      return;
    }
  }
}

function packRanks(part: PackedSlots, { rowCount, columns }: BindingTable): Float64Array {
  if (part.keys.length < rowCount) part.keys = new Float64Array(rowCount);
  const { keys } = part;
  part.slots.forEach(({ slot, ranks, radix }, position) => {
    const rows = columns[slot] as Uint32Array;
    const weight = position === 0 ? 0 : radix;
    if (ranks === "ascending") for (let k = 0; k < rowCount; k++) keys[k] = (keys[k] as number) * weight + (rows[k] as number);
    else for (let k = 0; k < rowCount; k++) keys[k] = (keys[k] as number) * weight + (ranks[rows[k] as number] as number);
  });
  return keys;
}

function grown(best: Float64Array<ArrayBuffer>, known: number, groupCount: number): Float64Array<ArrayBuffer> {
  let out = best;
  if (groupCount > out.length) {
    out = new Float64Array(Math.max(groupCount, out.length * 2));
    out.set(best);
  }
  return out.fill(Infinity, known, groupCount);
}
