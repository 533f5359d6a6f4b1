import { adjacencyByteCount } from "../adjacency/adjacency.js";
import type { RowSpace } from "../cache/row-space.js";
import type { TypeTable } from "../cache/type-table.js";
import { columnByteCount } from "../columnar/column-bytes.js";
import type { LoadedData } from "./load-data.js";
import type { PreparedPlan } from "./prepared-plan.js";
import type { ExecutionTrace } from "./trace.js";

/** Reports that a query found everything it needs in memory. */
export function traceFound(trace: ExecutionTrace, prepared: PreparedPlan, { spaces, adjacencies }: LoadedData): void {
  prepared.slots.forEach(({ index }) => {
    const space = spaces[index];
    trace.access(index, { kind: "memory" });
    if (space !== undefined) traceColumns(trace, index, space, prepared.columnsBySlot[index] ?? [], () => true);
  });
  for (const { operation } of prepared.traversals) {
    const adjacency = adjacencies.get(operation);
    if (adjacency === undefined) continue;
    trace.access(operation, { kind: "csr" });
    trace.read(operation, { rows: adjacency.neighbors.length, bytes: adjacencyByteCount(adjacency), isCached: true });
  }
}

/** Reports the columns of one variable; `wasHeld` says which of them were in memory before. */
export function traceColumns(trace: ExecutionTrace, slot: number, space: RowSpace, names: readonly string[], wasHeld: (name: string) => boolean): void {
  for (const name of names) {
    const view = space.findView(name);
    if (view !== undefined) trace.read(slot, { rows: space.rowCount, bytes: columnByteCount(view.column), isCached: wasHeld(name) });
  }
}

/** Names of `names` that are in memory now. */
export function heldNames(table: TypeTable, names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name) => table.findView(name) !== undefined));
}
