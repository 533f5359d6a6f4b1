import type { ApprovalGate } from "@omnigraphdb/cluster";
import { visibleText } from "../cell-text.js";
import { clusterCommand, type ClusterStyle } from "./cluster-style.js";
import { wrapText } from "./wrapped-text.js";

/** What must be approved, with the command that does it, and what has been. Begins with an empty line if there is anything. */
export function approvalLines(gates: readonly ApprovalGate[], style: ClusterStyle): readonly string[] {
  if (gates.length === 0) return [];
  return ["", "  Approvals:", ...gates.flatMap((gate) => gateLines(gate, style))];
}

function gateLines({ resource, reason, satisfied, approvalId }: ApprovalGate, style: ClusterStyle): readonly string[] {
  const { colors, width } = style;
  const verdict = satisfied ? `approved${approvalId === undefined ? "" : ` (${approvalId})`}` : "needed";
  const lines = wrapText(visibleText(`${resource} ${reason}: ${verdict}`), "    ", 4, "      ", width).map(satisfied ? colors.green : colors.red);
  return satisfied ? lines : [...lines, `      ${approveCommand(resource, style)}`];
}

export function approveCommand(resource: string, style: ClusterStyle): string {
  return clusterCommand(`approve ${resource}`, style);
}
