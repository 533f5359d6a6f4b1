import type { ClusterProblem } from "../cluster-problem.js";
import type { ClusterDiagnostic } from "../diagnostics/cluster-diagnostic.js";
import { problemDiagnostic } from "../diagnostics/problem-diagnostic.js";
import { composeGraphs } from "./composites.js";
import type { Ledger } from "./ledger.js";

/** Graphs whose recorded digest does not cover what is recorded under them (cluster.md 6.6), ascending by address. Nothing may be built on such a ledger. */
export function checkComposites(ledger: Ledger): readonly ClusterDiagnostic[] {
  return findAlteredGraphs(ledger).map((problem) => problemDiagnostic(problem));
}

export function findAlteredGraphs({ resources }: Ledger): readonly ClusterProblem[] {
  const altered = [...composeGraphs(resources)].filter(([graphId, digest]) => resources.get(`graph.${graphId}`)?.digest !== digest).map(([graphId]) => `graph.${graphId}`);
  return altered.sort().map((path) => ({
    code: "external_blob_policy_digest_mismatch",
    path,
    text: "what the ledger records of the graph is not covered by its digest: somebody edited it. Restore the ledger from a trusted copy.",
  }));
}
