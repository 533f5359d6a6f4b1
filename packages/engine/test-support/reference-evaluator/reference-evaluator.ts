import {
  type BlockPlan,
  type Catalog,
  type CloseStep,
  type Condition,
  type Direction,
  type ExpandStep,
  type Expression,
  isRankExpression,
  type ParameterValues,
  type PlanStep,
  type Ordering,
  type Projection,
  type QueryPlan,
  type RankExpression,
} from "@omnigraphdb/compiler";
import type { TestEntity } from "../query-graph.js";
import { referenceMatch, referenceRanking, type ReferenceRanking, referenceVariable } from "./reference-search.js";
import { compareCodePoints, compareForOrder, compareValues, exactSum, NULL, type ReferenceValue, referenceJson, roundedToF32, valueOfCell, valueOfConstant } from "./reference-values.js";

/** A match row: the entity of each variable. */
type Row = ReadonlyMap<string, TestEntity>;

/**
 * The read semantics of the query specification §7 to §9 in the most obvious form: nested loops over plain objects, one rule after the
 * other. Shares no code with the engine's execution; tests compare the two.
 *
 * @returns output rows in order, each a list of JSON values in projection order
 */
export function evaluateReference(plan: QueryPlan, values: ParameterValues, nowMs: number, catalog: Catalog, entities: readonly TestEntity[]): readonly (readonly unknown[])[] {
  return new ReferenceEvaluator(plan, values, nowMs, catalog, entities).evaluate();
}

class ReferenceEvaluator {
  readonly #plan: QueryPlan;
  readonly #values: ParameterValues;
  readonly #nowMs: number;
  readonly #catalog: Catalog;
  readonly #nodes: readonly TestEntity[];
  readonly #edges: readonly TestEntity[];
  readonly #rankings = new Map<RankExpression, ReferenceRanking>();

  constructor(plan: QueryPlan, values: ParameterValues, nowMs: number, catalog: Catalog, entities: readonly TestEntity[]) {
    this.#plan = plan;
    this.#values = values;
    this.#nowMs = nowMs;
    this.#catalog = catalog;
    this.#nodes = entities.filter((entity) => entity.from === undefined);
    this.#edges = entities.filter((entity) => entity.from !== undefined);
  }

  evaluate(): readonly (readonly unknown[])[] {
    const rows = this.#inDefaultOrder(this.#matchBlock(this.#plan.block, [new Map()]));
    for (const { expression } of [...this.#plan.projections, ...this.#plan.orderings]) {
      if (isRankExpression(expression)) this.#rankings.set(expression, this.#rank(expression, rows));
    }
    const output = this.#plan.isAggregating ? this.#aggregate(rows) : this.#project(rows);
    const limited = this.#plan.limit === undefined ? output : output.slice(0, Number(this.#plan.limit));
    return limited.map((cells) => cells.map(referenceJson));
  }

  /** SR-10: over the complete match. */
  #rank(expression: RankExpression, rows: readonly Row[]): ReferenceRanking {
    const variable = referenceVariable(expression);
    const entities = [...new Set(rows.map((row) => row.get(variable) as TestEntity))];
    const typeName = this.#plan.block.variables.find(({ name }) => name === variable)?.type;
    const all = this.#nodes.filter(({ type }) => type === typeName);
    return referenceRanking(expression, entities, all, Number(this.#plan.limit ?? Infinity), (constant) => this.#value(constant, new Map()));
  }

  #matches(predicate: Extract<Expression, { kind: "TextPredicate" }>, row: Row): boolean | undefined {
    const entity = row.get(predicate.field.kind === "Property" ? predicate.field.variable : "") as TestEntity;
    return referenceMatch(predicate, entity, (constant) => this.#value(constant, row));
  }

  /** Rows that the first ordering lets take part, with their places; all of them at place 0 when it does not rank. */
  #ranked(rows: readonly Row[]): readonly { readonly row: Row; readonly place: number }[] {
    const ranking = this.#plan.orderings[0]?.expression;
    if (ranking === undefined || !isRankExpression(ranking)) return rows.map((row) => ({ row, place: 0 }));
    return rows.flatMap((row) => {
      const rank = this.#rankings.get(ranking)?.get(row.get(referenceVariable(ranking)) as TestEntity);
      return rank === undefined ? [] : [{ row, place: rank.place }];
    });
  }

  /** Orderings after a ranking, which is compared by place. */
  #valueOrderings(): readonly Ordering[] {
    const { orderings } = this.#plan;
    const [first] = orderings;
    return first !== undefined && isRankExpression(first.expression) ? orderings.slice(1) : orderings;
  }

