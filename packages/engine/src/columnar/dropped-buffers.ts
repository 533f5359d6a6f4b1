/**
 * Collections of garbage that the engine's own streams know are due, and V8 does not (docs/decisions/0024-exports-read-in-ranges.md). Used by
 * exports only: nothing else drops gigabytes in one call.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes of the binding's buffers after which a collection of young objects is worth its millisecond. */
const NATIVE_BYTES: number = 4 * 1024 * 1024;

/** Bytes of long-held buffers after which a collection of all objects is worth its twenty milliseconds. */
const HELD_BYTES: number = 8 * 1024 * 1024;

type Collection = "minor" | "major";

let collect: ((options: { readonly type: Collection }) => void) | undefined;

class DroppedBuffers {
  readonly #byteCountMax: number;
  readonly #collection: Collection;
  #byteCount = 0;

  constructor(byteCountMax: number, collection: Collection) {
    this.#byteCountMax = byteCountMax;
    this.#collection = collection;
  }

  add(byteCount: number): void {
    this.#byteCount += byteCount;
    if (this.#byteCount < this.#byteCountMax) return;
    this.#byteCount = 0;
    collect ??= findCollector();
    collect({ type: this.#collection });
  }
}

const native = new DroppedBuffers(NATIVE_BYTES, "minor");
const held = new DroppedBuffers(HELD_BYTES, "major");

/** Buffers of the binding were dropped. They lie outside of what V8 counts, so it sees no reason to free them, and a long read piles up hundreds of megabytes. */
export function nativeBuffersDropped(byteCount: number): void {
  native.add(byteCount);
}

/** Buffers were dropped that had been held for so long that only a collection of all objects frees them. V8 lets 64 MB of such gather. */
export function heldBuffersDropped(byteCount: number): void {
  held.add(byteCount);
}

function findCollector(): (options: { readonly type: Collection }) => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as (options: { readonly type: Collection }) => void;
}
