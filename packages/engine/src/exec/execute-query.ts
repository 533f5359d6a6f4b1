import { throwIfAborted } from "@omnigraphdb/common";
import type { ParameterValues, QueryPlan } from "@omnigraphdb/compiler";
import type { GraphCaches } from "../cache/graph-caches.js";
import { columnByteCount } from "../columnar/column-bytes.js";
import { nullColumn } from "../columnar/empty-column.js";
import type { Column } from "../columnar/column.js";
import { takeRows } from "../columnar/take.js";
import type { GraphEmbeddings } from "../embedding/graph-embeddings.js";
import type { ResultColumn } from "../graph-api.js";
import type { Snapshot } from "../manifest/snapshot.js";
import type { GraphStorage } from "../storage/dataset-gateway.js";
import { type BindingTable, unitTable } from "./binding-table.js";
import { findUnreadable, type RequestValues } from "./constant-value.js";
import { QueryRefusedError, SearchUnavailableError } from "./errors.js";
import { expressionType } from "./expression-type.js";
import { type DataSource, findData, loadData } from "./load-data.js";
import { lacksLateColumns, loadLateColumns } from "./load-late-columns.js";
import { operandRows } from "./operand.js";
import { Aggregator } from "./operators/aggregate.js";
import { RowCollector } from "./operators/collect-rows.js";
import { compileOperations } from "./operators/compile-operations.js";
import { runOperators } from "./operators/operator.js";
import { preparePlan } from "./prepare-plan.js";
import type { PreparedPlan } from "./prepared-plan.js";
import { QueryBudget } from "./query-budget.js";
import { QueryRun } from "./query-run.js";
import { DEFAULT_TUNING, type QueryTuning } from "./query-tuning.js";
import { pause } from "./wait.js";

export interface QueryContext {
  /** The one graph version everything is read from (EX-1). */
  readonly snapshot: Snapshot;
  readonly storage: Pick<GraphStorage, "datasets">;
  readonly caches: GraphCaches;
  /** Turns texts given to `nearest` into vectors. */
  readonly embeddings: GraphEmbeddings;
  readonly settings: { readonly queryMemoryBytes: number };
  /** The instant of `now()` (EX-60), Unix time in milliseconds. */
  readonly nowMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Default {@link DEFAULT_TUNING}. */
  readonly tuning?: QueryTuning;
}

export interface QueryRows {
  readonly rowCount: number;
  readonly columns: readonly ResultColumn[];
}

/** Parts worked through before other work of the process gets a turn: some tens of milliseconds. */
const PARTS_PER_TURN = 32;

/**
 * Runs a read. Rows are complete and in final order (§8); a query that fails returns no part of them (EX-5).
 *
 * @param values bound parameters, one per declaration
 * @throws QueryRefusedError, SearchUnavailableError before any I/O; ResourceLimitExceededError; CancelledError
 */
export async function executeQuery(plan: QueryPlan, values: ParameterValues, context: QueryContext): Promise<QueryRows> {
  throwIfAborted(context.signal, "query");
  const prepared = preparePlan(plan, context.snapshot.catalog);
  const request: RequestValues = { parameters: values, nowMs: context.nowMs };
  refuseUnexecutable(prepared, request);
  const limit = plan.limit === undefined ? Infinity : Number(plan.limit);
  if (limit === 0) return { rowCount: 0, columns: emptyColumns(prepared) };
  const budget = new QueryBudget(context.settings.queryMemoryBytes);
  const { snapshot, caches, signal, tuning = DEFAULT_TUNING } = context;
  const source: DataSource = { snapshot, datasets: context.storage.datasets, caches, tuning, signal };
  const data = findData(prepared, request, source) ?? (await loadData(prepared, request, source, budget));
  const run = new QueryRun(prepared, request, budget, tuning, data);
  const sink = plan.isAggregating ? new Aggregator(run, limit) : new RowCollector(run, limit);
  const work = runOperators(compileOperations(prepared.operations, run), unitTable(prepared.slotCount), (batch) => sink.accept(batch));
  for (let parts = 1; work.next().done !== true; parts++) {
    if (parts % PARTS_PER_TURN !== 0) continue;
    await pause();
    throwIfAborted(context.signal, "query");
  }
  return sink instanceof Aggregator ? projectGroups(prepared, sink) : projectRows(prepared, run, sink.finish(), source);
}

function refuseUnexecutable(prepared: PreparedPlan, request: RequestValues): void {
  const { plan, refusal, searchFunction } = prepared;
  if (searchFunction !== undefined) throw new SearchUnavailableError(searchFunction);
  if (refusal !== undefined) throw new QueryRefusedError(plan.name, refusal.message, refusal.rule);
  const unreadable = findUnreadable(prepared.constants, request);
  if (unreadable === undefined) return;
  throw new QueryRefusedError(plan.name, `${JSON.stringify(unreadable.text)} is not a ${unreadable.type}`, "PB-10");
}

function emptyColumns({ projections }: PreparedPlan): readonly ResultColumn[] {
  return projections.map(({ column, expression }) => {
    const type = expressionType(expression);
    return { name: column, type, values: nullColumn(type, 0) };
  });
}

function projectGroups({ projections }: PreparedPlan, aggregator: Aggregator): QueryRows {
  const { rowCount, columns } = aggregator.finish();
  return {
    rowCount,
    columns: projections.flatMap(({ column, expression }, i) => {
      const values = columns[i];
      return values === undefined ? [] : [{ name: column, type: expressionType(expression), values }];
    }),
  };
}

/** Properties are gathered for the rows of the result only. */
async function projectRows({ projections, slotByVariable }: PreparedPlan, run: QueryRun, table: BindingTable, source: DataSource): Promise<QueryRows> {
  if (table.rowCount === 0) return { rowCount: 0, columns: emptyColumns(run.prepared) };
  const late = lacksLateColumns(run) ? await loadLateColumns(run, table, source) : undefined;
  const columns = projections.map(({ column, expression }): ResultColumn => {
    const slot = expression.kind === "Property" ? slotByVariable.get(expression.variable)?.index : undefined;
    const lateColumns = slot === undefined ? undefined : late?.get(slot);
    const lateView = expression.kind === "Property" ? lateColumns?.views.get(expression.property) : undefined;
    let values: Column;
    if (lateView !== undefined && lateColumns !== undefined) {
      values = takeRows(lateView.column, lateColumns.rows);
    } else {
      const operand = run.operand(expression);
      values = takeRows(operand.view.column, operandRows(operand, table), table.rowCount);
    }
    run.budget.hold(columnByteCount(values));
    return { name: column, type: expressionType(expression), values };
  });
  return { rowCount: table.rowCount, columns };
}
