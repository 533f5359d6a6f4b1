/** Aborts with either. Disposed, it leaves no listener behind: one of them may live as long as the process. */
export function either(first: AbortSignal, second: AbortSignal | undefined): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const sources = second === undefined ? [first] : [first, second];
  for (const source of sources) {
    if (source.aborted) abort();
    source.addEventListener("abort", abort, { once: true });
  }
  return {
    signal: controller.signal,
    [Symbol.dispose](): void {
      for (const source of sources) source.removeEventListener("abort", abort);
    },
  };
}
