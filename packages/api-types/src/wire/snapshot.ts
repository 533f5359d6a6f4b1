import * as z from "zod";
import { type EntityKindOutput, entityKindOutputSchema } from "./entity.js";
import { named, wholeNumber } from "./named-schemas.js";

export interface SnapshotDatasetOutput {
  readonly entity_kind: EntityKindOutput;
  readonly type_name: string;
  readonly dataset_path: string;
  readonly published_dataset_version: number;
  readonly native_dataset_branch: string | null;
  readonly entity_count: number;
}

export interface SnapshotOutput {
  readonly graph_branch: string;
  readonly graph_manifest_version: number;
  readonly internal_schema_version: number;
  readonly datasets: readonly SnapshotDatasetOutput[];
  readonly graph_commit_id: string;
}

const snapshotDatasetOutputSchema: z.ZodType<SnapshotDatasetOutput> = named(
  "SnapshotDatasetOutput",
  "The stored data of one type.",
  z.object({
    entity_kind: entityKindOutputSchema,
    type_name: z.string(),
    dataset_path: z.string(),
    published_dataset_version: wholeNumber(),
    native_dataset_branch: z.string().nullable(),
    entity_count: wholeNumber(),
  }),
);

export const snapshotOutputSchema: z.ZodType<SnapshotOutput> = named(
  "SnapshotOutput",
  "What one state of the graph consists of.",
  z.object({
    graph_branch: z.string(),
    graph_manifest_version: wholeNumber(),
    internal_schema_version: wholeNumber(),
    datasets: z.array(snapshotDatasetOutputSchema).describe("Edges before nodes, then by type name."),
    graph_commit_id: z.string(),
  }),
);
