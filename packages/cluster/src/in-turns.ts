/**
 * Runs `work` on every item, at most `width` at a time. Results are in the order of the items.
 *
 * @throws the first failure. Nothing is begun after it, and what was under way has ended
 */
export async function inTurns<T, R>(items: readonly T[], width: number, work: (item: T, index: number) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const waiting = items.entries();
  const workOff = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, workOff));
  if (failures.length > 0) throw failures[0];
  return results;
}
