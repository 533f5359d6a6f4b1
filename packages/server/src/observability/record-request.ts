import { isOmniError } from "@omnigraphdb/common";
import { RecoveryRequiredError, WriterBusyError } from "@omnigraphdb/engine";
import type { RequestScope } from "../request-scope.js";

/** Logged and counted for a caller who left before the answer; never sent. */
const CLIENT_GONE = 499;

const LOGGED_PATH_LENGTH_MAX = 200;

export interface FinishedRequest {
  /** Raw, without the query string. */
  readonly path: string;
  /** Undefined when no route answered. */
  readonly route: string | undefined;
  readonly status: number;
  /** By `performance.now()`. */
  readonly startedAt: number;
}

/** One line and one sample per request. The query string stays out: it may hold ids of entities (server 9.2). */
export function recordRequest(scope: RequestScope, { path, route, status, startedAt }: FinishedRequest): void {
  const milliseconds = performance.now() - startedAt;
  const { method } = scope.request;
  const seen = status >= 500 && scope.isAborted ? CLIENT_GONE : status;
  scope.services.metrics.request(route ?? "unknown", knownMethod(method), seen, milliseconds / 1000);
  if (!scope.isTraced) return;
  const { actor, served } = scope;
  scope.log.debug("request", { method, path: path.slice(0, LOGGED_PATH_LENGTH_MAX), route, graph_id: served?.graphId, actor, status: seen, latency_ms: Math.round(milliseconds * 1000) / 1000 });
}

/**
 * One line for what the operator has to look after: failures of the server, with their causes, which callers are not told. What is no
 * error of ours is a defect, and logged with its stack. Other failures are the caller's, and their texts may quote values.
 */
export function recordFailure(scope: RequestScope, route: string, error: unknown): void {
  const { services, log, actor, served } = scope;
  const about = { route, graph_id: served?.graphId, actor };
  if (!isOmniError(error)) {
    if (scope.isAborted) return;
    log.error("request failed", { ...about, error });
    return;
  }
  if (error instanceof WriterBusyError) services.metrics.writerBusy(error.waitedMs / 1000);
  const level = error.httpStatus === 500 ? "error" : error instanceof RecoveryRequiredError ? "warn" : undefined;
  if (level === undefined) return;
  log[level]("request failed", { ...about, code: error.code, error: error.message, cause: error.cause });
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A caller may invent methods; metrics have a bounded number of labels. */
function knownMethod(method: string): string {
  return METHODS.has(method) ? method : "other";
}
