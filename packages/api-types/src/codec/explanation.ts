import type { Explanation, ExplainStep, MeasuredRun, MeasuredStep } from "../models/explanation.js";
import type { ExplainStepOutput, ExplanationOutput, MeasuredRunOutput, MeasuredStepOutput } from "../wire/explanation.js";

/** Estimates and times are rounded to a thousandth. */
export function encodeExplanation({ queryName, target, graphCommitId, steps, measured }: Explanation): ExplanationOutput {
  return {
    query_name: queryName,
    target: { branch: target.branch, snapshot: target.snapshot },
    graph_commit_id: graphCommitId,
    analyzed: measured !== null,
    steps: steps.map(encodeStep),
    measured: measured === null ? null : encodeRun(measured),
  };
}

export function decodeExplanation({ query_name: queryName, target, graph_commit_id: graphCommitId, steps, measured }: ExplanationOutput): Explanation {
  return {
    queryName,
    target: { branch: target.branch, snapshot: target.snapshot },
    graphCommitId,
    steps: steps.map(decodeStep),
    measured: measured === null ? null : decodeRun(measured),
  };
}

function encodeStep(step: ExplainStep): ExplainStepOutput {
  return {
    operator: step.operator,
    variable: step.variable,
    type: step.type,
    description: step.description,
    conditions: step.conditions,
    estimated_rows: rounded(step.estimatedRows),
    access: step.access === null ? null : { kind: step.access.kind, detail: step.access.detail ?? null },
    measured: step.measured === null ? null : encodeMeasured(step.measured),
    children: step.children.map(encodeStep),
  };
}

function decodeStep(step: ExplainStepOutput): ExplainStep {
  return {
    operator: step.operator,
    variable: step.variable,
    type: step.type,
    description: step.description,
    conditions: step.conditions,
    estimatedRows: step.estimated_rows,
    access: step.access === null ? null : { kind: step.access.kind, ...(step.access.detail === null ? {} : { detail: step.access.detail }) },
    measured: step.measured === null ? null : decodeMeasured(step.measured),
    children: step.children.map(decodeStep),
  };
}

function encodeMeasured(measured: MeasuredStep): MeasuredStepOutput {
  return {
    input_rows: measured.inputRows,
    output_rows: measured.outputRows,
    elapsed_ms: measured.elapsedMs === null ? null : rounded(measured.elapsedMs),
    bytes_read: measured.bytesRead,
    cache_hits: measured.cacheHits,
    cache_misses: measured.cacheMisses,
  };
}

function decodeMeasured(measured: MeasuredStepOutput): MeasuredStep {
  return {
    inputRows: measured.input_rows,
    outputRows: measured.output_rows,
    elapsedMs: measured.elapsed_ms,
    bytesRead: measured.bytes_read,
    cacheHits: measured.cache_hits,
    cacheMisses: measured.cache_misses,
  };
}

function encodeRun(run: MeasuredRun): MeasuredRunOutput {
  return {
    row_count: run.rowCount,
    elapsed_ms: rounded(run.elapsedMs),
    load_ms: rounded(run.loadMs),
    bytes_read: run.bytesRead,
    cache_hits: run.cacheHits,
    cache_misses: run.cacheMisses,
    memory_peak_bytes: run.memoryPeakBytes,
  };
}

function decodeRun(run: MeasuredRunOutput): MeasuredRun {
  return {
    rowCount: run.row_count,
    elapsedMs: run.elapsed_ms,
    loadMs: run.load_ms,
    bytesRead: run.bytes_read,
    cacheHits: run.cache_hits,
    cacheMisses: run.cache_misses,
    memoryPeakBytes: run.memory_peak_bytes,
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
