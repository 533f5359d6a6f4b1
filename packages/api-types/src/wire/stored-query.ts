import * as z from "zod";
import type { ParamDescriptor, ParamKind } from "../models/stored-query.js";
import { type ChangeOutput, changeOutputSchema } from "./mutation.js";
import { named, wholeNumber } from "./named-schemas.js";
import { type ParamsInput, paramsInputSchema, type ReadOutput, readOutputSchema } from "./query.js";

export interface QueryCatalogEntryOutput {
  readonly name: string;
  readonly tool_name: string;
  readonly description?: string;
  readonly instruction?: string;
  readonly mutation: boolean;
  readonly params: readonly ParamDescriptor[];
}

export interface QueriesCatalogOutput {
  readonly queries: readonly QueryCatalogEntryOutput[];
}

export interface InvokeStoredQueryRequest {
  readonly params?: ParamsInput;
  readonly branch?: string | null | undefined;
  readonly snapshot?: string | null | undefined;
  readonly expect_mutation?: boolean | null | undefined;
}

export type InvokeStoredQueryResponse = ReadOutput | ChangeOutput;

const paramKindSchema: z.ZodType<ParamKind> = named(
  "ParamKind",
  "How a value of a parameter is sent.",
  z.enum(["string", "bool", "int", "bigint", "float", "date", "datetime", "blob", "vector", "list", "object"]),
);

const paramDescriptorSchema: z.ZodType<ParamDescriptor> = named(
  "ParamDescriptor",
  "A parameter of a stored query.",
  z.object({
    name: z.string(),
    kind: paramKindSchema,
    item_kind: z.exactOptional(paramKindSchema).describe("Lists only."),
    vector_dim: z.exactOptional(wholeNumber()).describe("Vectors only."),
    nullable: z.boolean().describe("It may be left out."),
  }),
);

const queryCatalogEntrySchema: z.ZodType<QueryCatalogEntryOutput> = named(
  "QueryCatalogEntry",
  "A stored query.",
  z.object({
    name: z.string(),
    tool_name: z.string(),
    description: z.exactOptional(z.string()),
    instruction: z.exactOptional(z.string()),
    mutation: z.boolean(),
    params: z.array(paramDescriptorSchema).describe("In order of declaration."),
  }),
);

export const queriesCatalogOutputSchema: z.ZodType<QueriesCatalogOutput> = named("QueriesCatalogOutput", "Stored queries, by name.", z.object({ queries: z.array(queryCatalogEntrySchema) }));

export const invokeStoredQueryRequestSchema: z.ZodType<InvokeStoredQueryRequest> = named(
  "InvokeStoredQueryRequest",
  "How a stored query is to be run.",
  z.object({
    params: paramsInputSchema,
    branch: z.string().nullish().describe("Default main."),
    snapshot: z.string().nullish().describe("Reads only."),
    expect_mutation: z.boolean().nullish().describe("Refuse the call if the query is of the other kind."),
  }),
);

export const invokeStoredQueryResponseSchema: z.ZodType<InvokeStoredQueryResponse> = named(
  "InvokeStoredQueryResponse",
  "The answer of a read, or of a mutation, without a wrapper.",
  z.union([readOutputSchema, changeOutputSchema]),
);
