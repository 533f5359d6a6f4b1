import { assertNever } from "@omnigraphdb/common";
import { type Expression, type PlanVariable, printCondition, printExpression, type RankExpression } from "@omnigraphdb/compiler";
import { accessPathOf, chooseScanAccess, idsOfScan, keysText } from "../exec/choose-access.js";
import type { RequestValues } from "../exec/constant-value.js";
import type { DataSource } from "../exec/load-data.js";
import { isGroupKey } from "../exec/prepare-plan.js";
import type { CrossOperation, FilterOperation, Operation, PreparedPlan, PreparedScan, ScanOperation, TraversalOperation } from "../exec/prepared-plan.js";
import type { SearchField } from "../exec/search/prepared-search.js";
import type { AccessPath, FinalStep } from "../exec/trace.js";
import type { RowEstimates } from "./estimate-rows.js";
import type { ExplainStep, MeasuredStep } from "./explanation.js";
import { addReads, type ReadTotals, RecordingTrace, type SearchFamily } from "./recording-trace.js";

/** Rows that a text predicate is expected to keep: words are rare. */
const TEXT_MATCH_SHARE = 0.05;

/** What a run would decide before it reads. */
export interface PlannedAccess {
  /** Traversals begin with the edges of a few nodes. */
  readonly seeksTraversals: boolean;
  /** The rows of its variable are those that the full-text index of the property proposes. */
  readonly matchingRead: SearchField | undefined;
  /** Rankings begin with what vector indexes find. */
  readonly asksVectorIndex: boolean;
}

/** Makes the tree of one plan: with the access paths that a run would choose now, or with those that a run has taken. */
export class StepExplainer {
  readonly #prepared: PreparedPlan;
  readonly #request: RequestValues;
  readonly #source: DataSource;
  readonly #estimates: RowEstimates;
  readonly #planned: PlannedAccess | undefined;
  /** Of a finished run. */
  readonly #trace: RecordingTrace | undefined;

  constructor(prepared: PreparedPlan, request: RequestValues, source: DataSource, estimates: RowEstimates, basis: RecordingTrace | PlannedAccess) {
    this.#prepared = prepared;
    this.#request = request;
    this.#source = source;
    this.#estimates = estimates;
    this.#planned = basis instanceof RecordingTrace ? undefined : basis;
    this.#trace = basis instanceof RecordingTrace ? basis : undefined;
  }

