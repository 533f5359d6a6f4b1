import * as z from "zod";
import { type CommitOutput, commitOutputSchema } from "./commit.js";
import { named, wholeNumber } from "./named-schemas.js";

export type LoadModeInput = "merge" | "append" | "overwrite";
export type LoadEmbeddingInput = "missing" | "none";

export interface IngestRequest {
  readonly branch?: string | null | undefined;
  readonly from?: string | null | undefined;
  readonly mode?: LoadModeInput | null | undefined;
  readonly data: string;
  readonly embed?: LoadEmbeddingInput | null | undefined;
}

export interface GraphBatchDeclarationOutput {
  readonly name: string;
  readonly entities_loaded: number;
}

export interface GraphBatchLoadOutput {
  readonly branch: string;
  readonly base_branch: string | null;
  readonly branch_created: boolean;
  readonly mode: LoadModeInput;
  readonly nodes: readonly GraphBatchDeclarationOutput[];
  readonly edges: readonly GraphBatchDeclarationOutput[];
  readonly total_entities: number;
  readonly actor_id: string | null;
  readonly commit: CommitOutput;
}

export interface IngestOutput extends GraphBatchLoadOutput {
  readonly uri: string;
}

export const loadModeSchema: z.ZodType<LoadModeInput> = named(
  "LoadMode",
  "merge: existing identities are updated. append: an existing identity is a conflict. overwrite: types named by a record are replaced as a whole.",
  z.enum(["merge", "append", "overwrite"]),
);

const loadEmbeddingSchema: z.ZodType<LoadEmbeddingInput> = z.enum(["missing", "none"]).describe("missing: vectors that a record leaves out are computed from the text their @embed names. none: they stay null.");

export const ingestRequestSchema: z.ZodType<IngestRequest> = named(
  "IngestRequest",
  "Records to load.",
  z.object({
    branch: z.string().nullish().describe("Default main."),
    from: z.string().nullish().describe("Where a missing branch is created from; without it the branch must exist."),
    mode: loadModeSchema.nullish().describe("Default merge."),
    data: z.string().describe("JSON records, one after another."),
    embed: loadEmbeddingSchema.nullish(),
  }),
);

const graphBatchDeclarationOutputSchema: z.ZodType<GraphBatchDeclarationOutput> = named(
  "GraphBatchDeclarationOutput",
  "How many entities of a type were loaded.",
  z.object({ name: z.string(), entities_loaded: wholeNumber() }),
);

const receipt = {
  branch: z.string(),
  base_branch: z.string().nullable().describe("From as it was given."),
  branch_created: z.boolean(),
  mode: loadModeSchema,
  nodes: z.array(graphBatchDeclarationOutputSchema),
  edges: z.array(graphBatchDeclarationOutputSchema),
  total_entities: wholeNumber(),
  actor_id: z.string().nullable(),
  commit: commitOutputSchema,
};

export const graphBatchLoadOutputSchema: z.ZodType<GraphBatchLoadOutput> = named("GraphBatchLoadOutput", "What a load did.", z.object(receipt));

export const ingestOutputSchema: z.ZodType<IngestOutput> = named("IngestOutput", "What a load did, and where.", z.object({ uri: z.string(), ...receipt }));
