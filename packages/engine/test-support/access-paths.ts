import type { AccessPath, ExecutionTrace } from "../src/exec/trace.js";

/** A trace that keeps the access paths a run took, in the order of its choices. */
export function tracePaths(into: AccessPath[]): ExecutionTrace {
  const ignore = (): void => undefined;
  return { access: (_, path) => into.push(path), read: ignore, enter: ignore, leave: ignore, rows: ignore, memoryPeak: ignore, restart: () => into.splice(0) };
}
