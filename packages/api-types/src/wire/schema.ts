import type { Json } from "@omnigraphdb/common";
import * as z from "zod";
import { type CommitOutput, commitOutputSchema } from "./commit.js";
import { named, wholeNumber } from "./named-schemas.js";

export interface SchemaOutput {
  readonly schema_source: string;
}

export interface SchemaApplyRequest {
  readonly schema_source: string;
  readonly allow_data_loss?: boolean | null | undefined;
}

export interface SchemaStepOutput {
  readonly kind: string;
  readonly description: string;
  readonly [member: string]: Json;
}

export interface SchemaApplyOutput {
  readonly uri: string;
  readonly supported: boolean;
  readonly applied: boolean;
  readonly step_count: number;
  readonly graph_manifest_version: number;
  readonly steps: readonly SchemaStepOutput[];
  readonly actor_id: string | null;
  readonly commit: CommitOutput | null;
}

export const schemaOutputSchema: z.ZodType<SchemaOutput> = named("SchemaOutput", "The accepted schema of the graph.", z.object({ schema_source: z.string() }));

export const schemaApplyRequestSchema: z.ZodType<SchemaApplyRequest> = named(
  "SchemaApplyRequest",
  "The schema the graph shall have.",
  z.object({
    schema_source: z.string(),
    allow_data_loss: z.boolean().nullish().describe("Dropped data is reclaimed at once instead of staying readable in earlier versions."),
  }),
);

const stepSchema = z.looseObject({ kind: z.string(), description: z.string().describe("One line for people.") }) as unknown as z.ZodType<SchemaStepOutput>;

export const schemaApplyOutputSchema: z.ZodType<SchemaApplyOutput> = named(
  "SchemaApplyOutput",
  "What a migration did.",
  z.object({
    uri: z.string(),
    supported: z.boolean(),
    applied: z.boolean().describe("False for an empty plan."),
    step_count: wholeNumber(),
    graph_manifest_version: wholeNumber(),
    steps: z.array(stepSchema),
    actor_id: z.string().nullable(),
    commit: commitOutputSchema.nullable().describe("Null when nothing was applied."),
  }),
);
