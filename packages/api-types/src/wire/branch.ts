import * as z from "zod";
import { type CommitOutput, commitOutputSchema } from "./commit.js";
import { type EntityKindOutput, entityKindOutputSchema } from "./entity.js";
import { named } from "./named-schemas.js";

export interface BranchListOutput {
  readonly branches: readonly string[];
}

export interface BranchCreateRequest {
  readonly name: string;
  readonly from?: string | null | undefined;
}

export interface BranchCreateOutput {
  readonly uri: string;
  readonly from: string;
  readonly name: string;
  readonly actor_id: string | null;
}

export interface BranchDeleteOutput {
  readonly uri: string;
  readonly name: string;
  readonly actor_id: string | null;
}

export interface BranchMergeRequest {
  readonly source: string;
  readonly target?: string | null | undefined;
  readonly delete_branch?: boolean | null | undefined;
}

export type BranchMergeOutcome = "already_up_to_date" | "fast_forward" | "merged";

export interface BranchMergeOutput {
  readonly source: string;
  readonly target: string;
  readonly outcome: BranchMergeOutcome;
  readonly actor_id: string | null;
  readonly branch_deleted?: boolean;
  readonly branch_delete_error?: string;
  readonly commit: CommitOutput | null;
}

export type MergeConflictKindOutput =
  | "divergent_insert"
  | "divergent_update"
  | "delete_vs_update"
  | "orphan_edge"
  | "unique_violation"
  | "cardinality_violation"
  | "value_constraint_violation";

export interface MergeConflictOutput {
  readonly entity_kind: EntityKindOutput;
  readonly type_name: string;
  readonly entity_id: string | null;
  readonly kind: MergeConflictKindOutput;
  readonly message: string;
}

export const branchListOutputSchema: z.ZodType<BranchListOutput> = named("BranchListOutput", "main first, then the others by name.", z.object({ branches: z.array(z.string()) }));

export const branchCreateRequestSchema: z.ZodType<BranchCreateRequest> = named(
  "BranchCreateRequest",
  "A branch to create.",
  z.object({ name: z.string(), from: z.string().nullish().describe("Default main.") }),
);

export const branchCreateOutputSchema: z.ZodType<BranchCreateOutput> = named(
  "BranchCreateOutput",
  "A branch that was created.",
  z.object({ uri: z.string(), from: z.string(), name: z.string(), actor_id: z.string().nullable() }),
);

export const branchDeleteOutputSchema: z.ZodType<BranchDeleteOutput> = named(
  "BranchDeleteOutput",
  "A branch that was deleted.",
  z.object({ uri: z.string(), name: z.string(), actor_id: z.string().nullable() }),
);

export const branchMergeRequestSchema: z.ZodType<BranchMergeRequest> = named(
  "BranchMergeRequest",
  "Branches to merge.",
  z.object({
    source: z.string(),
    target: z.string().nullish().describe("Default main."),
    delete_branch: z.boolean().nullish().describe("Delete the source after the merge, whatever its outcome."),
  }),
);

const branchMergeOutcomeSchema: z.ZodType<BranchMergeOutcome> = named("BranchMergeOutcome", "How a merge went.", z.enum(["already_up_to_date", "fast_forward", "merged"]));

export const branchMergeOutputSchema: z.ZodType<BranchMergeOutput> = named(
  "BranchMergeOutput",
  "What a merge did.",
  z.object({
    source: z.string(),
    target: z.string(),
    outcome: branchMergeOutcomeSchema,
    actor_id: z.string().nullable(),
    branch_deleted: z.exactOptional(z.boolean()).describe("Only when the deletion was asked for."),
    branch_delete_error: z.exactOptional(z.string()).describe("Why the source is still there."),
    commit: commitOutputSchema.nullable().describe("The commit of the merge; null when the target was up to date."),
  }),
);

const mergeConflictKindOutputSchema: z.ZodType<MergeConflictKindOutput> = named(
  "MergeConflictKindOutput",
  "Why an entity cannot be merged.",
  z.enum(["divergent_insert", "divergent_update", "delete_vs_update", "orphan_edge", "unique_violation", "cardinality_violation", "value_constraint_violation"]),
);

export const mergeConflictOutputSchema: z.ZodType<MergeConflictOutput> = named(
  "MergeConflictOutput",
  "One reason why two branches cannot be merged.",
  z.object({
    entity_kind: entityKindOutputSchema,
    type_name: z.string(),
    entity_id: z.string().nullable(),
    kind: mergeConflictKindOutputSchema,
    message: z.string(),
  }),
);
