import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** A recovery sidecar cannot be understood; it stays where it is (RC-14). */
export class SidecarUnreadableError extends OmniError {
  readonly code = "SIDECAR_UNREADABLE";
  readonly category: ErrorCategory = "corrupt";

  constructor(operationId: string, problem: string, hint: string, cause?: unknown) {
    super(`recovery sidecar __recovery/${operationId}.json cannot be read: ${problem}`, { hint, ...(cause === undefined ? {} : { cause }) });
  }
}

/** Evidence that no interrupted write can explain: an operator has to look (RC-31 a). */
export class RecoveryAbortedError extends OmniError {
  readonly code = "RECOVERY_ABORTED";
  readonly category: ErrorCategory = "corrupt";

  constructor(operationId: string, findings: string) {
    super(`recovery of operation ${operationId} stopped for operator review: ${findings}`, {
      hint: "Have an operator review the datasets; the sidecar was kept.",
    });
  }
}

/** A stored recovery audit record cannot be decoded. */
export class AuditUnreadableError extends OmniError {
  readonly code = "AUDIT_UNREADABLE";
  readonly category: ErrorCategory = "corrupt";

  constructor(recordId: string, problem: string) {
    super(`recovery audit record __audit/${recordId}.json cannot be read: ${problem}`, { hint: "Move the damaged record away." });
  }
}

/** Staged contract files that fit neither what is accepted nor what is published: nothing may guess (RC-70). */
export class StagedSchemaConflictError extends OmniError {
  readonly code = "STAGED_SCHEMA_CONFLICT";
  readonly category: ErrorCategory = "corrupt";

  constructor() {
    super("the staged schema files (_schema.pg.staging and its companions) fit neither the accepted nor the published schema", {
      hint: "Have an operator compare them with the accepted files and remove them or put them in place; nothing was changed.",
    });
  }
}
