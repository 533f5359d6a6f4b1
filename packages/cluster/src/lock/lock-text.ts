import { type Clock, shellWord } from "@omnigraphdb/common";
import type { ClusterLock } from "./cluster-lock.js";

/** The command line that removes exactly this lock, ready to paste into a shell. */
export function forceUnlockCommand(lockId: string, configDirectory: string): string {
  return `omnigraph cluster force-unlock ${shellWord(lockId)} --config ${shellWord(configDirectory)}`;
}

/** `apply, lock 01J…, process 4711, taken 3 minutes ago`. */
export function describeLock({ lockId, operation, createdAt, pid }: ClusterLock, clock: Clock): string {
  const age = lockAgeSeconds(createdAt, clock);
  return `'${operation}' holds the lock ${lockId} (process ${pid}, taken ${age === undefined ? `at '${createdAt}'` : `${printAge(age)} ago`})`;
}

/** Whole seconds, not below 0 when the holder's clock is ahead of ours; undefined when `createdAt` is no time. */
export function lockAgeSeconds(createdAt: string, clock: Clock): number | undefined {
  const createdMs = Date.parse(createdAt);
  return Number.isNaN(createdMs) ? undefined : Math.max(0, Math.floor((clock.nowMs() - createdMs) / 1000));
}

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

function printAge(seconds: number): string {
  const [name, size] = UNITS.find(([, unit]) => seconds >= unit) ?? ["second", 1];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
