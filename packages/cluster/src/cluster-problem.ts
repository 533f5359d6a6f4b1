import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import type { DiagnosticCode } from "./diagnostics/diagnostic-codes.js";

/** One reason why a cluster, or one graph of it, cannot be served as it is. */
export interface ClusterProblem {
  /** Of the tables in cluster.md §14.2 and §17. */
  readonly code: DiagnosticCode;
  /** Address of the resource, or the file below the storage root. */
  readonly path: string;
  /** What is wrong and what to do about it. No secrets. */
  readonly text: string;
}

/** `[code] path: text` (server.md 4.1). */
function printClusterProblem({ code, path, text }: ClusterProblem): string {
  return `[${code}] ${path}: ${text}`;
}

/** What a cluster recorded cannot be served or read. Every problem found is listed. */
export class ClusterNotReadyError extends OmniError {
  readonly code = "CLUSTER_NOT_READY";
  readonly category: ErrorCategory = "unavailable";
  readonly problems: readonly ClusterProblem[];

  constructor(root: string, problems: readonly ClusterProblem[]) {
    super([`cluster ${root} is not ready`, ...problems.map((problem) => `  ${printClusterProblem(problem)}`)].join("\n"), {
      hint: "Remedy what is listed, then start again. Nothing was changed.",
    });
    this.problems = problems;
  }

  override get retryable(): boolean {
    return false;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { problems: this.problems };
  }
}

/** The value that should name a cluster does not lead to a storage root. */
export class StorageRootError extends OmniError {
  readonly code = "STORAGE_ROOT";
  readonly category: ErrorCategory = "invalid";
  /** `config_dir_not_found`, `cluster_config_read_error`, `invalid_cluster_yaml`, `invalid_storage_root` or `storage_root_invalid`. */
  readonly problemCode: DiagnosticCode;

  constructor(problemCode: DiagnosticCode, message: string, hint: string, cause?: unknown) {
    super(`[${problemCode}] ${message}`, { hint, cause });
    this.problemCode = problemCode;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { problem_code: this.problemCode };
  }
}

/** The cluster has no such graph. */
export class GraphNotAppliedError extends OmniError {
  readonly code = "GRAPH_NOT_APPLIED";
  readonly category: ErrorCategory = "not_found";

  constructor(graphId: string, appliedIds: readonly string[]) {
    const applied = appliedIds.length === 0 ? "it has none" : `it has ${appliedIds.map((id) => `'${id}'`).join(", ")}`;
    super(`[graph_not_applied] no graph '${graphId}' is applied in this cluster (${applied})`, {
      hint: "Name an applied graph, or run 'omnigraph cluster apply' with a configuration that declares it.",
    });
  }
}
