import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** Nothing at this address is a graph. */
export class GraphNotFoundError extends OmniError {
  readonly code = "GRAPH_NOT_FOUND";
  readonly category: ErrorCategory = "not_found";
  readonly uri: string;

  constructor(uri: string) {
    super(`there is no graph at ${uri}`, { hint: "Check the address, or create the graph with init." });
    this.uri = uri;
  }
}

/** A graph, or part of one, is already there (OP-1). */
export class AlreadyInitializedError extends OmniError {
  readonly code = "ALREADY_INITIALIZED";
  readonly category: ErrorCategory = "conflict";
  readonly uri: string;

  constructor(uri: string, found: string, hint: string) {
    super(`${uri} is already initialized: ${found} exists`, { hint });
    this.uri = uri;
  }

  override get retryable(): boolean {
    return false;
  }
}

/** Somebody else is creating a graph here, or died doing so (OP-5). */
export class InitializationClaimedError extends OmniError {
  readonly code = "INITIALIZATION_CLAIMED";
  readonly category: ErrorCategory = "conflict";
  readonly uri: string;

  constructor(uri: string, owner: string) {
    super(`another init of ${uri} is running or was interrupted (${owner})`, {
      hint: "Wait for it; if its process is gone, run init again with force.",
    });
    this.uri = uri;
  }

  override get retryable(): boolean {
    return false;
  }
}

/** The graph was created, but init failed afterwards (OP-5). */
export class InitializationCommittedError extends OmniError {
  readonly code = "INITIALIZATION_COMMITTED";
  readonly category: ErrorCategory = "internal";

  constructor(uri: string, cause: unknown) {
    super(`the graph at ${uri} was created, but init did not finish cleanly`, {
      cause,
      effects: "possible",
      hint: "Open the graph; it is complete.",
    });
  }
}

/** Whether the graph was created cannot be told (OP-5). */
export class InitializationIndeterminateError extends OmniError {
  readonly code = "INITIALIZATION_INDETERMINATE";
  readonly category: ErrorCategory = "internal";

  constructor(uri: string, cause: unknown) {
    super(`it is unknown whether the graph at ${uri} was created`, {
      cause,
      effects: "possible",
      hint: "Try to open the graph once the storage answers again.",
    });
  }
}

/** A graph with forks was moved or copied as files; the forks still read the original's files (OP-15). */
export class GraphRelocatedError extends OmniError {
  readonly code = "GRAPH_RELOCATED";
  readonly category: ErrorCategory = "conflict";
  readonly recordedRoot: string;
  readonly actualRoot: string;

  constructor(recordedRoot: string, actualRoot: string) {
    super(`the graph was created at ${recordedRoot} and has branches with data of their own; it cannot be used at ${actualRoot}`, {
      hint: "Move the folder back to its original place, or export the graph there and load the export into a new graph.",
    });
    this.recordedRoot = recordedRoot;
    this.actualRoot = actualRoot;
  }

  override get retryable(): boolean {
    return false;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { recorded: this.recordedRoot, actual: this.actualRoot };
  }
}

/** A write through a handle that was opened for reading (OP-7). */
export class ReadOnlyGraphError extends OmniError {
  readonly code = "READ_ONLY_GRAPH";
  readonly category: ErrorCategory = "invalid";

  constructor(operation: string) {
    super(`${operation} needs a graph that was opened for writing`, { hint: "Open the graph in mode rw." });
  }
}

/** A call on a handle after `close()`. */
export class GraphClosedError extends OmniError {
  readonly code = "GRAPH_CLOSED";
  readonly category: ErrorCategory = "invalid";

  constructor() {
    super("the graph handle is closed", { hint: "Open the graph again." });
  }
}

/** A query text was sent to the call of the other kind. */
export class WrongQueryKindError extends OmniError {
  readonly code = "WRONG_QUERY_KIND";
  readonly category: ErrorCategory = "invalid";

  constructor(name: string, kind: "read" | "mutation") {
    super(kind === "mutation" ? `query '${name}' changes data` : `query '${name}' only reads`, {
      hint: kind === "mutation" ? "Run it with mutate." : "Run it with query.",
    });
  }
}
