import * as z from "zod";
import { named, wholeNumber } from "./named-schemas.js";

export interface HealthOutput {
  readonly status: "ok";
  readonly version: string;
  readonly internal_schema_version: number;
  readonly source_version?: string;
}

/** A served graph. */
export interface GraphInfoOutput {
  readonly graph_id: string;
  readonly uri: string;
}

export interface GraphListResponse {
  readonly graphs: readonly GraphInfoOutput[];
}

export const healthOutputSchema: z.ZodType<HealthOutput> = named(
  "HealthOutput",
  "The server is alive.",
  z.object({
    status: z.literal("ok"),
    version: z.string(),
    internal_schema_version: wholeNumber().describe("Storage format version that the server writes."),
    source_version: z.exactOptional(z.string()),
  }),
);

const graphInfoOutputSchema: z.ZodType<GraphInfoOutput> = named("GraphInfo", "A served graph.", z.object({ graph_id: z.string(), uri: z.string() }));

export const graphListResponseSchema: z.ZodType<GraphListResponse> = named("GraphListResponse", "Served graphs, by id.", z.object({ graphs: z.array(graphInfoOutputSchema) }));
