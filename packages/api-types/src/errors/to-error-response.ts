import { isOmniError, type OmniError } from "@omnigraphdb/common";
import type { ErrorCode, ErrorOutput } from "./error-output.js";
import { toWireResource } from "./resource-names.js";

export interface ErrorResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorOutput;
}

export interface ErrorResponseOptions {
  /** Change routes answer what they cannot classify with a fixed text, and say no more of a recovery than its id (18.6). */
  readonly isChangeRoute?: boolean;
}

/**
 * The answer to a failed request (§3.2). What is no `OmniError` is an internal error without detail; texts of failures of the storage and
 * of providers, which may name paths and addresses of the server, stay in its log.
 */
export function toErrorResponse(error: unknown, { isChangeRoute = false }: ErrorResponseOptions = {}): ErrorResponse {
  if (!isOmniError(error)) return { status: 500, headers: {}, body: unclassified(isChangeRoute) };
  const status = statusOf(error);
  const code = codeOf(error, status);
  const text = textOf(error, status, isChangeRoute);
  const { named, rest } = sortDetails(error, status);
  const body: ErrorOutput = {
    error: text,
    ...(code === undefined ? {} : { code }),
    ...named,
    error_code: error.code,
    category: error.category,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.effects === "none" ? {} : { effects: error.effects }),
    retryable: error.retryable,
    ...(Object.keys(rest).length === 0 ? {} : { details: rest }),
  };
  return { status, headers: headersOf(error), body };
}

export type DetailMember = Extract<keyof ErrorOutput, `${string}_${"conflicts" | "conflict" | "limit" | "range" | "source" | "required" | "busy" | "unavailable" | "failure" | "gap" | "refusal"}`>;

/** Details that have a member of their own in the envelope, in its order. */
export const DETAIL_MEMBERS: readonly DetailMember[] = [
  "merge_conflicts",
  "published_dataset_version_conflict",
  "read_set_conflict",
  "key_conflict",
  "resource_limit",
  "blob_range",
  "external_blob_source",
  "recovery_required",
  "writer_busy",
  "graph_unavailable",
  "precondition_failure",
  "change_feed_gap",
  "change_diff_refusal",
];

/** Errors whose details as a whole are one member. */
export const WHOLE_DETAILS: Readonly<Record<string, DetailMember>> = {
  KEY_CONFLICT: "key_conflict",
  RESOURCE_LIMIT_EXCEEDED: "resource_limit",
  BODY_TOO_LARGE: "resource_limit",
};

const INTERNAL_TEXT = "internal error";
const CHANGES_TEXT = "internal error while reading changes";

function unclassified(isChangeRoute: boolean): ErrorOutput {
  return {
    error: isChangeRoute ? CHANGES_TEXT : INTERNAL_TEXT,
    code: "internal",
    error_code: "INTERNAL",
    category: "internal",
    hint: "Look for the request id of the answer in the log of the server.",
    retryable: false,
  };
}

/**
 * What a caller of the engine did wrong, the server did: a handle that is closed under a request, by a reload or a shutdown; a graph whose
 * files are gone, or are not those that were opened.
 */
const STATUS_OF_CODE: Readonly<Record<string, number>> = { GRAPH_CLOSED: 503, GRAPH_NOT_FOUND: 500, SCHEMA_ARTIFACT_MISSING: 409 };

function statusOf(error: OmniError): number {
  return STATUS_OF_CODE[error.code] ?? error.httpStatus;
}

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  409: "conflict",
  413: "bad_request",
  415: "bad_request",
  416: "bad_request",
  422: "bad_request",
  429: "too_many_requests",
  500: "internal",
};

function codeOf(error: OmniError, status: number): ErrorCode | undefined {
  return error.code === "BLOB_CHANGED" ? "conflict" : CODE_OF_STATUS[status];
}

/** Failures of the server whose text says nothing of its insides. */
const TOLD_FAILURES: ReadonlySet<string> = new Set([
  "HISTORICAL_VERSION_RECLAIMED",
  "EMBEDDER_MISSING",
  "EMBEDDING_KEY_MISSING",
  "EMBEDDING_DEADLINE_EXCEEDED",
  "EMBEDDING_DIMENSION_MISMATCH",
  "EMBEDDING_VECTOR_INVALID",
]);

/** Instead of texts and details that name paths and addresses of the server. */
const TEXT_OF_FAILURE: Readonly<Record<string, string>> = {
  GRAPH_RELOCATED: "the graph was moved or copied as files, and has branches with data of their own: it cannot be used where it is",
  GRAPH_NOT_FOUND: "the stored graph is gone",
  STORAGE: "the storage of the graph could not be read or written",
  EMBEDDING_PROVIDER_FAILED: "the embedding provider of the server failed",
};

function textOf(error: OmniError, status: number, isChangeRoute: boolean): string {
  // Why the write was interrupted, the storage said in its own words; the log has them.
  if (error.code === "RECOVERY_REQUIRED") return "an interrupted write has to be settled first";
  if (status === 500 && isChangeRoute) return CHANGES_TEXT;
  if (!isRedacted(error, status)) return error.message;
  return TEXT_OF_FAILURE[error.code] ?? (error.category === "corrupt" ? "stored data of the graph is damaged or incomplete" : INTERNAL_TEXT);
}

function isRedacted(error: OmniError, status: number): boolean {
  return error.code in TEXT_OF_FAILURE || (status === 500 && !TOLD_FAILURES.has(error.code));
}

function headersOf(error: OmniError): Readonly<Record<string, string>> {
  if (error.code === "TOO_MANY_REQUESTS") return { "retry-after": "60" };
  if (error.code === "WRITER_BUSY" || error.code === "GRAPH_CLOSED") return { "retry-after": "1" };
  return {};
}

interface SortedDetails {
  readonly named: Readonly<Record<string, unknown>>;
  readonly rest: Readonly<Record<string, unknown>>;
}

function sortDetails(error: OmniError, status: number): SortedDetails {
  const whole = WHOLE_DETAILS[error.code];
  if (whole !== undefined) return { named: { [whole]: wholeOf(error.details) }, rest: {} };
  const members: ReadonlySet<string> = new Set(DETAIL_MEMBERS);
  const entries = Object.entries(error.details).filter(([, value]) => value !== undefined);
  const named = entries.filter(([name]) => members.has(name)).map(([name, value]) => [name, name === "precondition_failure" ? withoutNulls(value) : value] as const);
  // What only describes the insides of a failure stays inside with its text.
  const rest = isRedacted(error, status) ? [] : entries.filter(([name]) => !members.has(name));
  return { named: Object.fromEntries(named.sort(([a], [b]) => order(a) - order(b))), rest: Object.fromEntries(rest) };
}

function wholeOf(details: OmniError["details"]): OmniError["details"] {
  return "resource" in details ? { ...details, resource: toWireResource(details["resource"]) } : details;
}

function order(name: string): number {
  return (DETAIL_MEMBERS as readonly string[]).indexOf(name);
}

function withoutNulls(value: unknown): unknown {
  return Object.fromEntries(Object.entries(value as Record<string, unknown>).filter(([, member]) => member !== null));
}
