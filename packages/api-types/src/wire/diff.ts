import * as z from "zod";
import { type ChangeImageOutput, changeImageOutputSchema, type ChangeOpOutput, changeOpOutputSchema } from "./changes.js";
import { type EntityKindOutput, entityKindOutputSchema } from "./entity.js";
import { named, wholeNumber } from "./named-schemas.js";

export interface EntityDifferenceOutput {
  readonly kind: EntityKindOutput;
  readonly type_name: string;
  readonly id: string;
  readonly op: ChangeOpOutput;
  readonly published_dataset_version: number;
  readonly endpoints?: { readonly src: string; readonly dst: string };
  readonly before?: ChangeImageOutput;
  readonly after?: ChangeImageOutput;
}

export interface GraphDiffOutput {
  readonly from_graph_manifest_version: number;
  readonly to_graph_manifest_version: number;
  readonly graph_branch: string | null;
  readonly changes: readonly EntityDifferenceOutput[];
  readonly stats: {
    readonly inserts: number;
    readonly updates: number;
    readonly deletes: number;
    readonly types_affected: readonly string[];
  };
}

const entityDifferenceOutputSchema: z.ZodType<EntityDifferenceOutput> = named(
  "EntityDifferenceOutput",
  "One entity that differs between two states.",
  z.object({
    kind: entityKindOutputSchema,
    type_name: z.string(),
    id: z.string(),
    op: changeOpOutputSchema,
    published_dataset_version: wholeNumber(),
    endpoints: z.exactOptional(z.object({ src: z.string(), dst: z.string() })).describe("Of edges."),
    before: z.exactOptional(changeImageOutputSchema).describe("Only with images=true."),
    after: z.exactOptional(changeImageOutputSchema).describe("Only with images=true."),
  }),
);

export const graphDiffOutputSchema: z.ZodType<GraphDiffOutput> = named(
  "GraphDiffOutput",
  "What differs between two states: edges before nodes, then by type name and id.",
  z.object({
    from_graph_manifest_version: wholeNumber(),
    to_graph_manifest_version: wholeNumber(),
    graph_branch: z.string().nullable().describe("Of the later state; null is main."),
    changes: z.array(entityDifferenceOutputSchema),
    stats: z.object({ inserts: wholeNumber(), updates: wholeNumber(), deletes: wholeNumber(), types_affected: z.array(z.string()) }),
  }),
);
