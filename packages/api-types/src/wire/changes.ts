import * as z from "zod";
import { type EntityKindOutput, entityKindOutputSchema } from "./entity.js";
import { microseconds, named } from "./named-schemas.js";

export type ChangeOpOutput = "insert" | "update" | "delete";

export interface ChangeTypeOutput {
  readonly id: string;
  readonly name: string;
}

export interface ChangeEndpointsOutput {
  readonly from: string;
  readonly to: string;
}

export interface ChangeImageOutput {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly endpoints?: ChangeEndpointsOutput;
}

export interface EntityChangeOutput {
  readonly kind: EntityKindOutput;
  readonly type: ChangeTypeOutput;
  readonly id: string;
  readonly op: ChangeOpOutput;
  readonly before?: ChangeImageOutput;
  readonly after?: ChangeImageOutput;
}

export interface ChangeCauseOutput {
  readonly graph_commit_id: string;
  readonly parent_commit_id?: string;
  readonly merged_parent_commit_id?: string;
  readonly authored_branch: string;
  readonly actor_id?: string;
  readonly authored_at: number;
}

export interface ChangeBlockOutput {
  readonly cause: ChangeCauseOutput;
  readonly changes: readonly EntityChangeOutput[];
}

export interface CommitChangesOutput extends ChangeBlockOutput {
  readonly next_page_token?: string;
}

export interface ChangeFeedOutput {
  readonly blocks: readonly ChangeBlockOutput[];
  readonly next_page_token?: string;
  readonly cursor?: string;
  readonly caught_up?: boolean;
}

export interface ChangeBaselineRequest {
  readonly branch?: string | null | undefined;
  readonly kind?: readonly EntityKindOutput[] | null | undefined;
  readonly type?: readonly string[] | null | undefined;
  readonly op?: readonly ChangeOpOutput[] | null | undefined;
}

export interface ChangeBaselineRecord {
  readonly snapshot_commit_id: string;
  readonly resume_cursor: string;
}

/** The last line of a baseline. */
export interface ChangeBaselineOutput {
  readonly baseline: ChangeBaselineRecord;
}

export const changeOpOutputSchema: z.ZodType<ChangeOpOutput> = named("ChangeOpOutput", "What happened to an entity.", z.enum(["insert", "update", "delete"]));

const changeTypeOutputSchema: z.ZodType<ChangeTypeOutput> = named(
  "ChangeTypeOutput",
  "Type of a changed entity.",
  z.object({ id: z.string().describe("Opaque; survives a rename, changes after a drop and re-add."), name: z.string() }),
);

const changeEndpointsOutputSchema: z.ZodType<ChangeEndpointsOutput> = named("ChangeEndpointsOutput", "Ids of the ends of an edge.", z.object({ from: z.string(), to: z.string() }));

export const changeImageOutputSchema: z.ZodType<ChangeImageOutput> = named(
  "ChangeImageOutput",
  "An entity as one commit shows it, values as in an export.",
  z.object({ properties: z.record(z.string(), z.unknown()), endpoints: z.exactOptional(changeEndpointsOutputSchema) }),
);

const entityChangeOutputSchema: z.ZodType<EntityChangeOutput> = named(
  "EntityChangeOutput",
  "One changed entity: inserts have no before, deletes no after.",
  z.object({
    kind: entityKindOutputSchema,
    type: changeTypeOutputSchema,
    id: z.string(),
    op: changeOpOutputSchema,
    before: z.exactOptional(changeImageOutputSchema),
    after: z.exactOptional(changeImageOutputSchema),
  }),
);

const changeCauseOutputSchema: z.ZodType<ChangeCauseOutput> = named(
  "ChangeCauseOutput",
  "The commit that made changes.",
  z.object({
    graph_commit_id: z.string(),
    parent_commit_id: z.exactOptional(z.string()),
    merged_parent_commit_id: z.exactOptional(z.string()),
    authored_branch: z.string(),
    actor_id: z.exactOptional(z.string()),
    authored_at: microseconds(),
  }),
);

const block = { cause: changeCauseOutputSchema, changes: z.array(entityChangeOutputSchema) };

const changeBlockOutputSchema: z.ZodType<ChangeBlockOutput> = named("ChangeBlockOutput", "The changes of one commit.", z.object(block));

export const commitChangesOutputSchema: z.ZodType<CommitChangesOutput> = named(
  "CommitChangesOutput",
  "One page of the changes of a commit.",
  z.object({ ...block, next_page_token: z.exactOptional(z.string()).describe("Left out on the last page.") }),
);

export const changeFeedOutputSchema: z.ZodType<ChangeFeedOutput> = named(
  "ChangeFeedOutput",
  "One page of a poll, oldest commit first.",
  z.object({
    blocks: z.array(changeBlockOutputSchema),
    next_page_token: z.exactOptional(z.string()).describe("Only while the answer goes on."),
    cursor: z.exactOptional(z.string()).describe("Only on the last page; where the next poll resumes."),
    caught_up: z.exactOptional(z.boolean()).describe("Only on the last page; false when more commits wait already."),
  }),
);

export const changeBaselineRequestSchema: z.ZodType<ChangeBaselineRequest> = named(
  "ChangeBaselineRequest",
  "What a baseline and the feed behind it are about.",
  z.object({
    branch: z.string().nullish().describe("Default main."),
    kind: z.array(entityKindOutputSchema).nullish(),
    type: z.array(z.string()).nullish(),
    op: z.array(changeOpOutputSchema).nullish().describe("For the feed only."),
  }),
);

const changeBaselineRecordSchema: z.ZodType<ChangeBaselineRecord> = named(
  "ChangeBaselineRecord",
  "The commit that was captured, and where its feed begins.",
  z.object({ snapshot_commit_id: z.string(), resume_cursor: z.string() }),
);

export const changeBaselineOutputSchema: z.ZodType<ChangeBaselineOutput> = named(
  "ChangeBaselineOutput",
  "The last line of a baseline; a stream without it is incomplete.",
  z.object({ baseline: changeBaselineRecordSchema }),
);
