import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes after which dropped buffers are worth a collection of young objects, which takes about a millisecond. */
const COLLECT_BYTES: number = 4 * 1024 * 1024;

let collect: ((options: { readonly type: "minor" }) => void) | undefined;
let droppedBytes = 0;

/**
 * Says that buffers of the binding were dropped. They lie outside of what V8 counts, so it sees no reason to free them, and a long read
 * piles up hundreds of megabytes of them; a collection frees those that nothing refers to any more.
 */
export function buffersDropped(byteCount: number): void {
  droppedBytes += byteCount;
  if (droppedBytes < COLLECT_BYTES) return;
  droppedBytes = 0;
  collect ??= findCollector();
  collect({ type: "minor" });
}

function findCollector(): (options: { readonly type: "minor" }) => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as (options: { readonly type: "minor" }) => void;
}