  #matchBlock(block: BlockPlan, rows: readonly Row[]): readonly Row[] {
    return block.steps.reduce((current, step) => current.flatMap((row) => this.#applyStep(step, row)), rows);
  }

  #applyStep(step: PlanStep, row: Row): readonly Row[] {
    switch (step.kind) {
      case "Scan":
        return this.#nodes
          .filter((node) => node.type === step.nodeType)
          .map((node) => extended(row, step.variable, node))
          .filter((extension) => step.conditions.every((condition) => this.#holds(condition, extension)));
      case "Expand":
        return this.#traverse(step, row)
          .map(({ target, edge }) => withEdge(extended(row, step.target, target), step.edgeVariable, edge))
          .filter((extension) => step.targetConditions.every((condition) => this.#holds(condition, extension)));
      case "Close":
        return this.#traverse(step, row)
          .filter(({ target }) => target === row.get(step.target))
          .map(({ edge }) => withEdge(row, step.edgeVariable, edge));
      case "Filter":
        return this.#holds(step.condition, row) ? [row] : [];
      case "AntiJoin":
        return this.#matchBlock(step.block, [row]).length === 0 ? [row] : [];
      case "TextMatch": {
        const isMatch = this.#matches(step.predicate, row);
        return isMatch !== undefined && isMatch !== step.isNegated ? [row] : [];
      }
    }
  }

  /** Destinations of a traversal from the row's origin: distinct without an edge variable, one per edge with one. */
  #traverse(step: ExpandStep | CloseStep, row: Row): readonly { readonly target: TestEntity; readonly edge?: TestEntity }[] {
    const origin = row.get(step.origin) as TestEntity;
    const hops = this.#hops(origin, step.edgeType, step.direction);
    if (step.edgeVariable !== undefined) return hops;
    const type = this.#catalog.edgeTypeByName.get(step.edgeType);
    const emitted = new Set<TestEntity>();
    if (type?.source !== type?.target) {
      if (step.minHops === 1) for (const { target } of hops) emitted.add(target);
      return [...emitted].map((target) => ({ target }));
    }
    const visited = new Set([origin]);
    let frontier = [origin];
    for (let hop = 1; hop <= step.maxHops && frontier.length > 0; hop++) {
      const next: TestEntity[] = [];
      for (const node of frontier) {
        for (const { target } of this.#hops(node, step.edgeType, step.direction)) {
          if (target === node && hop >= step.minHops) emitted.add(target);
          if (visited.has(target)) continue;
          visited.add(target);
          next.push(target);
          if (hop >= step.minHops) emitted.add(target);
        }
      }
      frontier = next;
    }
    return [...emitted].map((target) => ({ target }));
  }

  /** Stored edges adjacent to the origin, a self-loop once (EX-37); dangling ones yield nothing (EX-31). */
  #hops(origin: TestEntity, edgeType: string, direction: Direction): readonly { readonly target: TestEntity; readonly edge: TestEntity }[] {
    const type = this.#catalog.edgeTypeByName.get(edgeType);
    const hops: { target: TestEntity; edge: TestEntity }[] = [];
    for (const edge of this.#edges.filter((each) => each.type === edgeType)) {
      const source = this.#nodes.find((node) => node.type === type?.source && node.id === edge.from);
      const target = this.#nodes.find((node) => node.type === type?.target && node.id === edge.to);
      if (source === undefined || target === undefined) continue;
      if (direction !== "in" && source === origin) hops.push({ target, edge });
      if (direction !== "out" && target === origin && !(direction === "both" && source === target)) hops.push({ target: source, edge });
    }
    return hops;
  }

  #holds({ operator, left, right }: Condition, row: Row): boolean {
    const isF32 = (expression: Expression): boolean => expression.kind === "Property" && expression.type.base.kind === "F32";
    const isConstant = (expression: Expression): boolean => expression.kind === "Literal" || expression.kind === "Parameter";
    const value = (expression: Expression, other: Expression): ReferenceValue => {
      const own = this.#value(expression, row);
      return isF32(other) && isConstant(expression) ? roundedToF32(own) : own;
    };
    const a = value(left, right);
    const b = value(right, left);
    if (a.kind === "null" || b.kind === "null") return false;
    switch (operator) {
      case "=":
        return compareValues(a, b) === 0;
      case "!=":
        return compareValues(a, b) !== 0;
      case "<":
        return compareValues(a, b) < 0;
      case "<=":
        return compareValues(a, b) <= 0;
      case ">":
        return compareValues(a, b) > 0;
      case ">=":
        return compareValues(a, b) >= 0;
      case "member":
        return a.kind === "list" && a.items.some((item) => item.kind !== "null" && compareValues(item, b) === 0);
      case "substring":
        return a.kind === "text" && b.kind === "text" && a.text.includes(b.text);
      case "prefix":
        return a.kind === "text" && b.kind === "text" && a.text.startsWith(b.text);
    }
  }

  #value(expression: Expression, row: Row): ReferenceValue {
    switch (expression.kind) {
      case "Property": {
        const entity = row.get(expression.variable) as TestEntity;
        return valueOfCell(entity.cells[expression.property] ?? null, expression.type);
      }
      case "Variable":
        return { kind: "text", text: (row.get(expression.variable) as TestEntity).id };
      case "Parameter":
        return valueOfConstant(this.#values.get(expression.name) ?? { kind: "null" });
      case "Literal":
        return valueOfConstant(expression.value);
      case "Now":
        return { kind: "datetime", ms: BigInt(this.#nowMs) };
      case "TextPredicate":
        return { kind: "bool", bool: this.#matches(expression, row) === true };
      case "Nearest":
      case "Bm25":
      case "Rrf": {
        const rank = this.#rankings.get(expression)?.get(row.get(referenceVariable(expression)) as TestEntity);
        return rank === undefined ? NULL : { kind: "number", number: rank.score };
      }
      default:
        throw new Error(`${expression.kind} has no value`);
    }
  }

  #inDefaultOrder(rows: readonly Row[]): readonly Row[] {
    const names = this.#plan.block.variables.map(({ name }) => name).sort(compareCodePoints);
    return [...rows].sort((a, b) => {
      for (const name of names) {
        const difference = compareCodePoints((a.get(name) as TestEntity).id, (b.get(name) as TestEntity).id);
        if (difference !== 0) return difference;
      }
      return 0;
    });
  }

  #project(rows: readonly Row[]): readonly (readonly ReferenceValue[])[] {
    const { projections } = this.#plan;
    const orderings = this.#valueOrderings();
    const output = this.#ranked(rows).map(({ row, place }) => ({
      place,
      cells: projections.map(({ expression }) => this.#value(expression, row)),
      keys: orderings.map(({ expression, columnIndex }) => this.#value(columnIndex === undefined ? expression : (projections[columnIndex] as Projection).expression, row)),
    }));
    // Array sort is stable: rows equal in all keys stay in default order (OR-3).
    output.sort((a, b) => a.place - b.place || firstDifference(orderings.map(({ isDescending }, i) => (isDescending ? -1 : 1) * compareForOrder(a.keys[i] ?? NULL, b.keys[i] ?? NULL))));
    return output.map(({ cells }) => cells);
  }

  #aggregate(rows: readonly Row[]): readonly (readonly ReferenceValue[])[] {
    const { projections } = this.#plan;
    const orderings = this.#valueOrderings();
    const keyColumns = projections.flatMap(({ expression }, i) => (expression.kind === "Aggregate" ? [] : [i]));
    const groups: { key: readonly ReferenceValue[]; rows: Row[]; place: number }[] = keyColumns.length === 0 ? [{ key: [], rows: [], place: 0 }] : [];
    for (const { row, place } of this.#ranked(rows)) {
      const key = keyColumns.map((i) => this.#value((projections[i] as Projection).expression, row));
      const known = groups.find((group) => group.key.every((value, i) => compareForOrder(value, key[i] ?? NULL) === 0));
      if (known === undefined) groups.push({ key, rows: [row], place });
      else {
        known.rows.push(row);
        known.place = Math.min(known.place, place);
      }
    }
    const cellsOf = (group: (typeof groups)[number]): readonly ReferenceValue[] =>
      projections.map(({ expression }, i) => (expression.kind === "Aggregate" ? this.#fold(expression, group.rows) : (group.key[keyColumns.indexOf(i)] ?? NULL)));
    const output = groups.map((group) => ({ place: group.place, cells: cellsOf(group) }));
    if (this.#plan.orderings.length === 0) return output.map(({ cells }) => cells);
    const sortColumns = orderings.map(({ expression, columnIndex, isDescending }) => ({ isDescending, column: columnIndex ?? this.#keyColumn(expression) }));
    const ties = keyColumns.map((column) => ({ isDescending: false, column }));
    output.sort(
      (a, b) => a.place - b.place || firstDifference([...sortColumns, ...ties].map(({ column, isDescending }) => (isDescending ? -1 : 1) * compareForOrder(a.cells[column] ?? NULL, b.cells[column] ?? NULL))),
    );
    return output.map(({ cells }) => cells);
  }

  #keyColumn(expression: Expression): number {
    return this.#plan.projections.findIndex(
      ({ expression: key }) => key.kind === "Property" && expression.kind === "Property" && key.variable === expression.variable && key.property === expression.property,
    );
  }

  #fold(expression: Extract<Expression, { kind: "Aggregate" }>, rows: readonly Row[]): ReferenceValue {
    const values = rows.map((row) => this.#value(expression.argument, row)).filter((value) => value.kind !== "null");
    const total = (): number => exactSum(values.map((value) => (value.kind === "number" ? value.number : 0)));
    switch (expression.function) {
      case "count":
        return { kind: "number", number: BigInt(values.length) };
      case "sum":
        return values.length === 0 ? NULL : { kind: "number", number: total() };
      case "avg":
        return values.length === 0 ? NULL : { kind: "number", number: total() / values.length };
      case "min":
        return values.reduce((best, value) => (best.kind === "null" || compareValues(value, best) < 0 ? value : best), NULL);
      case "max":
        return values.reduce((best, value) => (best.kind === "null" || compareValues(value, best) > 0 ? value : best), NULL);
    }
  }
}

function extended(row: Row, variable: string, entity: TestEntity): Row {
  return new Map(row).set(variable, entity);
}

function withEdge(row: Row, variable: string | undefined, edge: TestEntity | undefined): Row {
  return variable === undefined || edge === undefined ? row : extended(row, variable, edge);
}

function firstDifference(differences: readonly number[]): number {
  return differences.find((difference) => difference !== 0) ?? 0;
}
