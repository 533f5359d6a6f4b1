import { type Pacer, systemPacer } from "@omnigraphdb/common";
import { isRankExpression, type ParameterValues, type QueryPlan } from "@omnigraphdb/compiler";
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
import { QueryRefusedError } from "./errors.js";
import { expressionType } from "./expression-type.js";
import { type DataSource, findData, loadData, type LoadedData } from "./load-data.js";
import { lacksLateColumns, loadLateColumns } from "./load-late-columns.js";
import { operandRows } from "./operand.js";
import { Aggregator, type GroupTable } from "./operators/aggregate.js";
import { RowCollector } from "./operators/collect-rows.js";
import { compileOperations } from "./operators/compile-operations.js";
import { runOperators, tracedWork, type Work } from "./operators/operator.js";
import { preparePlan } from "./prepare-plan.js";
import type { IndexedPlan, PreparedPlan } from "./prepared-plan.js";
import { QueryBudget } from "./query-budget.js";
import { QueryInterrupt } from "./query-interrupt.js";
import { QueryRun } from "./query-run.js";
import { DEFAULT_TUNING, type QueryTuning } from "./query-tuning.js";
import { findNeighbours, type NeighboursByCall, onlyNeighbours, rememberOutcome } from "./search/nearest-source.js";
import { RankedRows, type RowSink } from "./search/ranked-rows.js";
import { scoreColumn } from "./search/score-column.js";
import { SearchRun } from "./search/search-run.js";
import { checkSearchValues, queryVectorsOf, type QueryVectors } from "./search/search-values.js";
import { readMatchingRows } from "./search/read-matching-rows.js";
import { findTextIndexes, loadTextIndexes, type TextIndexes } from "./search/text-source.js";
import type { ExecutionTrace } from "./trace.js";

export interface QueryContext {
  /** The one graph version everything is read from (EX-1). */
  readonly snapshot: Snapshot;
  readonly storage: Pick<GraphStorage, "datasets">;
  readonly caches: GraphCaches;
  /** Turns texts given to `nearest` into vectors. */
  readonly embeddings: GraphEmbeddings;
  /** A time limit in milliseconds; undefined or 0 = none. */
  readonly settings: { readonly queryMemoryBytes: number; readonly queryTimeoutMs?: number | undefined };
  /** The instant of `now()` (EX-60), Unix time in milliseconds. */
  readonly nowMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Default {@link DEFAULT_TUNING}. */
  readonly tuning?: QueryTuning;
  /** Default {@link systemPacer}. */
  readonly pacer?: Pacer;
  /** Told what happens, when somebody wants to know. */
  readonly trace?: ExecutionTrace | undefined;
}

export interface QueryRows {
  readonly rowCount: number;
  readonly columns: readonly ResultColumn[];
}

/**
 * Runs a read. Rows are complete and in final order (§8); a query that fails returns no part of them (EX-5).
 *
 * @param values bound parameters, one per declaration
 * @throws QueryRefusedError before any I/O; whatever embedding a text throws; ResourceLimitExceededError; CancelledError
 */
export async function executeQuery(plan: QueryPlan, values: ParameterValues, context: QueryContext): Promise<QueryRows> {
  using interrupt = new QueryInterrupt(context.pacer ?? systemPacer, context.signal, context.settings.queryTimeoutMs);
  try {
    interrupt.check();
    return await execute(plan, values, context, interrupt);
  } catch (error) {
    throw interrupt.explain(error);
  }
}

async function execute(plan: QueryPlan, values: ParameterValues, context: QueryContext, interrupt: QueryInterrupt): Promise<QueryRows> {
  const prepared = preparePlan(plan, context.snapshot.catalog);
  const request: RequestValues = { parameters: values, nowMs: context.nowMs };
  refuseUnexecutable(prepared, request);
  const limit = plan.limit === undefined ? Infinity : Number(plan.limit);
  if (limit === 0) return { rowCount: 0, columns: emptyColumns(prepared) };
  const source = new ContextSource(context, interrupt);
  const { trace } = source;
  const found = queryVectorsOf(prepared, request, () => ({ catalog: source.snapshot.catalog, embeddings: context.embeddings, signal: interrupt.signal }));
  const vectors = found instanceof Promise ? await found : found;
  const inputs: MatchInputs = { request, source, vectors, limit, budgetBytes: context.settings.queryMemoryBytes, interrupt };
  const viaIndex = prepared.viaVectorIndex === undefined ? undefined : await matchNeighbours(prepared, prepared.viaVectorIndex, inputs);
  const { run, matched } = viaIndex ?? (await match(prepared, inputs, undefined));
  trace?.enter("project");
  const rows = isGroups(matched) ? projectGroups(prepared, matched) : await projectRows(run.prepared, run, matched, source);
  trace?.leave();
  trace?.rows("project", { input: rows.rowCount, output: rows.rowCount });
  trace?.memoryPeak(run.budget.peakBytes);
  return rows;
}

/** A class, because an object literal with a getter costs microseconds each time it is made. */
class ContextSource implements DataSource {
  readonly snapshot: DataSource["snapshot"];
  readonly datasets: DataSource["datasets"];
  readonly caches: DataSource["caches"];
  readonly tuning: DataSource["tuning"];
  readonly trace: DataSource["trace"];
  readonly #interrupt: QueryInterrupt;

  constructor({ snapshot, storage, caches, tuning = DEFAULT_TUNING, trace }: QueryContext, interrupt: QueryInterrupt) {
    this.snapshot = snapshot;
    this.datasets = storage.datasets;
    this.caches = caches;
    this.tuning = tuning;
    this.trace = trace;
    this.#interrupt = interrupt;
  }

