import { must } from "@omnigraphdb/common";
import type { Expression, Projection, PropertyType } from "@omnigraphdb/compiler";
import { ColumnView } from "../../cache/column-view.js";
import type { Column } from "../../columnar/column.js";
import { takeRows } from "../../columnar/take.js";
import { type BindingTable, identityRows } from "../binding-table.js";
import { expressionType } from "../expression-type.js";
import { CONSTANT, type Operand, operandRows } from "../operand.js";
import { countsRows, isGroupKey } from "../prepare-plan.js";
import type { QueryRun } from "../query-run.js";
import { type Accumulator, makeAccumulator, makeMinimum, makeRowCounter } from "./accumulators.js";
import { FirstRows } from "./first-rows.js";
import { GroupIndex } from "./group-index.js";
import { rowComparer, type SortKey, sortedPositions } from "./sort.js";

/** A group key: its operand, and for each group the row of its column that shows the group's value. */
interface GroupKey {
  readonly operand: Operand;
  rows: Uint32Array<ArrayBuffer>;
}

const PLACE_TYPE: PropertyType = { base: { kind: "F64" }, isList: false, isNullable: true };

/** The groups in result order: output columns in projection order. */
export interface GroupTable {
  readonly isGrouped: true;
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

/** Groups match rows and aggregates them as they come (§7.7); holds groups, never rows. */
export class Aggregator {
  readonly #run: QueryRun;
  readonly #limit: number;
  readonly #groups: GroupIndex;
  readonly #keyByProjection = new Map<Projection, GroupKey>();
  readonly #accumulators = new Map<Projection, Accumulator>();
  readonly #firstRows: FirstRows | undefined;
  /** The best place of each group under the ranking of the query (SR-14). */
  readonly #places: Accumulator | undefined;
  #groupCount = 0;
  #heldBytes = 0;

  /** @param rank sorts by the ranking function of the query, which is its first ordering, if it has one */
  constructor(run: QueryRun, limit: number, rank: Operand | undefined) {
    const { projections, orderings } = run.prepared;
    this.#run = run;
    this.#places = rank === undefined ? undefined : makeMinimum(rank, PLACE_TYPE);
    this.#limit = limit;
    for (const projection of projections) {
      const { expression } = projection;
      if (expression.kind === "Aggregate") {
        const accumulator = countsRows(expression) ? makeRowCounter() : makeAccumulator(expression, run.operand(expression.argument), expressionType(expression));
        this.#accumulators.set(projection, accumulator);
      } else {
        this.#keyByProjection.set(projection, { operand: run.operand(expression), rows: new Uint32Array(1) });
      }
    }
    const keys = [...this.#keyByProjection.values()].map((key) => key.operand);
    this.#groups = new GroupIndex(keys);
    this.#firstRows = orderings.length === 0 && keys.length > 0 ? new FirstRows(run) : undefined;
  }

  accept(batch: BindingTable): void {
    const groups = this.#groups.assign(batch);
    const known = this.#groupCount;
    this.#groupCount = this.#groups.count;
    this.#holdGroups();
    for (const key of this.#keyByProjection.values()) {
      key.rows = grown(key.rows, this.#groupCount);
      if (this.#groupCount === known || key.operand.slot === CONSTANT) continue;
      const rows = operandRows(key.operand, batch);
      // Any row of a group shows the key; the first one writes last.
      for (let k = batch.rowCount - 1; k >= 0; k--) {
        const group = groups[k] as number;
        if (group >= known) key.rows[group] = rows[k] as number;
      }
    }
    for (const accumulator of this.#accumulators.values()) accumulator.add(batch, groups, this.#groupCount);
    this.#firstRows?.add(batch, groups, this.#groupCount);
    this.#places?.add(batch, groups, this.#groupCount);
  }

  /** Output columns in projection order, rows in result order. */
  *finish(): Generator<void, GroupTable> {
    const { projections } = this.#run.prepared;
    const hasKeys = this.#keyByProjection.size > 0;
    // EX-54: without keys there is one group, also over no rows.
    const groupCount = hasKeys ? this.#groupCount : 1;
    const columns = projections.map((projection) => {
      const key = this.#keyByProjection.get(projection);
      if (key !== undefined) return takeRows(key.operand.view.column, key.rows, groupCount);
      return must(this.#accumulators.get(projection), "an aggregate").finish(groupCount);
    });
    const positions = yield* this.#order(columns, groupCount);
    return { isGrouped: true, rowCount: positions.length, columns: columns.map((column) => takeRows(column, positions)) };
  }

  *#order(columns: readonly Column[], groupCount: number): Generator<void, Uint32Array> {
    const { projections, orderings } = this.#run.prepared;
    if (this.#firstRows !== undefined) return yield* sortedPositions(groupCount, this.#firstRows.comparer(), this.#limit);
    const sortKey = (column: number, isDescending: boolean): SortKey => groupSortKey(must(columns[column], "an output column"), isDescending);
    const places = this.#places?.finish(groupCount);
    const userKeys = orderings.map((ordering, i) => {
      if (i === 0 && places !== undefined) return groupSortKey(places, false);
      return sortKey(ordering.columnIndex ?? findKeyColumn(projections, ordering.expression), ordering.isDescending);
    });
    const tieKeys = projections.flatMap((projection, column) => (isGroupKey(projection) ? [sortKey(column, false)] : []));
    const table: BindingTable = { rowCount: groupCount, columns: [identityRows(groupCount)] };
    return yield* sortedPositions(groupCount, rowComparer([...userKeys, ...tieKeys], table), this.#limit);
  }

  #holdGroups(): void {
    // A sum keeps three doubles per group, and growing holds the old ones for a moment.
    const needed = this.#groupCount * (48 * (this.#keyByProjection.size + this.#accumulators.size) + 16) + this.#groups.byteCount;
    if (needed <= this.#heldBytes) return;
    this.#run.budget.hold(needed - this.#heldBytes);
    this.#heldBytes = needed;
  }
}

/** Sorts groups by a column that has a row for each. */
function groupSortKey(column: Column, isDescending: boolean): SortKey {
  return { operand: { view: new ColumnView(column), slot: 0, isFloat32Property: false, isUnique: false }, isDescending };
}

/** Output column of the group key that an ordering without alias names (OR-5). */
function findKeyColumn(projections: readonly Projection[], expression: Expression): number {
  const column = projections.findIndex(
    ({ expression: key }) =>
      key.kind === "Property" && expression.kind === "Property" && key.variable === expression.variable && key.property === expression.property,
  );
  if (column === -1) throw new TypeError("an ordering that names no group key is refused before a run");
  return column;
}

function grown(values: Uint32Array<ArrayBuffer>, count: number): Uint32Array<ArrayBuffer> {
  if (count <= values.length) return values;
  const out = new Uint32Array(Math.max(count, values.length * 2));
  out.set(values);
  return out;
}
