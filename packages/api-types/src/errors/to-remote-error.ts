import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import type { ErrorOutput } from "./error-output.js";
import { fromWireResource } from "./resource-names.js";
import { DETAIL_MEMBERS, type DetailMember, WHOLE_DETAILS } from "./to-error-response.js";

interface RemoteFailure {
  readonly message: string;
  readonly code: string;
  readonly category: ErrorCategory;
  readonly hint: string | undefined;
  readonly effects: "none" | "possible";
  readonly isRetryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
}

/** A failure that a server reported: code, category, effects, details and hint are those of the error that its engine threw. */
export class RemoteError extends OmniError {
  readonly code: string;
  readonly category: ErrorCategory;
  /** HTTP status of the answer. */
  readonly status: number;
  /** What the server asks to wait before the request is sent again. */
  readonly retryAfterSeconds: number | undefined;
  readonly #isRetryable: boolean;
  readonly #details: Readonly<Record<string, unknown>>;

  constructor(failure: RemoteFailure) {
    super(failure.message, { effects: failure.effects, ...(failure.hint === undefined ? {} : { hint: failure.hint }) });
    this.code = failure.code;
    this.category = failure.category;
    this.status = failure.status;
    this.retryAfterSeconds = failure.retryAfterSeconds;
    this.#isRetryable = failure.isRetryable;
    this.#details = failure.details;
  }

  override get retryable(): boolean {
    return this.#isRetryable;
  }

  override get httpStatus(): number {
    return this.status;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return this.#details;
  }
}

/**
 * The error of an answer that is a failure. Members it does not know are ignored, and what an older server leaves out is told from the
 * status.
 *
 * @param body parsed JSON of the answer; undefined when there was none, or it was no JSON
 */
export function toRemoteError(status: number, headers: Pick<Headers, "get">, body: unknown): RemoteError {
  const envelope: Partial<ErrorOutput> = isObject(body) ? body : {};
  const category = isCategory(envelope.category) ? envelope.category : categoryOf(status);
  const message = typeof envelope.error === "string" ? envelope.error : `the server answered with status ${status}`;
  return new RemoteError({
    message,
    code: typeof envelope.error_code === "string" ? envelope.error_code : fallbackCode(status, envelope),
    category,
    hint: typeof envelope.hint === "string" ? envelope.hint : undefined,
    effects: envelope.effects === "possible" ? "possible" : "none",
    isRetryable: typeof envelope.retryable === "boolean" ? envelope.retryable : isRetryableAnswer(status, envelope),
    details: detailsOf(envelope),
    status,
    retryAfterSeconds: retryAfterOf(headers.get("retry-after")),
  });
}

const CATEGORY_OF_STATUS: Readonly<Record<number, ErrorCategory>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  410: "gone",
  412: "precondition",
  413: "limit",
  429: "unavailable",
  502: "unavailable",
  503: "unavailable",
  504: "cancelled",
};

const CATEGORIES: ReadonlySet<unknown> = new Set<ErrorCategory>([
  "invalid",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "precondition",
  "gone",
  "limit",
  "unavailable",
  "cancelled",
  "corrupt",
  "internal",
]);

function isCategory(value: unknown): value is ErrorCategory {
  return CATEGORIES.has(value);
}

function categoryOf(status: number): ErrorCategory {
  return CATEGORY_OF_STATUS[status] ?? (status < 500 ? "invalid" : "internal");
}

/** Codes of the conditions that servers without `error_code` tell apart by their details. */
const CODE_OF_DETAIL: Readonly<Record<DetailMember, string>> = {
  merge_conflicts: "MERGE_CONFLICTS",
  published_dataset_version_conflict: "PUBLISHED_DATASET_VERSION_MISMATCH",
  read_set_conflict: "READ_SET_CHANGED",
  key_conflict: "KEY_CONFLICT",
  resource_limit: "RESOURCE_LIMIT_EXCEEDED",
  blob_range: "BLOB_RANGE_NOT_SATISFIABLE",
  external_blob_source: "EXTERNAL_BLOB_SOURCE",
  recovery_required: "RECOVERY_REQUIRED",
  writer_busy: "WRITER_BUSY",
  graph_unavailable: "GRAPH_UNAVAILABLE",
  precondition_failure: "PRECONDITION_FAILED",
  change_feed_gap: "CHANGE_FEED_GAP",
  change_diff_refusal: "CHANGES_REFUSED",
};

function fallbackCode(status: number, envelope: Partial<ErrorOutput>): string {
  const detail = DETAIL_MEMBERS.find((name) => envelope[name] !== undefined);
  return detail === undefined ? `HTTP_${status}` : CODE_OF_DETAIL[detail];
}

/** 24.2.14. */
function isRetryableAnswer(status: number, envelope: Partial<ErrorOutput>): boolean {
  return status === 429 || envelope.writer_busy !== undefined || envelope.read_set_conflict !== undefined;
}

function detailsOf(envelope: Partial<ErrorOutput>): Readonly<Record<string, unknown>> {
  const whole = envelope.error_code === undefined ? undefined : WHOLE_DETAILS[envelope.error_code];
  const given: unknown = whole === undefined ? undefined : envelope[whole];
  if (isObject(given)) return "resource" in given ? { ...given, resource: fromWireResource(given["resource"]) } : given;
  const named = DETAIL_MEMBERS.flatMap((name) => (envelope[name] === undefined ? [] : [[name, withActual(name, envelope[name])] as const]));
  return { ...Object.fromEntries(named), ...(isObject(envelope.details) ? envelope.details : {}) };
}

/** A head that does not exist is null in the details of an error, and absent on the wire. */
function withActual(name: string, value: unknown): unknown {
  return name === "precondition_failure" && isObject(value) ? { ...value, actual: value["actual"] ?? null } : value;
}

function retryAfterOf(text: string | null): number | undefined {
  return text !== null && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
