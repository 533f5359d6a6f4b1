import type { Predicate } from "../storage/predicate.js";
import { constantValue, type RequestValues } from "./constant-value.js";
import { idsOfKey } from "./key-lookup.js";
import type { PreparedScan } from "./prepared-plan.js";
import { idPredicate, pushDown } from "./push-down.js";
import type { QueryTuning } from "./query-tuning.js";
import type { AccessPath } from "./trace.js";

/** What is known of a table without reading it. */
export interface TableState {
  readonly rowCount: number;
  /** Cost of pushed-down reads so far, in milliseconds by estimate. */
  readonly pushedCost: number;
  findView(name: string): unknown;
  findDictionary(): unknown;
}

export type ScanAccess =
  | { readonly kind: "memory" }
  /** No row can satisfy the conditions. */
  | { readonly kind: "nothing" }
  /** Some rows by a filter that storage evaluates; `idCount` when it names ids. */
  | { readonly kind: "subset"; readonly filter: Predicate; readonly cost: number; readonly idCount: number | undefined }
  /** Columns missing in memory, whole. */
  | { readonly kind: "load"; readonly columns: readonly string[]; readonly needsDictionary: boolean };

/**
 * How a scan gets `columns`. A pushed-down filter is right as long as all such reads of the table together cost less than loading the
 * columns would: a process that reads once seeks, one that keeps reading loads, and neither pays more than twice its best choice.
 */
export function chooseScanAccess(table: TableState, columns: readonly string[], scan: PreparedScan, request: RequestValues, tuning: QueryTuning): ScanAccess {
  const missing = columns.filter((name) => table.findView(name) === undefined);
  const needsDictionary = scan.keyConditions !== undefined && table.findDictionary() === undefined;
  if (missing.length === 0 && !needsDictionary) return { kind: "memory" };
  const load: ScanAccess = { kind: "load", columns: missing, needsDictionary };
  if (scan.isTraversed) return load;
  const ids = idsOfScan(scan, request);
  const filter = ids === undefined ? pushDown(scan.operation.conditions, (constant) => constantValue(constant, request)) : ids.length === 0 ? "nothing" : idPredicate(ids);
  if (filter === "nothing") return { kind: "nothing" };
  if (filter === undefined) return load;
  const { seekCost, seekIdCost, filterRowCost, loadCellCost } = tuning;
  const cost = seekCost + (ids === undefined ? table.rowCount * filterRowCost : ids.length * seekIdCost);
  const loadCost = table.rowCount * (missing.length + (needsDictionary ? 1 : 0)) * loadCellCost;
  return table.pushedCost + cost > loadCost ? load : { kind: "subset", filter, cost, idCount: ids?.length };
}

export function idsOfScan(scan: PreparedScan, request: RequestValues): readonly string[] | undefined {
  return scan.keyConditions === undefined ? undefined : idsOfKey(scan.keyConditions, (constant) => constantValue(constant, request));
}

/** The access as explanations show it. */
export function accessPathOf(access: ScanAccess): AccessPath {
  switch (access.kind) {
    case "memory":
    case "nothing":
      return { kind: access.kind };
    case "subset":
      return access.idCount === undefined ? { kind: "pushedFilter" } : { kind: "keySeek", detail: keysText(access.idCount) };
    case "load": {
      const parts = [...(access.columns.length === 0 ? [] : [access.columns.join(", ")]), ...(access.needsDictionary ? ["keys"] : [])];
      return { kind: "columnLoad", detail: parts.join("; ") };
    }
  }
}

export function keysText(count: number): string {
  return count === 1 ? "1 key" : `${count} keys`;
}
