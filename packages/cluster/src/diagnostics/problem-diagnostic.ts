import { type ClusterDiagnostic, diagnostic } from "./cluster-diagnostic.js";
import type { ClusterProblem } from "../cluster-problem.js";

/** What reading found wrong, as a finding of a command: `severity` defaults to that of the code. */
export function problemDiagnostic({ code, path, text }: ClusterProblem, extra?: { readonly severity: ClusterDiagnostic["severity"] }): ClusterDiagnostic {
  return diagnostic(code, path, text, extra);
}
