import type { Snapshot, SnapshotEntry } from "../manifest/snapshot.js";

/** Reads of this process by graph, so that a cleanup leaves them what they read. */
const readsByRoot = new Map<string, Set<RunningRead>>();

/** A call that reads, for as long as it is not disposed. */
export class RunningRead implements Disposable {
  readonly #reads: Set<RunningRead>;
  /** Wall clock in milliseconds, taken before any snapshot was resolved. */
  readonly startedAtMs: number;
  #snapshot: Snapshot | undefined;

  constructor(reads: Set<RunningRead>, startedAtMs: number) {
    this.#reads = reads;
    this.startedAtMs = startedAtMs;
    reads.add(this);
  }

  /** What exactly it reads; without it, everything that was the newest at some moment since it began. */
  show(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
  }

  get entries(): Iterable<SnapshotEntry> {
    return this.#snapshot?.entries.values() ?? [];
  }

  [Symbol.dispose](): void {
    this.#reads.delete(this);
  }
}

/** @param identity canonical identity of the graph's root */
export function beginRead(identity: string, startedAtMs: number): RunningRead {
  let reads = readsByRoot.get(identity);
  if (reads === undefined) readsByRoot.set(identity, (reads = new Set()));
  return new RunningRead(reads, startedAtMs);
}

export function runningReads(identity: string): readonly RunningRead[] {
  return [...(readsByRoot.get(identity) ?? [])];
}
