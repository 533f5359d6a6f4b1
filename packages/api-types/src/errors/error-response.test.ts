import { ActorRequiredError, CancelledError, type ErrorCategory, OmniError, type OmniErrorOptions, PolicyDeniedError, PolicyEvaluationError } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { errorOutputSchema } from "../wire/error.js";
import { TargetConflictError } from "../request/branch-names.js";
import { JsonTextError } from "./json-errors.js";
import { BodyReadError, BodyTooLargeError, RequestParameterError, RequestShapeError, UnsupportedMediaTypeError } from "./request-errors.js";
import {
  BlobAbsentError,
  BlobChangedError,
  DefaultDenyError,
  GraphNotServedError,
  GraphUnavailableError,
  MethodNotAllowedError,
  SchemaManagedError,
  StoredQueryKindError,
  StoredQueryNotFoundError,
  TooManyRequestsError,
  UnauthorizedError,
} from "./server-errors.js";
import { toErrorResponse } from "./to-error-response.js";
import { toRemoteError } from "./to-remote-error.js";

class SampleError extends OmniError {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly #details: Readonly<Record<string, unknown>>;

  constructor(code: string, category: ErrorCategory, details: Readonly<Record<string, unknown>> = {}, options: OmniErrorOptions = {}) {
    super(`${code} at /srv/graphs/crm: secret`, options);
    this.code = code;
    this.category = category;
    this.#details = details;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return this.#details;
  }
}

const denied = { actor: "a", request: { action: "change", branch: "main" } } as const;

describe("3.2 status, code and headers", () => {
  test.each<[OmniError, number, string | undefined, Record<string, string>?]>([
    [new UnauthorizedError("missing"), 401, "unauthorized"],
    [new UnauthorizedError("invalid"), 401, "unauthorized"],
    [new PolicyDeniedError(denied.actor, denied.request, { message: "no" }), 403, "forbidden"],
    [new ActorRequiredError({ action: "change" }), 403, "forbidden"],
    [new DefaultDenyError("change"), 403, "forbidden"],
    [new PolicyEvaluationError("x"), 500, "internal"],
    [new GraphNotServedError("crm"), 404, "not_found"],
    [new StoredQueryNotFoundError(), 404, "not_found"],
    [new StoredQueryKindError("m", "h"), 400, "bad_request"],
    [new RequestParameterError("branch", "m"), 400, "bad_request"],
    [new RequestShapeError([{ path: "a", message: "m" }]), 422, "bad_request"],
    [new RequestShapeError([{ path: "a", message: "m" }], 400), 400, "bad_request"],
    [new JsonTextError("syntax", "m"), 400, "bad_request"],
    [new TargetConflictError(), 400, "bad_request"],
    [new UnsupportedMediaTypeError("application/json", null), 415, "bad_request"],
    [new BodyTooLargeError("request_bytes", 1, 2), 413, "bad_request"],
    [new BodyReadError(), 400, "bad_request"],
    [new MethodNotAllowedError("m"), 405, "method_not_allowed"],
    [new SchemaManagedError(), 409, "conflict"],
    [new BlobAbsentError("p", "T", "1"), 404, "not_found"],
    [new BlobChangedError(), 412, "conflict"],
    [new TooManyRequestsError("16 of 16"), 429, "too_many_requests", { "retry-after": "60" }],
    [new GraphUnavailableError("crm", "recovery"), 503, undefined],
    [new CancelledError("query"), 504, undefined],
  ])("%s", (error, status, code, headers = {}) => {
    const response = toErrorResponse(error);
    expect([response.status, response.body.code, response.headers]).toEqual([status, code, headers]);
    expect(errorOutputSchema.parse(response.body)).toEqual(response.body);
    expect(Object.keys(response.body)[0]).toBe("error");
  });
});

describe("3.7 stable text", () => {
  test.each<[OmniError, string]>([
    [new UnauthorizedError("missing"), "missing bearer token"],
    [new UnauthorizedError("invalid"), "invalid bearer token"],
    [new StoredQueryNotFoundError(), "stored query not found"],
    [new GraphNotServedError("crm"), "graph 'crm' not found"],
    [new GraphUnavailableError("crm", "x"), "graph 'crm' is not ready"],
    [new DefaultDenyError("change"), "default-deny"],
  ])("%s", (error, fragment) => {
    expect(toErrorResponse(error).body.error).toContain(fragment);
  });

  test("18.6, 3.6 change routes tell nothing of what they cannot classify", () => {
    const text = "internal error while reading changes";
    for (const error of [new Error("/srv/secret"), "thrown text", undefined, new SampleError("STORAGE", "internal"), new SampleError("MANIFEST_CORRUPT", "corrupt")]) {
      const { status, body } = toErrorResponse(error, { isChangeRoute: true });
      expect([status, body.error, body.code]).toEqual([500, text, "internal"]);
      expect(JSON.stringify(body)).not.toContain("srv");
    }
    const recovery = toErrorResponse(new SampleError("RECOVERY_REQUIRED", "unavailable", { recovery_required: { operation_id: "op" } }), { isChangeRoute: true });
    expect(recovery).toMatchObject({ status: 503, body: { recovery_required: { operation_id: "op" } } });
    const told = toErrorResponse(new SampleError("RECOVERY_REQUIRED", "unavailable", { recovery_required: { operation_id: "op" } }));
    expect(told.body).toMatchObject({ error: "an interrupted write has to be settled first", recovery_required: { operation_id: "op" } });
    expect(recovery.body.error).not.toContain("srv");
  });
});