  explain(): readonly ExplainStep[] {
    const { steps, rows } = this.#sequence(this.#prepared.operations, 1);
    return [...steps, ...this.#finalSteps(rows)];
  }

  #sequence(operations: readonly Operation[], inputRows: number): { readonly steps: readonly ExplainStep[]; readonly rows: number } {
    const steps: ExplainStep[] = [];
    let rows = inputRows;
    const joins: Equality[] = [];
    for (const operation of operations) {
      if (operation.kind === "filter" && joins.some((equality) => isSameEquality(operation, equality))) {
        // The join has kept these rows only; the condition is tested again for what hashing takes for equal.
        steps.push({ ...this.#step(operation, rows), estimatedRows: rows });
        continue;
      }
      if (operation.kind === "cross" && operation.equality !== undefined) joins.push(operation.equality);
      const step = this.#step(operation, rows);
      steps.push(step);
      rows = step.estimatedRows;
    }
    return { steps, rows };
  }

  #step(operation: Operation, inputRows: number): ExplainStep {
    switch (operation.kind) {
      case "scan":
        return this.#scan(operation, inputRows);
      case "expand":
      case "close":
        return this.#traversal(operation, inputRows);
      case "filter": {
        const text = printCondition(operation.condition);
        return { ...NO_DATA, operator: "filter", description: text, conditions: [text], estimatedRows: inputRows * this.#estimates.share(operation.condition), measured: this.#measured(operation, []) };
      }
      case "textMatch": {
        const text = `${operation.isNegated ? "not " : ""}${printExpression(operation.predicate)}`;
        const share = operation.isNegated ? 1 - TEXT_MATCH_SHARE : TEXT_MATCH_SHARE;
        return { ...NO_DATA, operator: "textMatch", description: text, conditions: [text], estimatedRows: inputRows * share, access: this.#searchAccess(operation.predicate.field), measured: this.#measured(operation, []) };
      }
      case "antiJoin": {
        const inner = this.#sequence(operation.operations, 1);
        // Matches fall on rows at random: e^-m of them get none when there are m on average.
        const estimatedRows = inputRows * Math.exp(-inner.rows);
        return { ...NO_DATA, operator: "antiJoin", description: "not { … }", conditions: [], estimatedRows, measured: this.#measured(operation, []), children: inner.steps };
      }
      case "cross": {
        const inner = this.#sequence(operation.operations, 1);
        const { equality } = operation;
        const conditions = equality === undefined ? [] : [`${printExpression(equality.outer)} = ${printExpression(equality.inner)}`];
        const share = equality === undefined ? 1 : this.#estimates.equalShare(equality.outer, equality.inner);
        const description = equality === undefined ? "every pair of rows" : `hash join on ${conditions.join()}`;
        return { ...NO_DATA, operator: "cross", description, conditions, estimatedRows: inputRows * inner.rows * share, measured: this.#measured(operation, []), children: inner.steps };
      }
      default:
        return assertNever(operation);
    }
  }

  #scan(operation: ScanOperation, inputRows: number): ExplainStep {
    const { slot, conditions } = operation;
    const variable = this.#variable(slot);
    return {
      ...NO_DATA,
      operator: "scan",
      variable: shownName(variable),
      type: variable?.type ?? null,
      description: `${reference(variable)}: ${variable?.type ?? ""}`,
      conditions: conditions.map(printCondition),
      estimatedRows: inputRows * this.#estimates.scan(slot, conditions),
      access: this.#scanAccess(operation),
      measured: this.#measured(operation, [slot]),
    };
  }

  #scanAccess(operation: ScanOperation): AccessPath | null {
    if (this.#trace !== undefined) return this.#trace.accessOf(operation.slot) ?? null;
    const scan = this.#prepared.scans.find((candidate) => candidate.operation === operation);
    if (scan === undefined) return null;
    const { caches, snapshot, datasets, tuning } = this.#source;
    const { columnsBySlot, lateColumnsBySlot } = this.#prepared;
    if (this.#planned?.seeksTraversals === true) return seekPath(scan, this.#request);
    if (this.#planned?.matchingRead !== undefined) return this.#searchAccessOf(this.#planned.matchingRead, "text");
    const columns = [...(columnsBySlot[operation.slot] ?? []), ...(lateColumnsBySlot[operation.slot] ?? [])];
    const table = caches.table(snapshot, scan.nodeType.typeKey, datasets);
    return accessPathOf(chooseScanAccess(table, columns, scan, this.#request, tuning));
  }

  #traversal(operation: TraversalOperation, inputRows: number): ExplainStep {
    const bound = operation.kind === "expand" ? this.#variable(operation.target) : undefined;
    const growth = operation.kind === "expand" ? this.#estimates.reach(operation) : this.#estimates.closeShare(operation);
    const slots = [...(operation.kind === "expand" ? [operation.target] : []), ...(operation.edge === undefined ? [] : [operation.edge])];
    return {
      ...NO_DATA,
      operator: operation.kind,
      variable: shownName(bound),
      type: operation.edgeType,
      description: this.#walk(operation),
      conditions: [],
      estimatedRows: inputRows * growth,
      access: this.#traversalAccess(operation),
      measured: this.#measured(operation, [operation, ...slots]),
    };
  }

  #traversalAccess(operation: TraversalOperation): AccessPath | null {
    if (this.#trace !== undefined) return this.#trace.accessOf(operation) ?? null;
    const traversal = this.#prepared.traversals.find((candidate) => candidate.operation === operation);
    if (traversal === undefined) return null;
    if (this.#planned?.seeksTraversals === true) return { kind: "indexedSeek" };
    const isHeld = this.#source.caches.findAdjacency(this.#source.snapshot, traversal.request) !== undefined;
    return { kind: isHeld ? "csr" : "csrBuild" };
  }

  #rankAccess(rank: RankExpression): AccessPath | null {
    if (rank.kind === "Bm25") return this.#searchAccess(rank.field);
    if (rank.kind === "Nearest") return this.#searchAccess(rank);
    const first = this.#rankAccess(rank.first);
    const second = this.#rankAccess(rank.second);
    if (first === null || second === null) return first ?? second;
    if (first.kind === second.kind) return first.detail === second.detail ? first : { kind: first.kind, detail: `${first.detail ?? ""}, ${second.detail ?? ""}` };
    return { kind: first.kind, detail: `${first.detail ?? ""}; ${second.kind} ${second.detail ?? ""}` };
  }

  /** @param searched text field, or vector property */
  #searchAccess(searched: Expression): AccessPath | null {
    if (searched.kind !== "Property" && searched.kind !== "Nearest") return null;
    const family = searched.kind === "Nearest" ? "vector" : "text";
    const slot = this.#prepared.slotByVariable.get(searched.variable)?.index;
    return slot === undefined ? null : this.#searchAccessOf({ slot, property: searched.property }, family);
  }

  #searchAccessOf({ slot, property }: SearchField, family: SearchFamily): AccessPath | null {
    if (this.#trace !== undefined) return this.#trace.searchOf(slot, property, family) ?? null;
    if (family === "vector") return { kind: this.#planned?.asksVectorIndex === true ? "vectorIndex" : "flatVectors", detail: property };
    const matching = this.#planned?.matchingRead;
    if (matching === undefined) return { kind: "textIndex", detail: property };
    // Other properties are compared in the rows that were found.
    return matching.property === property ? { kind: "nativeText", detail: property } : null;
  }

  /** As a query writes it, with the direction it is walked in. */
  #walk({ origin, target, edge, edgeType, direction, minHops, maxHops }: TraversalOperation): string {
    const [before, after] = ARROWS[direction];
    const hops = minHops === 1 && maxHops === 1 ? "" : `{${minHops},${maxHops}}`;
    const edgeName = edge === undefined ? "" : `${reference(this.#variable(edge))}: `;
    const targetVariable = this.#variable(target);
    return `${reference(this.#variable(origin))} ${before}[${edgeName}${edgeType}${hops}]${after} ${reference(targetVariable)}: ${targetVariable?.type ?? ""}`;
  }

  #finalSteps(matchRows: number): readonly ExplainStep[] {
    const { plan, orderings } = this.#prepared;
    const steps: ExplainStep[] = [];
    let rows = matchRows;
    const rank = this.#prepared.search.ranking?.expression;
    const keys = plan.projections.filter(isGroupKey).map(({ expression }) => expression);
    if (plan.isAggregating) {
      rows = keys.length === 0 ? 1 : this.#estimates.groups(matchRows, keys);
      const description = plan.projections.map(({ expression }) => printExpression(expression)).join(", ");
      steps.push({ ...NO_DATA, operator: "aggregate", description, conditions: [], estimatedRows: rows, measured: this.#measured("aggregate", []) });
    }
    if (rank !== undefined) {
      rows *= rank.kind === "Bm25" ? TEXT_MATCH_SHARE : 1;
      steps.push({ ...NO_DATA, operator: "rank", description: printExpression(rank), conditions: [], estimatedRows: rows, access: this.#rankAccess(rank), measured: null });
    }
    const sorted = orderings.map(({ expression, columnIndex, isDescending }) => {
      const key = printExpression(plan.projections[columnIndex ?? -1]?.expression ?? expression);
      return isDescending ? `${key} desc` : key;
    });
    if (!plan.isAggregating || orderings.length > 0) {
      const description = sorted.length === 0 ? "by id" : `by ${sorted.join(", ")}`;
      steps.push({ ...NO_DATA, operator: "sort", description, conditions: [], estimatedRows: rows, measured: plan.isAggregating ? null : this.#measured("sort", []) });
    }
    if (plan.limit !== undefined) {
      rows = Math.min(rows, Number(plan.limit));
      steps.push({ ...NO_DATA, operator: "limit", description: String(plan.limit), conditions: [], estimatedRows: rows, measured: null });
    }
    const description = plan.projections.map(({ column }) => column).join(", ");
    steps.push({ ...NO_DATA, operator: "project", description, conditions: [], estimatedRows: rows, measured: this.#measured("project", []) });
    return steps;
  }

  /** @param readers what was read for the step: slots, and the traversal itself */
  #measured(of: Operation | FinalStep, readers: readonly (number | TraversalOperation)[]): MeasuredStep | null {
    const trace = this.#trace;
    if (trace === undefined) return null;
    const reads = readers.map((reader) => trace.readsOf(reader)).reduce<ReadTotals>(addReads, { bytesRead: 0, cacheHits: 0, cacheMisses: 0 });
    const step = trace.stepOf(of);
    if (step === undefined && reads.cacheHits + reads.cacheMisses === 0) return null;
    return { inputRows: step?.inputRows ?? 0, outputRows: step?.outputRows ?? 0, elapsedMs: step?.elapsedMs ?? null, ...reads };
  }

  #variable(slot: number): PlanVariable | undefined {
    return this.#prepared.slots[slot]?.variable;
  }
}

function seekPath(scan: PreparedScan, request: RequestValues): AccessPath {
  const count = idsOfScan(scan, request)?.length;
  return count === undefined ? { kind: "pushedFilter" } : { kind: "keySeek", detail: keysText(count) };
}

type Equality = NonNullable<CrossOperation["equality"]>;

function isSameEquality({ condition: { operator, left, right } }: FilterOperation, { outer, inner }: Equality): boolean {
  return operator === "=" && ((left === outer && right === inner) || (left === inner && right === outer));
}

const NO_DATA = { variable: null, type: null, access: null, children: [] } as const;

const ARROWS = { out: ["-", "->"], in: ["<-", "-"], both: ["-", "-"] } as const;

/** Anonymous endpoints have no name that a query could spell. */
function shownName(variable: PlanVariable | undefined): string | null {
  return variable === undefined || variable.name.includes("#") ? null : variable.name;
}

function reference(variable: PlanVariable | undefined): string {
  const name = shownName(variable);
  return name === null ? "$_" : `$${name}`;
}
