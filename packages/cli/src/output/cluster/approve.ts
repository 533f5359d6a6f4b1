import type { ApproveOutcome } from "@omnigraphdb/cluster";
import { visibleText } from "../cell-text.js";
import { clusterCommand, type ClusterStyle } from "./cluster-style.js";
import { diagnosticDocument, diagnosticLines, severityCounts, type ShownDiagnostic } from "./diagnostics.js";
import { factLines, known } from "./state.js";

/** cluster.md §13.2. */
export function approveDocument({ isOk, configDirectory, approvalId, resource, operation, approvedBy, diagnostics }: ApproveOutcome): object {
  return {
    ok: isOk,
    config_dir: configDirectory,
    ...known("approval_id", approvalId),
    ...known("resource", resource),
    ...known("operation", operation),
    ...known("approved_by", approvedBy),
    diagnostics: diagnostics.map(diagnosticDocument),
  };
}

export function approveFailure(configDirectory: string, diagnostics: readonly ShownDiagnostic[]): object {
  return { ok: false, config_dir: configDirectory, diagnostics: diagnostics.map(diagnosticDocument) };
}

export function approveText({ isOk, approvalId, resource, operation, approvedBy, diagnostics }: ApproveOutcome, style: ClusterStyle): readonly string[] {
  const { colors } = style;
  const facts = [["operation", operation], ["resource", resource], ["approved by", approvedBy], ["approval", approvalId]] as const;
  const given = facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  return [
    colors.bold(isOk ? `Approve: ${visibleText(`${operation ?? ""} ${resource ?? ""}`)}` : `Approve failed: ${severityCounts(diagnostics)}`),
    ...(isOk ? factLines(given, style) : []),
    ...diagnosticLines(diagnostics, style),
    ...(isOk ? ["", "It holds for this configuration and this state only.", `Next: ${clusterCommand("apply", style)}`] : []),
  ];
}
