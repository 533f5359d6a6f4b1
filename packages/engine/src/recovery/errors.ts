import { type ErrorCategory, OmniError, type OmniErrorOptions } from "@omnigraphdb/common";

/** An interrupted operation has to be settled before the call can succeed (RC-84, OCC-21). */
export class RecoveryRequiredError extends OmniError {
  readonly code = "RECOVERY_REQUIRED";
  readonly category: ErrorCategory = "unavailable";
  readonly operationId: string;

  constructor(operationId: string, reason: string, options: OmniErrorOptions = {}) {
    super(`recovery required for operation ${operationId}: ${reason}; reopen the graph read-write`, {
      hint: "Reopen the graph read-write; recovery then finishes or undoes the operation.",
      ...options,
    });
    this.operationId = operationId;
  }

  override get retryable(): boolean {
    return false;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { recovery_required: { operation_id: this.operationId } };
  }
}

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