describe("failures of the server keep paths and secrets to its log", () => {
  test.each<[unknown]>([[new Error("at /srv/graphs")], [new SampleError("STORAGE", "internal", { path: "/srv" })], [new SampleError("MANIFEST_CORRUPT", "corrupt", { path: "/srv" })], [new SampleError("GRAPH_RELOCATED", "conflict", { recorded: "/srv", actual: "/srv2" })], [new SampleError("EMBEDDING_PROVIDER_FAILED", "internal", { key: "/srv" })], [null]])("%s", (error) => {
    expect(JSON.stringify(toErrorResponse(error).body)).not.toMatch(/srv|secret/);
  });

  test("a failure that nobody thought of is internal, without detail", () => {
    expect(toErrorResponse(new TypeError("x is not a function"))).toEqual({
      status: 500,
      headers: {},
      body: { error: "internal error", code: "internal", error_code: "INTERNAL", category: "internal", hint: expect.any(String) as string, retryable: false },
    });
  });
});

describe("what a client throws is what the engine threw", () => {
  test.each<[OmniError]>([
    [new SampleError("KEY_CONFLICT", "conflict", { entity_kind: "node", type_name: "T", entity_id: "1" })],
    [new SampleError("RESOURCE_LIMIT_EXCEEDED", "limit", { resource: "commit changes page changes", limit: 1, actual: 2 })],
    [new SampleError("RESOURCE_LIMIT_EXCEEDED", "limit", { resource: "query memory bytes", limit: 1, actual: 2 })],
    [new SampleError("PRECONDITION_FAILED", "precondition", { precondition_failure: { expected: "a", actual: null } }, { hint: "h" })],
    [new SampleError("PRECONDITION_FAILED", "precondition", { precondition_failure: { expected: "a", actual: "b" } })],
    [new SampleError("DATASET_VERSION_MOVED", "conflict", { expected: 1, actual: 2 }, { effects: "possible", hint: "h" })],
    [new SampleError("CHANGE_FEED_GAP", "gone", { change_feed_gap: { first_unreadable_commit_id: "c" } })],
    [new SampleError("ANYTHING", "invalid", { a: [1, null], b: { c: 9007199254740993n } })],
    [new PolicyDeniedError(denied.actor, denied.request, { message: "no" })],
    [new TooManyRequestsError("16 of 16")],
    [new GraphUnavailableError("crm", "recovery")],
    [new RequestShapeError([{ path: "a", message: "m" }])],
    [new BodyTooLargeError("graph_batch_request_bytes", 1, 2)],
  ])("%s", (error) => {
    const { status, headers, body } = toErrorResponse(error);
    const remote = toRemoteError(status, new Headers(headers), body);
    expect(remote).toMatchObject({ message: error.message, code: error.code, category: error.category, effects: error.effects, hint: error.hint, retryable: error.retryable, httpStatus: error.httpStatus });
    expect(remote.details).toEqual(error.details);
  });

  test("Retry-After is kept", () => {
    expect(toRemoteError(429, new Headers({ "retry-after": "60" }), {}).retryAfterSeconds).toBe(60);
    expect(toRemoteError(429, new Headers({ "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }), {}).retryAfterSeconds).toBeUndefined();
  });

  test.each<[number, unknown, Partial<OmniError>]>([
    [404, { error: "branch 'x' not found", code: "not_found" }, { code: "HTTP_404", category: "not_found", message: "branch 'x' not found" }],
    [409, { error: "m", code: "conflict", read_set_conflict: { member: "graph_head:main", expected: "a", actual: "b" } }, { code: "READ_SET_CHANGED", category: "conflict", retryable: true }],
    [409, { error: "m", code: "conflict", merge_conflicts: [] }, { code: "MERGE_CONFLICTS", retryable: false }],
    [503, { error: "m", writer_busy: { waited_ms: 1 } }, { code: "WRITER_BUSY", retryable: true }],
    [410, { error: "m", change_feed_gap: { first_unreadable_commit_id: "c" } }, { code: "CHANGE_FEED_GAP", category: "gone" }],
    [502, "<html>Bad gateway</html>", { code: "HTTP_502", category: "unavailable", message: "the server answered with status 502" }],
    [500, undefined, { code: "HTTP_500", category: "internal", effects: "none" }],
    [418, { error: 7, hint: [], details: "x", category: "teapot" }, { code: "HTTP_418", category: "invalid", hint: undefined }],
  ])("an older or foreign server: %i %j", (status, body, expected) => {
    expect(toRemoteError(status, new Headers(), body)).toMatchObject(expected);
  });
});
