import type { Adjacency } from "../adjacency/adjacency.js";
import { EntityDictionary, slotCountFor } from "../adjacency/entity-dictionary.js";
import type { Uint64Column } from "../columnar/column.js";
import { paddedLength } from "./cache-file-format.js";

const FLAG_SELF_LOOPS = 1;
const FLAG_COMPLETE = 2;
const FLAG_EDGES = 4;
const ADJACENCY_FIELDS = 6;

/** An adjacency with what it was made from. */
export interface StoredAdjacency {
  /** Names the datasets at their versions, and the form of the adjacency. */
  readonly identity: string;
  /** Rows of the edge dataset. */
  readonly edgeCount: number;
  readonly adjacency: Adjacency;
}

export function encodeAdjacency({ identity, edgeCount, adjacency }: StoredAdjacency): readonly Uint8Array[] {
  const { offsets, neighbors, edges, hasSelfLoops, isComplete, neighborRowCount } = adjacency;
  const name = new TextEncoder().encode(identity);
  const flags = (hasSelfLoops ? FLAG_SELF_LOOPS : 0) | (isComplete ? FLAG_COMPLETE : 0) | (edges === undefined ? 0 : FLAG_EDGES);
  const fields = Uint32Array.of(name.length, offsets.length, neighbors.length, neighborRowCount, flags, edgeCount);
  return [fields, name, offsets, neighbors, ...(edges === undefined ? [] : [edges])].map(bytesOf);
}

/** @returns undefined when the payload is no adjacency */
export function decodeAdjacency(payload: Uint8Array<ArrayBuffer>): StoredAdjacency | undefined {
  const reader = new SectionReader(payload);
  const fields = reader.words(ADJACENCY_FIELDS);
  if (fields === undefined) return undefined;
  const [nameBytes = 0, offsetCount = 0, neighborCount = 0, neighborRowCount = 0, flags = 0, edgeCount = 0] = fields;
  const name = reader.bytes(nameBytes);
  const offsets = reader.words(offsetCount);
  const neighbors = reader.words(neighborCount);
  const edges = (flags & FLAG_EDGES) === 0 ? undefined : reader.words(neighborCount);
  if (name === undefined || offsets === undefined || neighbors === undefined || reader.isOverrun || offsets.at(-1) !== neighborCount) return undefined;
  const adjacency = { offsets, neighbors, edges, hasSelfLoops: (flags & FLAG_SELF_LOOPS) !== 0, isComplete: (flags & FLAG_COMPLETE) !== 0, neighborRowCount };
  return { identity: new TextDecoder().decode(name), edgeCount, adjacency };
}

export function encodeDictionary(dictionary: EntityDictionary): readonly Uint8Array[] {
  return [Uint32Array.of(dictionary.rowCount), dictionary.hashWords, dictionary.slots].map(bytesOf);
}

export function decodeDictionary(payload: Uint8Array<ArrayBuffer>): EntityDictionary | undefined {
  const reader = new SectionReader(payload);
  const rowCount = reader.words(1)?.[0] ?? 0;
  const hashes = reader.words(rowCount * 2);
  const slots = reader.words(slotCountFor(rowCount));
  if (hashes === undefined || slots === undefined || reader.isOverrun) return undefined;
  const values = new BigUint64Array(hashes.buffer, hashes.byteOffset, rowCount);
  const column: Uint64Column = { kind: "u64", length: rowCount, validity: undefined, values };
  return new EntityDictionary(column, slots);
}

function bytesOf(values: Uint8Array | Uint32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Takes sections off a payload in the order they were written, as views. */
class SectionReader {
  readonly #payload: Uint8Array<ArrayBuffer>;
  #at = 0;
  #isOverrun = false;

  constructor(payload: Uint8Array<ArrayBuffer>) {
    this.#payload = payload;
  }

  get isOverrun(): boolean {
    return this.#isOverrun;
  }

  bytes(byteCount: number): Uint8Array<ArrayBuffer> | undefined {
    const end = this.#at + byteCount;
    if (end > this.#payload.byteLength) {
      this.#isOverrun = true;
      return undefined;
    }
    const section = this.#payload.subarray(this.#at, end);
    this.#at += paddedLength(byteCount);
    return section;
  }

  words(count: number): Uint32Array<ArrayBuffer> | undefined {
    const section = this.bytes(count * 4);
    return section === undefined ? undefined : new Uint32Array(section.buffer, section.byteOffset, count);
  }
}
