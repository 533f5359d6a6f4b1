import type { EdgeType } from "@omnigraphdb/compiler";
import { SOURCE_HASH_COLUMN } from "../storage/dataset-schema.js";
import type { GraphDelta, TypeDelta, TypeResolution } from "./delta.js";
import { hashPairs } from "./hash-pairs.js";

/**
 * What the validation of a write depended on and what the write changes, as keys. It exists only for writes that insert and replace:
 * two of them with no key in common are valid in either order, and the second is what it would be had it seen the first (WR-11).
 *
 * 1. ids: whether a row is new or replaces one, and which content stays
 * 2. tuples of `@unique` groups
 * 3. sources of edges whose number is bounded
 *
 * What else a validation reads, the ends of edges, can only appear by such writes, never vanish.
 */
export type WriteFootprint = ReadonlySet<string>;

/** A write of more keys gains nothing from company. */
const FOOTPRINT_KEYS_MAX = 1_024;

/** @returns undefined when the write removes something, replaces all of a type, or is large */
export async function footprintOf(delta: GraphDelta, resolutions: ReadonlyMap<string, TypeResolution>): Promise<WriteFootprint | undefined> {
  const keys = new Set<string>();
  for (const typeDelta of delta.types.values()) {
    if (typeDelta.replacesAll || typeDelta.removed !== undefined || typeDelta.rows.rowCount + keys.size > FOOTPRINT_KEYS_MAX) return undefined;
    const { type, ids, uniqueIndexes } = typeDelta;
    for (const { lo, hi } of ids.hashes()) keys.add(`${type.typeKey}#${lo}:${hi}`);
    for (const index of uniqueIndexes) {
      for (const { lo, hi } of index.hashes()) keys.add(`${type.typeKey}!${index.group.label}#${lo}:${hi}`);
    }
    if (type.kind === "edge") await addSources(keys, type, typeDelta, resolutions.get(type.typeKey));
  }
  return keys;
}

export function areDisjoint(left: WriteFootprint, right: WriteFootprint): boolean {
  const [few, many] = left.size <= right.size ? [left, right] : [right, left];
  for (const key of few) if (many.has(key)) return false;
  return true;
}

async function addSources(keys: Set<string>, type: EdgeType, delta: TypeDelta, resolution: TypeResolution | undefined): Promise<void> {
  if (type.cardinality.min === 0 && type.cardinality.max === null) return;
  const add = (lo: number, hi: number): unknown => keys.add(`${type.typeKey}>${lo}:${hi}`);
  for (const { lo, hi } of resolution?.replacedSources.entries() ?? []) add(lo, hi);
  for await (const { batch } of delta.rows.batches([SOURCE_HASH_COLUMN])) {
    const pairs = hashPairs(batch, SOURCE_HASH_COLUMN);
    for (let row = 0; row < batch.rowCount; row++) add(pairs[2 * row] as number, pairs[2 * row + 1] as number);
  }
}
