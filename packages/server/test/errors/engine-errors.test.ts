/** Every error of the engine, the compiler and the embeddings, on its way through an answer and back (http-api §3.2). */
import { toErrorResponse, toRemoteError } from "@omnigraphdb/api-types";
import { OmniError } from "@omnigraphdb/common";
import * as common from "@omnigraphdb/common";
import * as compiler from "@omnigraphdb/compiler";
import * as embeddings from "@omnigraphdb/embeddings";
import * as engine from "@omnigraphdb/engine";
import { describe, expect, test } from "vitest";

type Row = readonly [error: OmniError, status: number, code: string | undefined, member?: string];

const position = { record: 2, line: 3 };
const drift = { typeKey: "node:A", headVersion: 3, publishedVersion: 2 };
const unsupported = { kind: "unsupported_change", rule: "U1", entity: "node:A", reason: "m", code: undefined } as const;

const ROWS: readonly Row[] = [
  // 400: what the caller sent
  [new compiler.CompileError([{ code: "Q1", severity: "error", message: "m", span: { start: 0, end: 1 } } as never], "q"), 400, "bad_request"],
  [new compiler.ParameterError("m", "p"), 400, "bad_request"],
  [new compiler.QuerySelectionError("q", ["a"]), 400, "bad_request"],
  [new engine.EnvironmentError("OMNIGRAPH_CACHE_BYTES", "lots", "a whole number of bytes"), 400, "bad_request"],
  [new engine.QueryRefusedError("q", "m", "R1"), 400, "bad_request"],
  [new engine.WrongQueryKindError("q", "read"), 400, "bad_request"],
  [new engine.MutationNotExplainedError("q"), 400, "bad_request"],
  [new engine.MixedMutationError("q"), 400, "bad_request"],
  [new engine.KeyUpdateError("A", "id"), 400, "bad_request"],
  [new engine.MutationValueError("A", "p", "m"), 400, "bad_request"],
  [new engine.ConstraintViolationError("enum", "node:A", "1", "m"), 400, "bad_request"],
  [new engine.UnsupportedConstraintError("m"), 400, "bad_request"],
  [new engine.LoadInputError("m"), 400, "bad_request"],
  [new engine.LoadRecordError("m", position), 400, "bad_request"],
  [new engine.InvalidBranchNameError("m"), 400, "bad_request"],
  [new engine.InternalBranchError("m"), 400, "bad_request"],
  [new engine.MainBranchError("create"), 400, "bad_request"],
  [new engine.InvalidMergeError("m"), 400, "bad_request"],
  [new engine.InvalidSnapshotIdError("x"), 400, "bad_request"],
  [new engine.ReadTargetConflictError(), 400, "bad_request"],
  [new engine.InvalidPreconditionError("*"), 400, "bad_request"],
  [new engine.InvalidChangeRequestError("m", "h"), 400, "bad_request"],
  [new engine.ChangeCursorRejectedError("m"), 400, "bad_request"],
  [new engine.UnknownExportTypeError("A", ["B"]), 400, "bad_request"],
  [new engine.BlobSelectorError("m"), 400, "bad_request"],
  [new engine.SchemaChangeUnsupportedError(unsupported, []), 400, "bad_request"],
  [new engine.EmbeddingModelMismatchError("A", "p", "m1", "m2"), 400, "bad_request"],
  [new engine.ForceWithoutConfirmError(), 400, "bad_request"],
  [new engine.InvalidRetentionError("m"), 400, "bad_request"],
  [new engine.ReadOnlyGraphError("load"), 400, "bad_request"],
  [new embeddings.EmbedSpecError("m"), 400, "bad_request"],
  [new embeddings.EmbedRecordError(1, "m"), 400, "bad_request"],
  // 403
  [new common.PolicyDeniedError("a", { action: "change" }, { message: "m" }), 403, "forbidden"],
  [new common.ActorRequiredError({ action: "change" }), 403, "forbidden"],
  // 404
  [new engine.BranchNotFoundError("x"), 404, "not_found"],
  [new engine.CommitNotFoundError("x"), 404, "not_found"],
  [new engine.GraphVersionNotFoundError("main", 3), 404, "not_found"],
  [new engine.BeforeFirstCommitError("main", 1, 2), 404, "not_found"],
  [new engine.TypeNotInSnapshotError("node:A"), 404, "not_found"],
  // 409
  [new engine.BranchExistsError("x"), 409, "conflict"],
  [new engine.BranchNameConflictError("a/b", "a"), 409, "conflict"],
  [engine.BranchInUseError.becauseBound("x"), 409, "conflict"],
  [new engine.MergeConflictsError([{ entityKind: "node", typeName: "A", entityId: "1", kind: "divergent_update", message: "m" }]), 409, "conflict", "merge_conflicts"],
  [new engine.KeyConflictError("node:A", "1", "m"), 409, "conflict", "key_conflict"],
  [new engine.HashCollisionError("node:A", ["1", "2"]), 409, "conflict"],
  [new engine.ReadSetChangedError("graph_head:main", "a", "b"), 409, "conflict", "read_set_conflict"],
  [new engine.SchemaApplyOutrunError({ version: 1, commitId: "a" }, { version: 2, commitId: "b" }), 409, "conflict", "read_set_conflict"],
  [new engine.PublishedDatasetVersionMismatchError("node:A", 1, 2), 409, "conflict", "published_dataset_version_conflict"],
  [new engine.RowLevelCasContentionError(32), 409, "conflict"],
  [new engine.SchemaApplyInProgressError("load"), 409, "conflict"],
  [new engine.SchemaApplyNeedsOnlyMainError(["x"]), 409, "conflict"],
  [new engine.LoadSchemaChangedError(), 409, "conflict"],
  [new engine.DatasetDriftError(drift, { message: "m", hint: "h" }), 409, "conflict"],
  [new engine.DatasetVersionMovedError(1, 2), 409, "conflict"],
  [new engine.ForkNamesTakenError("node:A", 3, undefined), 409, "conflict"],
  [new engine.GraphRelocatedError("/srv/a", "/srv/b"), 409, "conflict"],
  [new compiler.SchemaContractError("m"), 409, "conflict"],
  [new engine.SchemaArtifactMissingError("_schema.pg", true), 409, "conflict"],
  [new engine.ChangesRefusedError("schema_boundary", "c", "A"), 409, "conflict", "change_diff_refusal"],
  [new engine.AlreadyInitializedError("g", "m", "h"), 409, "conflict"],
  [new engine.InitializationClaimedError("g", "m"), 409, "conflict"],
  [new embeddings.EmbedRunningError("out.jsonl", 7, "out.lock"), 409, "conflict"],
  // Later statuses
  [new engine.ChangeFeedGapError("c", "cursor"), 410, undefined, "change_feed_gap"],
  [new engine.PreconditionFailedError("main", "a", "b"), 412, undefined, "precondition_failure"],
  [new engine.PreconditionFailedError("main", "a", null), 412, undefined, "precondition_failure"],
  [new engine.ResourceLimitExceededError("query time ms", 1, 2, "h"), 413, "bad_request", "resource_limit"],
  [new engine.LoadRecordLimitError("load record bytes", 1, 2, position), 413, "bad_request", "resource_limit"],
  [new engine.BlobRangeNotSatisfiableError(5, 6, 2), 416, "bad_request", "blob_range"],
  [new engine.RecoveryRequiredError("op", "m"), 503, undefined, "recovery_required"],
  [new engine.WriterBusyError(100, "pid 1"), 503, undefined, "writer_busy"],
  [new engine.GraphClosedError(), 503, undefined],
  [new common.CancelledError("query"), 504, undefined],
  // 500: the server's own
  [new common.PolicyEvaluationError("m"), 500, "internal"],
  [new engine.StorageError("Transient", "/srv/graphs/crm"), 500, "internal"],
  [new engine.HistoricalVersionReclaimedError(3), 500, "internal"],
  [new engine.BlobIntegrityError("m"), 500, "internal"],
  [new engine.DatasetBehindManifestError(drift), 500, "internal"],
  [new engine.ManifestCorruptError("m"), 500, "internal"],
  [new engine.ManifestInvariantError("m"), 500, "internal"],
  [new engine.FormatTooNewError(9, 1), 500, "internal"],
  [new engine.GraphNotFoundError("/srv/a"), 500, "internal"],
  [new engine.SchemaHistoryDamagedError("x", "m"), 500, "internal"],
  [new engine.SidecarUnreadableError("op", "m", "h"), 500, "internal"],
  [new engine.RecoveryAbortedError("op", "m"), 500, "internal"],
  [new engine.AuditUnreadableError("r", "m"), 500, "internal"],
  [new engine.StagedSchemaConflictError(), 500, "internal"],
  [new engine.InitializationCommittedError("/srv/a", undefined), 500, "internal"],
  [new engine.InitializationIndeterminateError("/srv/a", undefined), 500, "internal"],
  [new engine.EmbedderMissingError(), 500, "internal"],
  [new common.EmbeddingDimensionError("mock", 3, 4), 500, "internal"],
  [new common.EmbeddingVectorError("mock", "m"), 500, "internal"],
  [new embeddings.EmbeddingConfigError("V", "m"), 500, "internal"],
  [new embeddings.EmbeddingKeyMissingError("mock", ["KEY"]), 500, "internal"],
  [new embeddings.EmbeddingProviderError({ provider: "mock", problem: "m", attempts: 1, isTransient: true }), 500, "internal"],
  [new embeddings.EmbeddingDeadlineError("mock", 1, undefined), 500, "internal"],
];

