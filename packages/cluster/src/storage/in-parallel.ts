/** Reads of small objects that are in flight at once: enough to hide the latency of object storage, few enough for any store. */
export const READS_AT_ONCE = 32;

/** Runs `work` on every item, at most `width` at a time. Results are in the order of the items; after a failure no further item is begun. */
export async function inParallel<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const remaining = items.entries();
  let hasFailed = false;
  const run = async (): Promise<void> => {
    for (const [index, item] of remaining) {
      if (hasFailed) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, run));
  return results;
}
