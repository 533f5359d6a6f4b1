import { must } from "@omnigraphdb/common";
import { type BlockPlan, type Catalog, type Expression, findRefusal, planExpressions, type PlanVariable, type QueryPlan } from "@omnigraphdb/compiler";
import { findKeyConditions } from "./key-lookup.js";
import { columnsBeyond, PlanColumns } from "./plan-columns.js";
import { variablesOfCondition, variablesOfExpression } from "./plan-variables.js";
import type { Operation, PreparedPlan, PreparedScan, PreparedTraversal, ScanOperation, Slot } from "./prepared-plan.js";
import { type Draft, scheduleBlock } from "./schedule-block.js";
import { NO_SEARCH, prepareSearch, rankingNearest } from "./search/prepared-search.js";

const prepared = new WeakMap<QueryPlan, { readonly catalog: Catalog; readonly plan: PreparedPlan }>();

/** The plan ordered for execution; made on first use of a plan and remembered with it. */
export function preparePlan(plan: QueryPlan, catalog: Catalog): PreparedPlan {
  const known = prepared.get(plan);
  if (known?.catalog === catalog) return known.plan;
  const made = makePreparedPlan(plan, catalog);
  prepared.set(plan, { catalog, plan: made });
  return made;
}

function makePreparedPlan(plan: QueryPlan, catalog: Catalog): PreparedPlan {
  const refusal = findRefusal(plan);
  if (refusal !== undefined) return unexecutablePlan(plan, refusal);
  const slots = allVariables(plan.block).map((variable, index): Slot => ({ index, variable, typeKey: `${variable.kind}:${variable.type}` }));
  const slotByVariable = new Map(slots.map((slot) => [slot.variable.name, slot]));
  const slotOf = (variable: string): number => must(slotByVariable.get(variable), `no variable ${variable}`).index;
  let slotCount = slots.length;
  const drafts = scheduleBlock(plan.block, new Set(), { catalog, slotOf, addTagSlot: () => slotCount++ });
  const tieBreakSlots = [...plan.block.variables].sort((a, b) => (a.name < b.name ? -1 : 1)).map((variable) => slotOf(variable.name));
  const needsTieBreak = !plan.isAggregating || (plan.orderings.length === 0 && plan.projections.some(isGroupKey));
  // An aggregating query reads its projections row by row; any other shows them for the rows of the result only.
  const sortKeys = plan.orderings.map((ordering) => (ordering.columnIndex === undefined ? undefined : plan.projections[ordering.columnIndex]) ?? ordering);
  const earlyOutputs = (plan.isAggregating ? [...plan.projections, ...plan.orderings] : sortKeys).map(({ expression }) => expression).filter((expression) => !countsRows(expression));
  const outputs = [...plan.projections, ...plan.orderings].map(({ expression }) => expression).filter((expression) => !countsRows(expression));
  const liveAtEnd = new Set(outputs.flatMap(variablesOfExpression).map(slotOf));
  if (needsTieBreak) for (const slot of tieBreakSlots) liveAtEnd.add(slot);
  const operations = markLive(drafts, liveAtEnd, slotOf);

  const columns = new PlanColumns(slots.length, slotOf);
  const { scans, traversals, traversedSlots } = collectOperations(operations, columns, catalog);
  for (const expression of earlyOutputs) columns.add(expression);
  if (needsTieBreak) for (const slot of tieBreakSlots) columns.addId(slot);
  const search = prepareSearch(planExpressions(plan), plan.orderings[0]?.expression, slotOf);
  for (const { expression, slot } of search.fusions) {
    columns.add(expression);
    columns.addId(slot);
  }
  const early = columns.read();
  for (const expression of outputs) columns.add(expression);
  const all = columns.read();
  const wholeSlots = new Set([...traversedSlots, ...search.textFields.map(({ slot }) => slot)]);
  const prepareScans = (whole: ReadonlySet<number>): readonly PreparedScan[] => scans.map((operation) => prepareScan(operation, slots, whole, catalog));
  const ranking = plan.isAggregating ? undefined : rankingNearest(search);
  return {
    plan,
    slots,
    slotByVariable,
    slotCount,
    operations,
    projections: plan.projections,
    orderings: plan.orderings,
    tieBreakSlots,
    columnsBySlot: early.withVectors,
    lateColumnsBySlot: columnsBeyond(all.withVectors, early.withVectors),
    viaVectorIndex: ranking && {
      columnsBySlot: early.values,
      lateColumnsBySlot: columnsBeyond(withShownDistances(all.values, plan, slotOf), early.values),
      scans: prepareScans(new Set([...wholeSlots, ...ranking.map(({ slot }) => slot)])),
    },
    scans: prepareScans(wholeSlots),
    traversals,
    uniqueColumns: slots.map((slot) => uniqueColumnOf(slot, catalog)),
    search,
    refusal: undefined,
    constants: columns.constants,
  };
}

