import { DIAGNOSTIC_CODES, type DiagnosticCode } from "./diagnostic-codes.js";

/** One finding of a cluster command (cluster.md §13.1). Expected failures are these values; only programming errors and aborts throw. */
export interface ClusterDiagnostic {
  readonly code: DiagnosticCode;
  readonly severity: "error" | "warning";
  /** Dotted key of `cluster.yaml`, address of a resource, or a file. */
  readonly path: string;
  /** What is wrong and what to do next. Never a secret. */
  readonly message: string;
  /** Where in a declared file. Every finding about the configuration, a schema, a query or a policy has one. */
  readonly place?: SourcePlace;
}

/** Absolute path of a file; line and column count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface DiagnosticExtra {
  /** Default: that of {@link DIAGNOSTIC_CODES}. */
  readonly severity?: "error" | "warning";
  readonly place?: SourcePlace;
}

export function diagnostic(code: DiagnosticCode, path: string, message: string, extra: DiagnosticExtra = {}): ClusterDiagnostic {
  const severity = extra.severity ?? DIAGNOSTIC_CODES[code].severity;
  return extra.place === undefined ? { code, severity, path, message } : { code, severity, path, message, place: extra.place };
}

/** The findings of one run, in the order they were made. */
export class Diagnostics {
  readonly #found: ClusterDiagnostic[] = [];

  add(found: ClusterDiagnostic): void {
    this.#found.push(found);
  }

  addAll(found: Iterable<ClusterDiagnostic>): void {
    for (const one of found) this.add(one);
  }

  get hasErrors(): boolean {
    return this.#found.some(({ severity }) => severity === "error");
  }

  list(): readonly ClusterDiagnostic[] {
    return [...this.#found];
  }
}
