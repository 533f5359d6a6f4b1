import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** The argument list is wrong. Ends with exit code 2. */
export class ServerUsageError extends OmniError {
  readonly code = "USAGE";
  readonly category: ErrorCategory = "invalid";

  constructor(message: string) {
    super(message, { hint: "See omnigraph-server --help." });
  }
}

/** A setting of the process cannot be what it says. The message never holds the value of a secret. */
export class ServerSettingError extends OmniError {
  readonly code = "SERVER_SETTING";
  readonly category: ErrorCategory = "invalid";
}

/** Nothing says what is to be served, or two things do. */
export class BootSourceError extends OmniError {
  readonly code = "BOOT_SOURCE";
  readonly category: ErrorCategory = "invalid";
}

/** The tokens that clients present cannot be loaded (policy.md 1.2). The message never holds a token. */
export class TokenSourceError extends OmniError {
  readonly code = "TOKEN_SOURCE";
  readonly category: ErrorCategory = "invalid";
  /** Name of the environment variable. */
  readonly variable: string;

  constructor(variable: string, problem: string, hint: string) {
    super(`${variable}: ${problem}`, { hint });
    this.variable = variable;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { variable: this.variable };
  }
}

/** Tokens, bundles and `--unauthenticated` do not fit together (policy.md §2). */
export class RuntimeStateError extends OmniError {
  readonly code = "RUNTIME_STATE";
  readonly category: ErrorCategory = "invalid";
}

/** The address cannot be listened on. */
export class ListenError extends OmniError {
  readonly code = "LISTEN";
  readonly category: ErrorCategory = "unavailable";
}

/** How one applied graph stands. */
export interface GraphReadiness {
  readonly graphId: string;
  /** Undefined: ready. */
  readonly problem: GraphProblem | undefined;
}

export interface GraphProblem {
  /** What a client may read: no secret, no storage address. */
  readonly reason: string;
  /** What the operator reads. No secret. */
  readonly detail: string;
}

/** Some applied graph cannot be served. The message is the whole readiness table (server.md 4.2). */
export class GraphsNotReadyError extends OmniError {
  readonly code = "GRAPHS_NOT_READY";
  readonly category: ErrorCategory = "unavailable";
  readonly table: readonly GraphReadiness[];

  constructor(source: string, table: readonly GraphReadiness[], hint: string) {
    const unready = table.filter(({ problem }) => problem !== undefined).length;
    const width = Math.max(...table.map(({ graphId }) => graphId.length));
    const rows = table.map(({ graphId, problem }) => `  ${graphId.padEnd(width)}  ${problem === undefined ? "ready" : problem.detail}`);
    super([`${source} is not ready: ${unready} of ${table.length} graphs cannot be served`, ...rows].join("\n"), { hint });
    this.table = table;
  }

  override get retryable(): boolean {
    return false;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { graphs: this.table.map(({ graphId, problem }) => ({ graph_id: graphId, reason: problem?.reason ?? null })) };
  }
}

/** Part of what was applied contradicts itself, for the whole server. */
export class ServerBundleError extends OmniError {
  readonly code = "SERVER_BUNDLE";
  readonly category: ErrorCategory = "invalid";
}
