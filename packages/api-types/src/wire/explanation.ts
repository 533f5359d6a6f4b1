import * as z from "zod";
import type { AccessKind, ExplainOperator } from "../models/explanation.js";
import { named, wholeNumber } from "./named-schemas.js";
import { type ReadTargetOutput, readTargetOutputSchema } from "./query.js";

export interface AccessPathOutput {
  readonly kind: AccessKind;
  readonly detail: string | null;
}

export interface MeasuredStepOutput {
  readonly input_rows: number;
  readonly output_rows: number;
  readonly elapsed_ms: number | null;
  readonly bytes_read: number;
  readonly cache_hits: number;
  readonly cache_misses: number;
}

export interface ExplainStepOutput {
  readonly operator: ExplainOperator;
  readonly variable: string | null;
  readonly type: string | null;
  readonly description: string;
  readonly conditions: readonly string[];
  readonly estimated_rows: number;
  readonly access: AccessPathOutput | null;
  readonly measured: MeasuredStepOutput | null;
  readonly children: readonly ExplainStepOutput[];
}

export interface MeasuredRunOutput {
  readonly row_count: number;
  readonly elapsed_ms: number;
  readonly load_ms: number;
  readonly bytes_read: number;
  readonly cache_hits: number;
  readonly cache_misses: number;
  readonly memory_peak_bytes: number;
}

export interface ExplanationOutput {
  readonly query_name: string;
  readonly target: ReadTargetOutput;
  readonly graph_commit_id: string;
  readonly analyzed: boolean;
  readonly steps: readonly ExplainStepOutput[];
  readonly measured: MeasuredRunOutput | null;
}

const accessPathOutputSchema: z.ZodType<AccessPathOutput> = z.object({
  kind: z.enum(["memory", "keySeek", "pushedFilter", "columnLoad", "csr", "csrBuild", "indexedSeek", "vectorIndex", "flatVectors", "textIndex", "nativeText", "nothing"]),
  detail: z.string().nullable(),
});

const measuredStepOutputSchema: z.ZodType<MeasuredStepOutput> = z.object({
  input_rows: z.number(),
  output_rows: z.number(),
  elapsed_ms: z.number().nullable(),
  bytes_read: z.number(),
  cache_hits: z.number(),
  cache_misses: z.number(),
});

const explainStepOutputSchema: z.ZodType<ExplainStepOutput> = named(
  "ExplainStepOutput",
  "One step of a plan as it is executed.",
  z.object({
    operator: z.enum(["scan", "expand", "close", "filter", "textMatch", "antiJoin", "cross", "rank", "aggregate", "sort", "limit", "project"]),
    variable: z.string().nullable(),
    type: z.string().nullable(),
    description: z.string(),
    conditions: z.array(z.string()),
    estimated_rows: z.number(),
    access: accessPathOutputSchema.nullable(),
    measured: measuredStepOutputSchema.nullable(),
    get children(): z.ZodArray<z.ZodType<ExplainStepOutput>> {
      return z.array(explainStepOutputSchema);
    },
  }),
);

export const explanationOutputSchema: z.ZodType<ExplanationOutput> = named(
  "ExplanationOutput",
  "How a read is executed.",
  z.object({
    query_name: z.string(),
    target: readTargetOutputSchema,
    graph_commit_id: z.string(),
    analyzed: z.boolean(),
    steps: z.array(explainStepOutputSchema),
    measured: z
      .object({
        row_count: wholeNumber(),
        elapsed_ms: z.number(),
        load_ms: z.number(),
        bytes_read: z.number(),
        cache_hits: z.number(),
        cache_misses: z.number(),
        memory_peak_bytes: z.number(),
      })
      .nullable()
      .describe("Null without analyze."),
  }),
);
