/** Reads of one process by graph, so that a cleanup of the same process leaves them what they read. */
const readsByRoot = new Map<string, Set<RunningRead>>();

interface RunningRead {
  readonly startedAtMs: number;
}

/**
 * Registers a read for as long as the result is not disposed.
 *
 * @param identity canonical identity of the graph's root
 * @param startedAtMs wall clock, taken before the read resolves its snapshot
 */
export function beginRead(identity: string, startedAtMs: number): Disposable {
  const reads = readsByRoot.get(identity) ?? new Set<RunningRead>();
  readsByRoot.set(identity, reads);
  const read: RunningRead = { startedAtMs };
  reads.add(read);
  return {
    [Symbol.dispose]: (): void => {
      reads.delete(read);
      if (reads.size === 0 && readsByRoot.get(identity) === reads) readsByRoot.delete(identity);
    },
  };
}

/** Start of the oldest running read of the graph in this process, Unix time in milliseconds. */
export function oldestReadMs(identity: string): number | undefined {
  let oldest: number | undefined;
  for (const { startedAtMs } of readsByRoot.get(identity) ?? []) {
    if (oldest === undefined || startedAtMs < oldest) oldest = startedAtMs;
  }
  return oldest;
}
