import { compactJson, type Failpoints } from "@omnigraphdb/common";
import { FAILPOINT } from "../failpoints.js";
import { JsonRecord, JsonShapeError } from "../manifest/json-record.js";
import type { RecoveryKind, RecoveryOutcome } from "../manifest/manifest.js";
import { readRecoveryKind, readRecoveryOutcomes, recoveryOutcomesToJson } from "../manifest/recovery-outcome-json.js";
import { type GraphLayout, parseRecordId } from "../storage/layout.js";
import type { ObjectStore } from "../storage/object-store.js";
import { AuditUnreadableError } from "./errors.js";

/** What one completed recovery did (RC-60). */
export interface RecoveryAudit {
  readonly operationId: string;
  /** The commit that settled the operation; for one without effects the head at that time. */
  readonly graphCommitId: string;
  readonly recoveryKind: RecoveryKind;
  /** Actor of the interrupted operation. */
  readonly recoveryForActor: string | null;
  readonly sidecarWriterKind: string;
  readonly perTableOutcomes: readonly RecoveryOutcome[];
  /** Unix time in microseconds. */
  readonly createdAt: number;
}

/** `__audit/`: one object per operation, named by it, so that a repeated recovery cannot record it twice (RC-62). */
export class RecoveryAuditLog {
  readonly #objects: ObjectStore;
  readonly #layout: GraphLayout;
  readonly #failpoints: Failpoints;

  constructor(objects: ObjectStore, layout: GraphLayout, failpoints: Failpoints) {
    this.#objects = objects;
    this.#layout = layout;
    this.#failpoints = failpoints;
  }

  async record(audit: RecoveryAudit): Promise<void> {
    await this.#failpoints.hit(FAILPOINT.recordAudit);
    const text = compactJson({
      graph_commit_id: audit.graphCommitId,
      recovery_kind: audit.recoveryKind,
      recovery_for_actor: audit.recoveryForActor,
      operation_id: audit.operationId,
      sidecar_writer_kind: audit.sidecarWriterKind,
      per_table_outcomes: recoveryOutcomesToJson(audit.perTableOutcomes),
      created_at: audit.createdAt,
    });
    await this.#objects.writeTextIfAbsent(this.#layout.auditRecord(audit.operationId), `${text}\n`);
  }

  /** All records, newest first (RC-61). */
  async list(): Promise<readonly RecoveryAudit[]> {
    const uris = await this.#objects.listDir(this.#layout.auditDirectory);
    const audits: RecoveryAudit[] = [];
    for (const recordId of uris.map(parseRecordId)) {
      if (recordId === undefined) continue;
      const text = await this.#objects.readTextIfExists(this.#layout.auditRecord(recordId));
      if (text !== null) audits.push(decodeAudit(recordId, text));
    }
    return audits.sort((a, b) => b.createdAt - a.createdAt || (a.operationId < b.operationId ? 1 : -1));
  }
}

function decodeAudit(recordId: string, text: string): RecoveryAudit {
  try {
    const record = JsonRecord.parse(text);
    return {
      operationId: record.text("operation_id"),
      graphCommitId: record.text("graph_commit_id"),
      recoveryKind: readRecoveryKind(record),
      recoveryForActor: record.textOrNull("recovery_for_actor"),
      sidecarWriterKind: record.text("sidecar_writer_kind"),
      perTableOutcomes: readRecoveryOutcomes(record),
      createdAt: record.count("created_at"),
    };
  } catch (error) {
    if (error instanceof JsonShapeError) throw new AuditUnreadableError(recordId, error.message);
    throw error;
  }
}
