import { CONFIG_CODES } from "./config-codes.js";
import { STATE_CODES } from "./state-codes.js";

export interface DiagnosticCodeMeaning {
  readonly area: DiagnosticArea;
  /** Unless the finding says otherwise: a few are milder where nothing is about to be changed. */
  readonly severity: "error" | "warning";
  /** What was found. One sentence. */
  readonly meaning: string;
  /** What to do next. */
  readonly remedy: string;
  /** Where the severity is another one. */
  readonly exception?: string;
}

export type DiagnosticArea =
  | "file"
  | "header"
  | "ids and schemas"
  | "queries"
  | "policies"
  | "references"
  | "providers"
  | "blobs"
  | "ledger"
  | "lock"
  | "approvals"
  | "recovery"
  | "apply"
  | "observing"
  | "serving and lookup"
  | "tests";

export type DiagnosticCode = keyof typeof CONFIG_CODES | keyof typeof STATE_CODES;

/**
 * Every code a cluster command, or a server that reads a cluster, may report: in the order of cluster.md §17.
 * `docs/reference/cluster-diagnostics.md` is made of it.
 */
export const DIAGNOSTIC_CODES: Readonly<Record<DiagnosticCode, DiagnosticCodeMeaning>> = { ...CONFIG_CODES, ...STATE_CODES };
