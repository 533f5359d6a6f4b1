import type { StateObservations, StatusOutcome } from "@omnigraphdb/cluster";
import type { ClusterStyle } from "./cluster-style.js";
import { diagnosticDocument, diagnosticLines, severityCounts, type ShownDiagnostic } from "./diagnostics.js";
import { resourceTable } from "./resource-table.js";
import { digestsDocument, factLines, lockFact, observationsDocument, revisionText, shortDigest, stateDocument, statusesDocument } from "./state.js";

/** cluster.md §13.2. */
export function statusDocument(outcome: StatusOutcome): object {
  const { isOk, configDirectory, stateObservations, resourceDigests, resourceStatuses, observations, diagnostics } = outcome;
  return {
    ok: isOk,
    config_dir: configDirectory,
    state_observations: stateObservations === undefined ? null : stateDocument(stateObservations),
    resource_digests: digestsDocument(resourceDigests),
    resource_statuses: statusesDocument(resourceStatuses),
    observations: observationsDocument(observations),
    diagnostics: diagnostics.map(diagnosticDocument),
  };
}

export function statusFailure(configDirectory: string, diagnostics: readonly ShownDiagnostic[]): object {
  return { ok: false, config_dir: configDirectory, state_observations: null, resource_digests: {}, resource_statuses: {}, observations: {}, diagnostics: diagnostics.map(diagnosticDocument) };
}

function configText({ appliedConfigDigest, stateFound }: StateObservations, isOk: boolean): string {
  if (appliedConfigDigest !== undefined) return shortDigest(appliedConfigDigest);
  return isOk || stateFound ? "none: not converged yet" : "unknown";
}

export function statusText(outcome: StatusOutcome, style: ClusterStyle): readonly string[] {
  const { isOk, stateObservations, diagnostics } = outcome;
  const { colors } = style;
  if (stateObservations === undefined) return [colors.bold(`Status failed: ${severityCounts(diagnostics)}`), ...diagnosticLines(diagnostics, style)];
  const found = severityCounts(diagnostics);
  return [
    colors.bold(`Status${isOk ? "" : " failed"}: ${revisionText(stateObservations, outcome)}${found === "" ? "" : ` (${found})`}`),
    ...factLines([
      { name: "applied config", value: configText(stateObservations, isOk) },
      lockFact(stateObservations, style, outcome),
      { name: "state", value: stateObservations.statePath },
    ], style),
    ...resourceTable(outcome, style),
    ...diagnosticLines(diagnostics, style),
  ];
}