  /** A warm query never asks for it, and so needs no timer. */
  get signal(): AbortSignal | undefined {
    return this.#interrupt.signal;
  }
}

interface MatchInputs {
  readonly request: RequestValues;
  readonly source: DataSource;
  readonly vectors: QueryVectors;
  readonly limit: number;
  readonly budgetBytes: number;
  readonly interrupt: QueryInterrupt;
}

interface Match {
  readonly run: QueryRun;
  readonly matched: GroupTable | BindingTable;
}

/** The match, ranked by what the vector indexes found; undefined when that does not decide the result. */
async function matchNeighbours(prepared: PreparedPlan, indexed: IndexedPlan, inputs: MatchInputs): Promise<Match | undefined> {
  const neighbours = await findNeighbours(prepared, inputs.vectors, inputs.source);
  if (neighbours === undefined) return undefined;
  const found = await match({ ...prepared, ...indexed }, inputs, neighbours);
  const { isDecided } = found.run.search;
  rememberOutcome(prepared.plan, isDecided);
  if (isDecided) return found;
  inputs.source.trace?.restart();
  return undefined;
}

async function match(prepared: PreparedPlan, { request, source, vectors, limit, budgetBytes, interrupt }: MatchInputs, neighbours: NeighboursByCall | undefined): Promise<Match> {
  const budget = new QueryBudget(budgetBytes);
  const { data, texts } = findInputs(prepared, request, source) ?? (await loadInputs(prepared, request, source, budget));
  const search = new SearchRun(prepared, request, budget, texts, vectors, neighbours);
  const run = new QueryRun(prepared, request, budget, source.tuning, neighbours === undefined ? data : onlyNeighbours(prepared, data, neighbours), search, source.trace);
  const work = matchAndCollect(run, limit);
  let step = work.next();
  for (; step.done !== true; step = work.next()) if (interrupt.isTurnDue) await interrupt.turn();
  return { run, matched: step.value };
}

interface RunInputs {
  readonly data: LoadedData;
  readonly texts: TextIndexes;
}

/** Everything, if it is in memory already. */
function findInputs(prepared: PreparedPlan, request: RequestValues, source: DataSource): RunInputs | undefined {
  const texts = findTextIndexes(prepared, source);
  const data = texts && findData(prepared, request, source);
  return data && texts && { data, texts };
}

async function loadInputs(prepared: PreparedPlan, request: RequestValues, source: DataSource, budget: QueryBudget): Promise<RunInputs> {
  const matching = await readMatchingRows(prepared, request, source, budget);
  if (matching !== undefined) return matching;
  const data = await loadData(prepared, request, source, budget);
  return { data, texts: await loadTextIndexes(prepared, source) };
}

/** Yields wherever the caller may pause. */
function* matchAndCollect(run: QueryRun, limit: number): Generator<void, GroupTable | BindingTable> {
  const { prepared, trace } = run;
  const { isAggregating } = prepared.plan;
  const step = isAggregating ? "aggregate" : "sort";
  yield* tracedWork(trace, step, () => prepareShownPredicates(run));
  const ranked = RankedRows.of(run, limit);
  const collector = isAggregating ? new Aggregator(run, limit, ranked?.operand) : new RowCollector(run, limit, ranked?.operand);
  const sink: RowSink<GroupTable | BindingTable> = ranked?.into<GroupTable | BindingTable>(collector) ?? collector;
  const accept = (batch: BindingTable): Work<void> => {
    trace?.rows(step, { input: batch.rowCount, output: 0 });
    return trace === undefined ? sink.accept(batch) : tracedWork(trace, step, () => sink.accept(batch));
  };
  const bound = collector instanceof RowCollector ? collector.bound : undefined;
  yield* runOperators(compileOperations(prepared.operations, run, bound), unitTable(prepared.slotCount), accept);
  const rows = yield* tracedWork<GroupTable | BindingTable>(trace, step, () => sink.finish());
  trace?.rows(step, { input: 0, output: rows.rowCount });
  return rows;
}

/** Of predicates that are shown or ordered by; those of the match are prepared by their operators. */
function* prepareShownPredicates({ prepared, search }: QueryRun): Generator<void, void> {
  for (const { expression } of prepared.projections) if (expression.kind === "TextPredicate") yield* search.preparationOf(expression) ?? [];
}

/** @throws QueryRefusedError before any I/O */
export function refuseUnexecutable(prepared: PreparedPlan, request: RequestValues): void {
  const { plan, refusal } = prepared;
  if (refusal !== undefined) throw new QueryRefusedError(plan.name, refusal.message, refusal.rule);
  const unreadable = findUnreadable(prepared.constants, request);
  if (unreadable !== undefined) throw new QueryRefusedError(plan.name, `${JSON.stringify(unreadable.text)} is not a ${unreadable.type}`, "PB-10");
  checkSearchValues(prepared, request);
}

function emptyColumns({ projections }: PreparedPlan): readonly ResultColumn[] {
  return projections.map(({ column, expression }) => {
    const type = expressionType(expression);
    return { name: column, type, values: nullColumn(type, 0) };
  });
}

function isGroups(rows: GroupTable | BindingTable): rows is GroupTable {
  return "isGrouped" in rows;
}

function projectGroups({ projections }: PreparedPlan, { rowCount, columns }: GroupTable): QueryRows {
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
    if (expression.kind === "TextPredicate" || isRankExpression(expression)) {
      values = scoreColumn(run, expression, table, late);
    } else if (lateView !== undefined && lateColumns !== undefined) {
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
