/** Below this length a byte loop beats the call overhead of `set`. */
const SHORT_COPY_BYTES = 32;

/** Copies `from[start … end)` to `to` at `at`. */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > SHORT_COPY_BYTES) {
    to.set(from.subarray(start, end), at);
    return;
  }
  let target = at;
  for (let i = start; i < end; i++) to[target++] = from[i] as number;
}
