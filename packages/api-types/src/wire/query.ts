import * as z from "zod";
import { named, wholeNumber } from "./named-schemas.js";

/** Values by parameter name. Kept as the parser left it: binding checks it against the declarations of the query. */
export type ParamsInput = unknown;

export interface QueryRequest {
  readonly query: string;
  readonly name?: string | null | undefined;
  readonly params?: ParamsInput;
  readonly branch?: string | null | undefined;
  readonly snapshot?: string | null | undefined;
  readonly timeout_ms?: number | null | undefined;
}

export interface ExplainRequest extends QueryRequest {
  readonly analyze?: boolean | null | undefined;
}

export interface ReadRequest {
  readonly query_source: string;
  readonly query_name?: string | null | undefined;
  readonly params?: ParamsInput;
  readonly branch?: string | null | undefined;
  readonly snapshot?: string | null | undefined;
}

export interface ReadTargetOutput {
  readonly branch: string | null;
  readonly snapshot: string | null;
}

export interface LegacyReadOutput {
  readonly query_name: string;
  readonly target: ReadTargetOutput;
  readonly row_count: number;
  readonly columns?: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** The values of a column that row objects do not have: a later column of the same name replaces them there (RS-3). */
export interface ReplacedColumnOutput {
  /** From 0. */
  readonly column: number;
  /** One per row. */
  readonly cells: readonly unknown[];
}

export interface ReadOutput extends LegacyReadOutput {
  readonly graph_commit_id?: string;
  readonly replaced?: readonly ReplacedColumnOutput[];
}

/** Any object; the declarations of the query decide what it may hold. */
export const paramsInputSchema: z.ZodType = z.unknown().optional().meta({ type: ["object", "null"], additionalProperties: {}, description: "Values by parameter name, without $. 64-bit integers as numbers of full width or decimal strings." });

const target = {
  branch: z.string().nullish().describe("Head to read; default main. Not together with snapshot."),
  snapshot: z.string().nullish().describe("Commit id, or another snapshot id that the server issued."),
};

const query = {
  query: z.string().describe("Query language source with one or more named queries."),
  name: z.string().nullish().describe("Which query of the source; required when it holds several."),
  params: paramsInputSchema,
  ...target,
  timeout_ms: z.number().int().min(1).nullish().describe("Longest the query may take; the limit of the server stays in force."),
};

export const queryRequestSchema: z.ZodType<QueryRequest> = named("QueryRequest", "A read query.", z.object(query));

export const explainRequestSchema: z.ZodType<ExplainRequest> = named(
  "ExplainRequest",
  "A read query whose execution is to be described.",
  z.object({ ...query, analyze: z.boolean().nullish().describe("Run the query and measure every step.") }),
);

export const readRequestSchema: z.ZodType<ReadRequest> = named(
  "ReadRequest",
  "A read query, in the spelling of earlier versions.",
  z.object({ query_source: z.string(), query_name: z.string().nullish(), params: paramsInputSchema, ...target }),
);

export const readTargetOutputSchema: z.ZodType<ReadTargetOutput> = named(
  "ReadTargetOutput",
  "The target as it was asked for; exactly one member is set.",
  z.object({ branch: z.string().nullable(), snapshot: z.string().nullable() }),
);

const result = {
  query_name: z.string(),
  target: readTargetOutputSchema,
  row_count: wholeNumber(),
  columns: z.exactOptional(z.array(z.string())).describe("In order of projection; left out when empty."),
  rows: z.array(z.record(z.string(), z.unknown())).describe("One object per row, its members in order of projection."),
};

export const legacyReadOutputSchema: z.ZodType<LegacyReadOutput> = named("LegacyReadOutput", "Rows of a read, in the form of earlier versions.", z.object(result));

const replacedColumnSchema: z.ZodType<ReplacedColumnOutput> = named(
  "ReplacedColumn",
  "Values of a column that row objects do not have, as a later column has its name.",
  z.object({ column: wholeNumber().describe("Its place among the columns, from 0."), cells: z.array(z.unknown()).describe("One per row.") }),
);

export const readOutputSchema: z.ZodType<ReadOutput> = named(
  "ReadOutput",
  "Rows of a read.",
  z.object({
    ...result,
    graph_commit_id: z.exactOptional(z.string()).describe("The commit that was read; a condition for a write that depends on it."),
    replaced: z.exactOptional(z.array(replacedColumnSchema)).describe("Only where columns have the same name."),
  }),
);
