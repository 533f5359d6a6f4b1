/** What a failure means for the caller. Closed: adding one needs a decision record (`docs/decisions`). */
export type ErrorCategory =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "precondition"
  | "gone"
  | "limit"
  | "unavailable"
  | "cancelled"
  | "corrupt"
  | "internal";

interface CategoryDefaults {
  /** HTTP status a server answers with. */
  readonly httpStatus: number;
  /** Whether starting the whole call again may succeed, provided the failed one left no effects. */
  readonly mayRetry: boolean;
}

export const CATEGORY_DEFAULTS: Readonly<Record<ErrorCategory, CategoryDefaults>> = {
  invalid: { httpStatus: 400, mayRetry: false },
  unauthenticated: { httpStatus: 401, mayRetry: false },
  forbidden: { httpStatus: 403, mayRetry: false },
  not_found: { httpStatus: 404, mayRetry: false },
  conflict: { httpStatus: 409, mayRetry: true },
  precondition: { httpStatus: 412, mayRetry: false },
  gone: { httpStatus: 410, mayRetry: false },
  limit: { httpStatus: 413, mayRetry: false },
  unavailable: { httpStatus: 503, mayRetry: true },
  cancelled: { httpStatus: 504, mayRetry: false },
  corrupt: { httpStatus: 500, mayRetry: false },
  internal: { httpStatus: 500, mayRetry: false },
};
