import * as z from "zod";
import { type CommitOutput, commitOutputSchema } from "./commit.js";
import { named, wholeNumber } from "./named-schemas.js";
import { type ParamsInput, paramsInputSchema } from "./query.js";

/** A field and its alias together are refused. */
export interface ChangeRequest {
  readonly query?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly params?: ParamsInput;
  readonly branch?: string | null | undefined;
  readonly query_source?: string | null | undefined;
  readonly query_name?: string | null | undefined;
}

export interface ChangeOutput {
  readonly branch: string;
  readonly query_name: string;
  readonly affected_nodes: number;
  readonly affected_edges: number;
  readonly actor_id: string | null;
  readonly commit: CommitOutput | null;
}

export const changeRequestSchema: z.ZodType<ChangeRequest> = named(
  "ChangeRequest",
  "A mutation.",
  z
    .object({
      query: z.string().nullish().describe("Query language source with one or more named mutations. Required, here or as query_source."),
      name: z.string().nullish().describe("Which query of the source; required when it holds several."),
      params: paramsInputSchema,
      branch: z.string().nullish().describe("Default main."),
      query_source: z.string().nullish().describe("Other name of query."),
      query_name: z.string().nullish().describe("Other name of name."),
    })
    .check((context) => {
      const { query, name, query_source: querySource, query_name: queryName } = context.value;
      const problem = (path: string, message: string): void => {
        context.issues.push({ code: "custom", input: context.value, path: [path], message });
      };
      if (isGiven(query) && isGiven(querySource)) problem("query_source", "is another name of 'query', which is given too");
      if (isGiven(name) && isGiven(queryName)) problem("query_name", "is another name of 'name', which is given too");
      if (!isGiven(query) && !isGiven(querySource)) problem("query", "is required");
    }),
);

export const changeOutputSchema: z.ZodType<ChangeOutput> = named(
  "ChangeOutput",
  "What a mutation did.",
  z.object({
    branch: z.string(),
    query_name: z.string(),
    affected_nodes: wholeNumber(),
    affected_edges: wholeNumber(),
    actor_id: z.string().nullable(),
    commit: commitOutputSchema.nullable().describe("The commit of this very write; null when nothing changed."),
  }),
);

function isGiven(value: string | null | undefined): value is string {
  return value !== undefined && value !== null;
}
