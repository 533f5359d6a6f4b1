/** What the native versions after the published one say about who made them (MT-45). */
export type DriftClass = "no_drift" | "verified_maintenance" | "suspicious" | "unverifiable";

/** Native operations that rearrange rows without changing them. */
const MAINTENANCE_OPERATIONS: ReadonlySet<string> = new Set(["Rewrite", "ReserveFragments"]);

/** @param operations of every version after the published one; undefined where the record cannot be read */
export function classifyDrift(operations: readonly (string | undefined)[]): DriftClass {
  if (operations.length === 0) return "no_drift";
  if (operations.includes(undefined)) return "unverifiable";
  return operations.every((operation) => operation !== undefined && MAINTENANCE_OPERATIONS.has(operation)) ? "verified_maintenance" : "suspicious";
}
