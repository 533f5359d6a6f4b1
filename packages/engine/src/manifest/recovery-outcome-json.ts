import type { Json } from "@omnigraphdb/common";
import { type JsonRecord, JsonShapeError } from "./json-record.js";
import type { RecoveryKind, RecoveryOutcome } from "./manifest.js";

/** What recovery did per dataset, as commit rows and audit records both hold it (RC-60). */
export function recoveryOutcomesToJson(outcomes: readonly RecoveryOutcome[]): Json {
  return outcomes.map((outcome) => ({ table_key: outcome.typeKey, from_version: outcome.fromVersion, to_version: outcome.toVersion }));
}

export function readRecoveryOutcomes(record: JsonRecord): readonly RecoveryOutcome[] {
  return record.records("per_table_outcomes").map((outcome) => ({
    typeKey: outcome.text("table_key"),
    fromVersion: outcome.count("from_version"),
    toVersion: outcome.count("to_version"),
  }));
}

export function readRecoveryKind(record: JsonRecord): RecoveryKind {
  const kind = record.text("recovery_kind");
  if (kind === "RolledForward" || kind === "RolledBack" || kind === "OrphanedBranchDiscarded") return kind;
  throw new JsonShapeError(`unknown recovery kind '${kind}'`);
}