interface CollectedOperations {
  readonly scans: readonly ScanOperation[];
  readonly traversals: readonly PreparedTraversal[];
  /** Slots at either end of a traversal, and those that hold its edges. */
  readonly traversedSlots: ReadonlySet<number>;
}

/** @param columns gets what the conditions of the operations read */
function collectOperations(operations: readonly Operation[], columns: PlanColumns, catalog: Catalog): CollectedOperations {
  const scans: ScanOperation[] = [];
  const traversals: PreparedTraversal[] = [];
  const traversedSlots = new Set<number>();
  for (const operation of allOperations(operations)) {
    if (operation.kind === "scan") {
      scans.push(operation);
      for (const { left, right } of operation.conditions) for (const side of [left, right]) columns.add(side);
    }
    if (operation.kind === "filter") for (const side of [operation.condition.left, operation.condition.right]) columns.add(side);
    if (operation.kind === "textMatch") columns.add(operation.predicate);
    if (operation.kind === "expand" || operation.kind === "close") {
      for (const slot of [operation.origin, operation.target, operation.edge]) if (slot !== undefined) traversedSlots.add(slot);
      const edgeType = must(catalog.edgeTypeByName.get(operation.edgeType), `the catalog has no edge ${operation.edgeType}`);
      traversals.push({ operation, request: { edgeType, direction: operation.direction, keepsEdges: operation.edge !== undefined } });
    }
  }
  return { scans, traversals, traversedSlots };
}

/** A projected distance is computed from the vector, whatever found the row. */
function withShownDistances(columnsBySlot: readonly (readonly string[])[], plan: QueryPlan, slotOf: (variable: string) => number): readonly (readonly string[])[] {
  const distances = plan.projections.flatMap(({ expression }) => (expression.kind === "Nearest" ? [expression] : []));
  return columnsBySlot.map((names, slot) => {
    const shown = distances.filter(({ variable }) => slotOf(variable) === slot).map(({ property }) => property);
    return [...new Set([...names, ...shown])].sort();
  });
}

function prepareScan(operation: ScanOperation, slots: readonly Slot[], traversedSlots: ReadonlySet<number>, catalog: Catalog): PreparedScan {
  const { variable } = must(slots[operation.slot], "a scan binds a variable");
  const nodeType = must(catalog.nodeTypeByName.get(variable.type), `the catalog has no node ${variable.type}`);
  const keyConditions = findKeyConditions(nodeType, variable.name, operation.conditions);
  return { operation, nodeType, keyConditions, isTraversed: traversedSlots.has(operation.slot) };
}

function unexecutablePlan(plan: QueryPlan, refusal: PreparedPlan["refusal"]): PreparedPlan {
  return {
    plan,
    slots: [],
    slotByVariable: new Map(),
    slotCount: 0,
    operations: [],
    projections: [],
    orderings: [],
    tieBreakSlots: [],
    columnsBySlot: [],
    lateColumnsBySlot: [],
    scans: [],
    traversals: [],
    uniqueColumns: [],
    search: NO_SEARCH,
    viaVectorIndex: undefined,
    refusal,
    constants: [],
  };
}

