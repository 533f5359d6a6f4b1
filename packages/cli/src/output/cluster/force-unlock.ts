import type { ForceUnlockOutcome } from "@omnigraphdb/cluster";
import { clusterCommand, type ClusterStyle } from "./cluster-style.js";
import { diagnosticDocument, diagnosticLines, severityCounts, type ShownDiagnostic } from "./diagnostics.js";
import { factLines, lockFact, stateDocument } from "./state.js";

/** cluster.md §13.2. */
export function forceUnlockDocument({ isOk, configDirectory, stateObservations, isLockRemoved, diagnostics }: ForceUnlockOutcome): object {
  return {
    ok: isOk,
    config_dir: configDirectory,
    state_observations: stateObservations === undefined ? null : stateDocument(stateObservations),
    lock_removed: isLockRemoved,
    diagnostics: diagnostics.map(diagnosticDocument),
  };
}

export function forceUnlockFailure(configDirectory: string, diagnostics: readonly ShownDiagnostic[]): object {
  return { ok: false, config_dir: configDirectory, state_observations: null, lock_removed: false, diagnostics: diagnostics.map(diagnosticDocument) };
}

export function forceUnlockText({ isOk, isLockRemoved, stateObservations, diagnostics }: ForceUnlockOutcome, style: ClusterStyle): readonly string[] {
  const { colors } = style;
  return [
    colors.bold(isOk && isLockRemoved ? "Force-unlock: the lock was removed" : `Force-unlock failed: ${severityCounts(diagnostics)}; the lock was not touched`),
    ...(stateObservations === undefined ? [] : factLines([lockFact(stateObservations, style, { diagnostics })], style)),
    ...diagnosticLines(diagnostics, style),
    ...(isOk && isLockRemoved ? ["", "The command that held it may have left work half done:", `Next: ${clusterCommand("status", style)}`] : []),
  ];
}
