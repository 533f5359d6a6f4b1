import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** The bearer token is missing or unknown (§2). */
export class UnauthorizedError extends OmniError {
  readonly code = "UNAUTHORIZED";
  readonly category: ErrorCategory = "unauthenticated";

  constructor(reason: "missing" | "invalid") {
    super(reason === "missing" ? "missing bearer token" : "invalid bearer token", {
      hint: reason === "missing" ? "Send the header Authorization: Bearer <token>." : "Ask the operator of the server for a valid token.",
    });
  }
}

/** No policy is bound for what is asked: of a graph only reading is allowed, of the server nothing (policy.md §2). */
export class DefaultDenyError extends OmniError {
  readonly code = "DEFAULT_DENY";
  readonly category: ErrorCategory = "forbidden";

  constructor(action: string) {
    super(`action '${action}' is not allowed: no policy that could grant it is bound (default-deny)`, {
      hint: "Ask the operator of the server to install a policy bundle.",
    });
  }
}

/** An actor has as many writes in flight as one may have (§5). Nothing was done. */
export class TooManyRequestsError extends OmniError {
  readonly code = "TOO_MANY_REQUESTS";
  readonly category: ErrorCategory = "unavailable";
  readonly retryAfterSeconds = 60;

  /** @param cap which limit was hit, in words */
  constructor(cap: string) {
    super(`too many writes in flight: ${cap}`, { hint: "Wait for running writes to finish, then send the request again." });
  }

  override get httpStatus(): number {
    return 429;
  }
}

/** The server serves no graph of this id (1.1.2). */
export class GraphNotServedError extends OmniError {
  readonly code = "GRAPH_NOT_SERVED";
  readonly category: ErrorCategory = "not_found";
  readonly graphId: string;

  constructor(graphId: string) {
    super(`graph '${graphId}' not found`, { hint: "Check the graph id; GET /graphs lists those that are served." });
    this.graphId = graphId;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { graph_id: this.graphId };
  }
}

/** The graph is applied but was set aside when the server started (1.1.2, H16). */
export class GraphUnavailableError extends OmniError {
  readonly code = "GRAPH_UNAVAILABLE";
  readonly category: ErrorCategory = "unavailable";
  readonly graphId: string;
  readonly reason: string;

  constructor(graphId: string, reason: string) {
    super(`graph '${graphId}' is not ready: ${reason}`, { hint: "Ask the operator of the server to repair the graph and reload." });
    this.graphId = graphId;
    this.reason = reason;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { graph_unavailable: { graph_id: this.graphId, reason: this.reason } };
  }
}

/** A stored query does not exist, or the caller may not invoke any: the two are told apart for nobody (12.2). */
export class StoredQueryNotFoundError extends OmniError {
  readonly code = "STORED_QUERY_NOT_FOUND";
  readonly category: ErrorCategory = "not_found";

  constructor() {
    super("stored query not found", { hint: "Check the name, and that your policy grants invoke_query." });
  }
}

/** A stored query was called as the kind that it is not (12.3, 12.4). */
export class StoredQueryKindError extends OmniError {
  readonly code = "STORED_QUERY_KIND";
  readonly category: ErrorCategory = "invalid";

  constructor(message: string, hint: string) {
    super(message, { hint });
  }
}

/** The route exists, but not in the mode the server runs in (7, 22.1). */
export class MethodNotAllowedError extends OmniError {
  readonly code = "METHOD_NOT_ALLOWED";
  readonly category: ErrorCategory = "invalid";

  constructor(message: string) {
    super(message, { hint: "Start the server from a cluster to use this route." });
  }

  override get httpStatus(): number {
    return 405;
  }
}

/** The schema of a graph that a cluster serves changes with the cluster's configuration only (13.2.1). */
export class SchemaManagedError extends OmniError {
  readonly code = "SCHEMA_MANAGED";
  readonly category: ErrorCategory = "conflict";

  constructor() {
    super("the schema of this graph is managed by its cluster", {
      hint: "Change the schema in the cluster's configuration, run `omnigraph cluster apply`, then reload or restart the server.",
    });
  }

  override get retryable(): boolean {
    return false;
  }
}

/** There is no such entity, or it has no content there (19.1). */
export class BlobAbsentError extends OmniError {
  readonly code = "BLOB_NOT_FOUND";
  readonly category: ErrorCategory = "not_found";

  constructor(property: string, type: string, id: string) {
    super(`no blob at property '${property}' of ${type} '${id}'`, { hint: "Check the id; an entity whose property is null has no blob." });
  }
}

/** The blob is not the one that `If-Match` names (19.4). */
export class BlobChangedError extends OmniError {
  readonly code = "BLOB_CHANGED";
  readonly category: ErrorCategory = "precondition";

  constructor() {
    super("the blob does not have the entity tag that If-Match names", { hint: "Read the blob again; its content has changed." });
  }
}
