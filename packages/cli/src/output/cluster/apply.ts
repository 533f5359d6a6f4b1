import type { ApplyOutcome } from "@omnigraphdb/cluster";
import { approveCommand } from "./approvals.js";
import { changeDocument, changeLines } from "./changes.js";
import { clusterCommand, type ClusterStyle } from "./cluster-style.js";
import { counted } from "./counted.js";
import { diagnosticDocument, diagnosticLines, severityCounts, type ShownDiagnostic } from "./diagnostics.js";
import { type Fact, factLines, known, lockFact, stateDocument, statusesDocument } from "./state.js";

/** cluster.md §13.2. */
export function applyDocument(outcome: ApplyOutcome): object {
  const { isOk, configDirectory, actor, configDigest, stateObservations, changes, appliedCount, deferredCount, isConverged, isStateWritten, resourceStatuses, diagnostics } = outcome;
  return {
    ok: isOk,
    config_dir: configDirectory,
    ...known("actor", actor),
    desired_revision: known("config_digest", configDigest),
    state_observations: stateObservations === undefined ? null : stateDocument(stateObservations),
    changes: changes.map(changeDocument),
    applied_count: appliedCount,
    deferred_count: deferredCount,
    converged: isConverged,
    state_written: isStateWritten,
    resource_statuses: statusesDocument(resourceStatuses),
    diagnostics: diagnostics.map(diagnosticDocument),
  };
}

export function applyFailure(configDirectory: string, diagnostics: readonly ShownDiagnostic[]): object {
  return {
    ok: false,
    config_dir: configDirectory,
    desired_revision: {},
    state_observations: null,
    changes: [],
    applied_count: 0,
    deferred_count: 0,
    converged: false,
    state_written: false,
    resource_statuses: {},
    diagnostics: diagnostics.map(diagnosticDocument),
  };
}

/** What was done, also after a failure (cluster.md §13.4). */
export function applyText(outcome: ApplyOutcome, style: ClusterStyle): readonly string[] {
  const { isOk, changes, stateObservations, isConverged, isStateWritten, diagnostics } = outcome;
  const { colors } = style;
  const counts = applyCounts(outcome);
  // Nothing succeeded before the ledger says so (P5).
  const moment = outcome.appliedCount === 0 ? "unrecorded" : "done";
  const facts: readonly Fact[] = [
    { name: "revision", value: stateObservations?.stateFound === true ? String(stateObservations.stateRevision) : "none" },
    { name: "converged", value: isConverged ? "yes" : "no", paint: isConverged ? colors.green : colors.yellow },
    { name: "written", value: isStateWritten ? "yes" : "no" },
    ...(stateObservations?.locked === true ? [lockFact(stateObservations, style, outcome)] : []),
  ];
  return [
    colors.bold(isOk ? `Apply: ${counts}` : `Apply failed: ${severityCounts(diagnostics)}${changes.length === 0 ? "" : `; ${counts}`}`),
    ...(changes.length > 0 ? ["", ...changeLines(changes, moment, style)] : isOk ? ["  No changes: what is declared was deployed already."] : []),
    ...(stateObservations === undefined ? [] : ["", ...factLines(facts, style)]),
    ...diagnosticLines(diagnostics, style),
    ...nextLines(outcome, style),
  ];
}

/** `4 applied, 2 derived, 1 blocked`. */
function applyCounts({ changes, appliedCount }: ApplyOutcome): string {
  if (changes.length === 0) return "no changes";
  const others = (["derived", "blocked", "deferred"] as const).flatMap((disposition) => {
    const count = changes.filter((change) => change.disposition === disposition).length;
    return count === 0 ? [] : [`${count} ${disposition}`];
  });
  return [`${appliedCount} applied`, ...others].join(", ");
}

function nextLines({ isOk, changes, appliedCount, isStateWritten, isConverged }: ApplyOutcome, style: ClusterStyle): readonly string[] {
  const lines: string[] = [];
  const gated = changes.filter(({ resource, operation, reason }) => operation === "delete" && reason === "approval_required" && resource.startsWith("graph."));
  if (gated.length > 0) {
    lines.push("", `Next: after review, approve ${counted(gated.length, "deletion")} and apply again:`, ...gated.map(({ resource }) => `      ${approveCommand(resource, style)}`));
  } else if (isOk && !isConverged) lines.push("", `Next: ${clusterCommand("plan", style)}`);
  if (isStateWritten && appliedCount > 0) lines.push("", "Servers pick this up at their next start, on SIGHUP, or by --reload-poll.");
  return lines;
}
