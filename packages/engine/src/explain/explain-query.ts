import { systemPacer } from "@omnigraphdb/common";
import type { Expression, ParameterValues, QueryPlan } from "@omnigraphdb/compiler";
import { constantValue, type RequestValues } from "../exec/constant-value.js";
import { executeQuery, type QueryContext, refuseUnexecutable } from "../exec/execute-query.js";
import { isConstant } from "../exec/key-lookup.js";
import type { DataSource } from "../exec/load-data.js";
import { preparePlan } from "../exec/prepare-plan.js";
import { DEFAULT_TUNING } from "../exec/query-tuning.js";
import { planNeighbours } from "../exec/search/nearest-source.js";
import { planMatchingRead } from "../exec/search/read-matching-rows.js";
import { beginsWithSeeks } from "../exec/seek-traversals.js";
import { RowEstimates } from "./estimate-rows.js";
import { StepExplainer } from "./explain-steps.js";
import type { Explanation, MeasuredRun } from "./explanation.js";
import { RecordingTrace } from "./recording-trace.js";

/**
 * How a read is executed, or with `isAnalyzed` how it was: then it is run, and its rows are thrown away. Without, nothing is read
 * from storage.
 *
 * @throws what {@link executeQuery} throws
 */
export async function explainQuery(plan: QueryPlan, values: ParameterValues, context: QueryContext, isAnalyzed: boolean): Promise<Pick<Explanation, "steps" | "measured">> {
  const { snapshot, caches, tuning = DEFAULT_TUNING, pacer = systemPacer } = context;
  const prepared = preparePlan(plan, snapshot.catalog);
  const request: RequestValues = { parameters: values, nowMs: context.nowMs };
  refuseUnexecutable(prepared, request);
  const source: DataSource = { snapshot, datasets: context.storage.datasets, caches, tuning };
  const listLength = (expression: Expression): number | undefined => {
    const value = isConstant(expression) ? constantValue(expression, request) : undefined;
    return value?.kind === "list" ? value.items.length : undefined;
  };
  const estimates = new RowEstimates(snapshot, prepared, listLength);
  if (!isAnalyzed) {
    const [seeksTraversals, neighbours, matching] = await Promise.all([
      beginsWithSeeks(prepared, request, source),
      planNeighbours(prepared, source),
      planMatchingRead(prepared, request, source),
    ]);
    const planned = { seeksTraversals, asksVectorIndex: neighbours !== undefined, matchingRead: matching?.field };
    return { steps: new StepExplainer(prepared, request, source, estimates, planned).explain(), measured: null };
  }
  const trace = new RecordingTrace(pacer);
  const startMs = pacer.nowMs();
  const { rowCount } = await executeQuery(plan, values, { ...context, trace });
  const elapsedMs = pacer.nowMs() - startMs;
  const measured: MeasuredRun = { rowCount, elapsedMs, loadMs: Math.max(0, elapsedMs - trace.busyMs), ...trace.totalReads, memoryPeakBytes: trace.memoryPeakBytes };
  return { steps: new StepExplainer(prepared, request, source, estimates, trace).explain(), measured };
}