function uniqueColumnOf({ variable }: Slot, catalog: Catalog): string | undefined {
  if (variable.kind === "edge") return undefined;
  const key = catalog.nodeTypeByName.get(variable.type)?.key ?? [];
  return key.length === 1 ? key[0]?.name : undefined;
}

/** A projection that is not an aggregate: in an aggregating query, a group key (EX-50). */
export function isGroupKey(projection: { readonly expression: Expression }): boolean {
  return projection.expression.kind !== "Aggregate";
}

/** `count($v)` counts rows, whatever they bind (EX-51). */
export function countsRows(expression: Expression): boolean {
  return expression.kind === "Aggregate" && expression.function === "count" && expression.argument.kind === "Variable";
}

function allVariables(block: BlockPlan): readonly PlanVariable[] {
  const nested = block.steps.flatMap((step) => (step.kind === "AntiJoin" ? allVariables(step.block) : []));
  return [...block.variables, ...nested];
}

function* allOperations(operations: readonly Operation[]): Generator<Operation> {
  for (const operation of operations) {
    yield operation;
    if (operation.kind === "antiJoin" || operation.kind === "cross") yield* allOperations(operation.operations);
  }
}

/** Walks backwards from what the end needs: each operation keeps only the slots that something after it reads. */
function markLive(drafts: readonly Draft[], liveAtEnd: ReadonlySet<number>, slotOf: (variable: string) => number): readonly Operation[] {
  const live = new Set(liveAtEnd);
  const operations: Operation[] = [];
  for (const draft of [...drafts].reverse()) {
    const liveSlots = [...live];
    switch (draft.kind) {
      case "scan":
        operations.push({ ...draft, liveSlots });
        break;
      case "expand":
      case "close":
        operations.push({ ...draft, liveSlots });
        live.add(draft.origin);
        if (draft.kind === "close") live.add(draft.target);
        break;
      case "filter":
        operations.push({ ...draft, liveSlots });
        for (const variable of variablesOfCondition(draft.condition)) live.add(slotOf(variable));
        break;
      case "textMatch":
        operations.push({ ...draft, liveSlots });
        live.add(draft.slot);
        break;
      case "antiJoin": {
        const inner = markLive(draft.operations, new Set([draft.tagSlot]), slotOf);
        operations.push({ ...draft, operations: inner, liveSlots });
        for (const slot of readSlots(inner, slotOf)) live.add(slot);
        break;
      }
      case "cross": {
        const equality = draft.equality;
        const needed = new Set([...live, ...(equality === undefined ? [] : variablesOfExpression(equality.inner).map(slotOf))]);
        operations.push({ ...draft, operations: markLive(draft.operations, needed, slotOf), liveSlots });
        if (equality !== undefined) for (const variable of variablesOfExpression(equality.outer)) live.add(slotOf(variable));
        break;
      }
    }
  }
  return operations.reverse();
}

/** Every slot some operation reads; slots it binds itself are harmless extras. */
function readSlots(operations: readonly Operation[], slotOf: (variable: string) => number): ReadonlySet<number> {
  const slots = new Set<number>();
  for (const operation of allOperations(operations)) {
    if (operation.kind === "filter") for (const variable of variablesOfCondition(operation.condition)) slots.add(slotOf(variable));
    if (operation.kind === "textMatch") slots.add(operation.slot);
    if (operation.kind === "expand" || operation.kind === "close") slots.add(operation.origin);
    if (operation.kind === "close") slots.add(operation.target);
    if (operation.kind === "cross" && operation.equality !== undefined) for (const variable of variablesOfExpression(operation.equality.outer)) slots.add(slotOf(variable));
  }
  return slots;
}