test("every error class that is exported has its row", () => {
  const exported = [common, compiler, embeddings, engine].flatMap((module) => Object.values(module as Record<string, unknown>)).filter((value): value is new () => OmniError => typeof value === "function" && value.prototype instanceof OmniError);
  const rows = new Set(ROWS.map(([error]) => error.constructor as unknown));
  expect([...new Set(exported)].filter((errorClass) => !rows.has(errorClass)).map(({ name }) => name)).toEqual([]);
});

describe("§3.2", () => {
  test.each(ROWS.map(([error, ...rest]) => [error.constructor.name, error, ...rest] as const))("%s", (_name, error, status, code, member) => {
    const { status: given, headers, body } = toErrorResponse(error);
    expect([given, body.code, body.error_code]).toEqual([status, code, error.code]);
    if (member !== undefined) expect(body).toHaveProperty(member);
    expect(JSON.stringify(body)).not.toContain("/srv/");

    const remote = toRemoteError(given, new Headers(headers), JSON.parse(JSON.stringify(body)));
    expect(remote).toMatchObject({ code: error.code, category: error.category, effects: error.effects, hint: error.hint, retryable: error.retryable });
    const isTold = !body.error.startsWith("internal error") && body.error === error.message;
    if (isTold) expect(remote.details).toEqual(JSON.parse(JSON.stringify(error.details)));
  });
});
