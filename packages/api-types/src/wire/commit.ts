import * as z from "zod";
import { microseconds, named, wholeNumber } from "./named-schemas.js";

export interface CommitOutput {
  readonly graph_commit_id: string;
  readonly graph_branch: string | null;
  readonly graph_manifest_version: number;
  readonly parent_commit_id: string | null;
  readonly merged_parent_commit_id: string | null;
  readonly actor_id: string | null;
  readonly created_at: number;
}

export interface CommitListOutput {
  readonly commits: readonly CommitOutput[];
}

export const commitOutputSchema: z.ZodType<CommitOutput> = named(
  "CommitOutput",
  "One published state of the graph.",
  z.object({
    graph_commit_id: z.string(),
    graph_branch: z.string().nullable().describe("Branch on which it was made; null is main."),
    graph_manifest_version: wholeNumber(),
    parent_commit_id: z.string().nullable().describe("Null for the first commit."),
    merged_parent_commit_id: z.string().nullable().describe("Second parent of a merge."),
    actor_id: z.string().nullable(),
    created_at: microseconds(),
  }),
);

export const commitListOutputSchema: z.ZodType<CommitListOutput> = named("CommitListOutput", "Commits, newest first.", z.object({ commits: z.array(commitOutputSchema) }));
