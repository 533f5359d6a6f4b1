import type { Json } from "@omnigraphdb/common";
import type { RecoveryAudit } from "@omnigraphdb/engine";

/** The audit record as the graph stores it. */
export function recoveryJson(audit: RecoveryAudit): Json {
  return {
    operation_id: audit.operationId,
    recovery_kind: audit.recoveryKind,
    recovery_for_actor: audit.recoveryForActor,
    sidecar_writer_kind: audit.sidecarWriterKind,
    graph_commit_id: audit.graphCommitId,
    per_table_outcomes: audit.perTableOutcomes.map((outcome) => ({
      table_key: outcome.typeKey,
      from_version: outcome.fromVersion,
      to_version: outcome.toVersion,
    })),
    created_at: audit.createdAt,
  };
}

/** One line of a listing. */
export function recoveryLine(audit: RecoveryAudit): string {
  const time = new Date(Math.floor(audit.createdAt / 1000)).toISOString();
  const actor = audit.recoveryForActor === null ? "" : ` actor=${audit.recoveryForActor}`;
  const outcomes = audit.perTableOutcomes.map(({ typeKey, fromVersion, toVersion }) => ` ${typeKey}=${fromVersion}->${toVersion}`).join("");
  return `${time} ${audit.recoveryKind} ${audit.sidecarWriterKind}${actor} operation=${audit.operationId} graph_commit_id=${audit.graphCommitId}${outcomes}\n`;
}
