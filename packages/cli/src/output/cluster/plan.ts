import type { BlastRadius, PlannedChange, PlanOutcome } from "@omnigraphdb/cluster";
import { visibleText } from "../cell-text.js";
import { approvalLines } from "./approvals.js";
import { changeDocument, changeLines } from "./changes.js";
import { clusterCommand, type ClusterStyle } from "./cluster-style.js";
import { diagnosticDocument, diagnosticLines, severityCounts, type ShownDiagnostic } from "./diagnostics.js";
import { digestsDocument, factLines, known, lockFact, stateDocument } from "./state.js";
import { wrapText } from "./wrapped-text.js";

/** cluster.md §13.2. */
export function planDocument(outcome: PlanOutcome): object {
  const { isOk, configDirectory, configDigest, resourceDigests, dependencies, stateObservations, changes, blastRadius, approvalsRequired, diagnostics } = outcome;
  return {
    ok: isOk,
    config_dir: configDirectory,
    desired_revision: known("config_digest", configDigest),
    resource_digests: digestsDocument(resourceDigests),
    dependencies,
    state_observations: stateObservations === undefined ? null : stateDocument(stateObservations),
    changes: changes.map(changeDocument),
    blast_radius: blastRadius,
    approvals_required: approvalsRequired.map(({ resource, reason, satisfied }) => ({ resource, reason, satisfied })),
    diagnostics: diagnostics.map(diagnosticDocument),
  };
}

export function planFailure(configDirectory: string, diagnostics: readonly ShownDiagnostic[]): object {
  return {
    ok: false,
    config_dir: configDirectory,
    desired_revision: {},
    resource_digests: {},
    dependencies: [],
    state_observations: null,
    changes: [],
    blast_radius: [],
    approvals_required: [],
    diagnostics: diagnostics.map(diagnosticDocument),
  };
}

/** What a reviewer reads (cluster.md §13.4). */
export function planText(outcome: PlanOutcome, style: ClusterStyle): readonly string[] {
  const { isOk, changes, blastRadius, approvalsRequired, stateObservations, diagnostics } = outcome;
  const { colors } = style;
  const isCompared = isOk || changes.length > 0;
  return [
    colors.bold(isOk ? `Plan: ${planCounts(outcome)}` : `Plan failed: ${severityCounts(diagnostics)}`),
    ...(!isCompared ? [] : changes.length === 0 ? ["  No changes: what is declared is deployed."] : ["", ...changeLines(changes, "planned", style)]),
    ...blastLines(changes, blastRadius, style),
    ...approvalLines(approvalsRequired, style),
    ...(stateObservations?.locked === true ? ["", ...factLines([lockFact(stateObservations, style, outcome)], style)] : []),
    ...diagnosticLines(diagnostics, style),
    ...nextLines(outcome, style),
  ];
}

/** `3 to create, 1 to update, 1 to delete (1 needs approval)`. Composites that follow by themselves are no work. */
function planCounts({ changes, approvalsRequired }: PlanOutcome): string {
  if (changes.length === 0) return "no changes";
  const count = (operation: PlannedChange["operation"]): number => changes.filter((change) => change.operation === operation && change.disposition !== "derived").length;
  const missing = approvalsRequired.filter(({ satisfied }) => !satisfied).length;
  const waiting = changes.filter(({ disposition, reason }) => disposition === "deferred" || (disposition === "blocked" && reason !== "approval_required")).length;
  const remarks = [...(missing === 0 ? [] : [`${missing} ${missing === 1 ? "needs" : "need"} approval`]), ...(waiting === 0 ? [] : [`${waiting} must wait`])];
  return `${count("create")} to create, ${count("update")} to update, ${count("delete")} to delete${remarks.length === 0 ? "" : ` (${remarks.join(", ")})`}`;
}

const AFFECTED_SHOWN_MAX = 6;

/** What needs something that is changed or deleted. What is created affects nothing yet; a composite is no change of its own. */
function blastLines(changes: readonly PlannedChange[], blastRadius: readonly BlastRadius[], { width }: ClusterStyle): readonly string[] {
  const shown = new Set(changes.filter(({ operation, disposition }) => operation !== "create" && disposition !== "derived").map(({ resource }) => resource));
  const lines = blastRadius.filter(({ resource }) => shown.has(resource)).flatMap(({ resource, affected }) => {
    const names = affected.slice(0, AFFECTED_SHOWN_MAX).join(", ");
    const others = affected.length - AFFECTED_SHOWN_MAX;
    return wrapText(visibleText(`${resource}: ${names}${others > 0 ? ` and ${others} more` : ""}`), "    ", 4, "      ", width);
  });
  return lines.length === 0 ? [] : ["", "  Affects what needs it:", ...lines];
}

function nextLines({ isOk, changes, stateObservations }: PlanOutcome, style: ClusterStyle): readonly string[] {
  if (!isOk) return [];
  if (stateObservations?.stateFound === false) return ["", `Next: ${clusterCommand("import", style)}`, "      (once, to begin the record of this cluster), then apply"];
  return changes.some(({ disposition }) => disposition === "applied") ? ["", `Next: ${clusterCommand("apply", style)}`] : [];
}
