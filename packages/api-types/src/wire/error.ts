import * as z from "zod";
import type {
  BlobRangeOutput,
  ChangeDiffRefusalOutput,
  ChangeDiffRefusalReason,
  ChangeFeedGapOutput,
  ErrorCode,
  ErrorOutput,
  ExternalBlobSourceOutput,
  GraphUnavailableOutput,
  KeyConflictOutput,
  PreconditionFailureOutput,
  PublishedDatasetVersionConflictOutput,
  ReadSetConflictOutput,
  RecoveryRequiredOutput,
  ResourceLimitOutput,
  WriterBusyOutput,
} from "../errors/error-output.js";
import { mergeConflictOutputSchema } from "./branch.js";
import { entityKindOutputSchema } from "./entity.js";
import { named, wholeNumber } from "./named-schemas.js";

const errorCodeSchema: z.ZodType<ErrorCode> = named(
  "ErrorCode",
  "Closed set; conditions that are newer leave it out and have a detail object instead.",
  z.enum(["unauthorized", "forbidden", "bad_request", "not_found", "method_not_allowed", "conflict", "too_many_requests", "internal"]),
);

const publishedDatasetVersionConflictSchema: z.ZodType<PublishedDatasetVersionConflictOutput> = named(
  "PublishedDatasetVersionConflictOutput",
  "Another write published the type first.",
  z.object({
    entity_kind: entityKindOutputSchema,
    type_name: z.string(),
    expected_published_dataset_version: wholeNumber(),
    actual_published_dataset_version: wholeNumber(),
  }),
);

const readSetConflictSchema: z.ZodType<ReadSetConflictOutput> = named(
  "ReadSetConflictOutput",
  "Something that was read while the write was prepared has moved.",
  z.object({ member: z.string().describe("Opaque."), expected: z.string().nullable(), actual: z.string().nullable() }),
);

const keyConflictSchema: z.ZodType<KeyConflictOutput> = named(
  "KeyConflictOutput",
  "The identity is taken.",
  z.object({ entity_kind: entityKindOutputSchema, type_name: z.string(), entity_id: z.exactOptional(z.string()) }),
);

const resourceLimitSchema: z.ZodType<ResourceLimitOutput> = named(
  "ResourceLimitOutput",
  "A ceiling was hit.",
  z.object({ resource: z.string(), limit: wholeNumber(), actual: wholeNumber() }),
);

const blobRangeSchema: z.ZodType<BlobRangeOutput> = named(
  "BlobRangeOutput",
  "The range that cannot be satisfied, half-open, and the length of the blob.",
  z.object({ start: wholeNumber(), end: wholeNumber(), length: wholeNumber() }),
);

const externalBlobSourceSchema: z.ZodType<ExternalBlobSourceOutput> = named(
  "ExternalBlobSourceOutput",
  "An external blob could not be read while importing.",
  z.object({ uri: z.string(), reason: z.string() }),
);

const recoveryRequiredSchema: z.ZodType<RecoveryRequiredOutput> = named("RecoveryRequiredOutput", "An interrupted write has to be settled first.", z.object({ operation_id: z.string() }));

const writerBusySchema: z.ZodType<WriterBusyOutput> = named("WriterBusyOutput", "Another process is writing; nothing was done.", z.object({ waited_ms: wholeNumber() }));

const graphUnavailableSchema: z.ZodType<GraphUnavailableOutput> = named("GraphUnavailableOutput", "The graph is applied but not ready.", z.object({ graph_id: z.string(), reason: z.string() }));

const preconditionFailureSchema: z.ZodType<PreconditionFailureOutput> = named(
  "PreconditionFailureOutput",
  "The branch head is not the commit named.",
  z.object({ expected: z.string(), actual: z.exactOptional(z.string()) }),
);

const changeFeedGapSchema: z.ZodType<ChangeFeedGapOutput> = named(
  "ChangeFeedGapOutput",
  "History that the feed needs has been reclaimed.",
  z.object({ cursor: z.exactOptional(z.string()), first_unreadable_commit_id: z.string() }),
);

const changeDiffRefusalReasonSchema: z.ZodType<ChangeDiffRefusalReason> = named(
  "ChangeDiffRefusalReason",
  "Why the changes of a commit cannot be stated.",
  z.enum(["parentless_commit", "schema_boundary", "unknown"]),
);

const changeDiffRefusalSchema: z.ZodType<ChangeDiffRefusalOutput> = named(
  "ChangeDiffRefusalOutput",
  "The changes of a commit cannot be stated.",
  z.object({ reason: changeDiffRefusalReasonSchema, graph_commit_id: z.string(), type_name: z.exactOptional(z.string()) }),
);

const beginning = { error: z.string().describe("For people."), code: z.exactOptional(errorCodeSchema) };

const additions = {
  error_code: z.exactOptional(z.string()).describe("Stable code of the failure, such as KEY_CONFLICT."),
  category: z.exactOptional(
    z.enum(["invalid", "unauthenticated", "forbidden", "not_found", "conflict", "precondition", "gone", "limit", "unavailable", "cancelled", "corrupt", "internal"]),
  ),
  hint: z.exactOptional(z.string()).describe("What to do next."),
  effects: z.exactOptional(z.literal("possible")).describe("Present when something may have been left behind."),
  retryable: z.exactOptional(z.boolean()).describe("Whether sending the whole request again is safe and may succeed."),
  details: z.exactOptional(z.record(z.string(), z.unknown())).describe("Facts that no other member has."),
};

export const errorOutputSchema: z.ZodType<ErrorOutput> = named(
  "ErrorOutput",
  "A failure.",
  z.object({
    ...beginning,
    merge_conflicts: z.exactOptional(z.array(mergeConflictOutputSchema)),
    published_dataset_version_conflict: z.exactOptional(publishedDatasetVersionConflictSchema),
    read_set_conflict: z.exactOptional(readSetConflictSchema),
    key_conflict: z.exactOptional(keyConflictSchema),
    resource_limit: z.exactOptional(resourceLimitSchema),
    blob_range: z.exactOptional(blobRangeSchema),
    external_blob_source: z.exactOptional(externalBlobSourceSchema),
    recovery_required: z.exactOptional(recoveryRequiredSchema),
    writer_busy: z.exactOptional(writerBusySchema),
    graph_unavailable: z.exactOptional(graphUnavailableSchema),
    precondition_failure: z.exactOptional(preconditionFailureSchema),
    change_feed_gap: z.exactOptional(changeFeedGapSchema),
    change_diff_refusal: z.exactOptional(changeDiffRefusalSchema),
    ...additions,
  }),
);

/** What change routes answer: a part of {@link errorOutputSchema} (3.1), and what every route of a graph answers (§23). */
export const changeErrorOutputSchema: z.ZodType<Pick<ErrorOutput, "error" | "code" | "resource_limit" | "recovery_required" | "graph_unavailable" | "change_feed_gap" | "change_diff_refusal">> = named(
  "ChangeErrorOutput",
  "A failure of a change route.",
  z.object({
    ...beginning,
    resource_limit: z.exactOptional(resourceLimitSchema),
    recovery_required: z.exactOptional(recoveryRequiredSchema),
    graph_unavailable: z.exactOptional(graphUnavailableSchema),
    change_feed_gap: z.exactOptional(changeFeedGapSchema),
    change_diff_refusal: z.exactOptional(changeDiffRefusalSchema),
    ...additions,
  }),
);
