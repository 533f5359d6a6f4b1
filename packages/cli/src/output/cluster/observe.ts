import type { StatusOutcome } from "@omnigraphdb/cluster";
import { clusterCommand, type ClusterStyle } from "./cluster-style.js";
import { diagnosticLines, severityCounts, type ShownDiagnostic } from "./diagnostics.js";
import { resourceTable } from "./resource-table.js";
import { factLines, lockFact, revisionText, shortDigest } from "./state.js";
import { statusDocument, statusFailure } from "./status.js";

/** Both say what is recorded now (cluster.md §13.2). */
export type ObserveOperation = "refresh" | "import";

export function observeDocument(operation: ObserveOperation, outcome: StatusOutcome): object {
  return withOperation(operation, statusDocument(outcome));
}

export function observeFailure(operation: ObserveOperation, configDirectory: string, diagnostics: readonly ShownDiagnostic[]): object {
  return withOperation(operation, statusFailure(configDirectory, diagnostics));
}

/** Second member, after `ok`. */
function withOperation(operation: ObserveOperation, document: object): object {
  return { ...{ ok: false, operation }, ...document };
}

export function observeText(operation: ObserveOperation, outcome: StatusOutcome, style: ClusterStyle): readonly string[] {
  const { isOk, stateObservations, diagnostics } = outcome;
  const { colors } = style;
  const name = operation === "refresh" ? "Refresh" : "Import";
  const found = severityCounts(diagnostics);
  const summary = stateObservations === undefined ? "" : `: ${revisionText(stateObservations, outcome)}`;
  return [
    colors.bold(`${name}${isOk ? "" : " failed"}${summary}${found === "" ? "" : summary === "" ? `: ${found}` : ` (${found})`}`),
    ...(stateObservations === undefined ? [] : [
      ...factLines([{ name: "state_cas", value: stateObservations.stateCas === undefined ? "none" : shortDigest(stateObservations.stateCas) }, lockFact(stateObservations, style, outcome)], style),
      ...resourceTable(outcome, style),
    ]),
    ...diagnosticLines(diagnostics, style),
    ...(isOk ? ["", `Next: ${clusterCommand("plan", style)}`, ...missingGraphsLines(outcome)] : []),
  ];
}

/** `drifted` alarms whoever begins with an empty cluster, and is too little to say of a graph that was lost. */
function missingGraphsLines({ resourceStatuses }: StatusOutcome): readonly string[] {
  const isMissing = [...resourceStatuses.values()].some(({ conditions }) => conditions?.includes("graph_missing") === true);
  return isMissing ? ["      (graph_missing: not there; apply would create it, empty)"] : [];
}
