import type { Clock } from "@omnigraphdb/common";

/** Now, as every file of a cluster writes it: RFC 3339 in UTC with milliseconds (cluster.md 5.4). */
export function timestampOf(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString();
}
