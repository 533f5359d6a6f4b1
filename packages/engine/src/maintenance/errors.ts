import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** Adopting foreign changes is never a preview (MT-40). */
export class ForceWithoutConfirmError extends OmniError {
  readonly code = "FORCE_WITHOUT_CONFIRM";
  readonly category: ErrorCategory = "invalid";

  constructor() {
    super("repair --force requires --confirm", { hint: "Look at the preview first, then add --confirm." });
  }
}

/** A cleanup that says neither how many versions to keep nor for how long (MT-60), or says it in a way that cannot be meant. */
export class InvalidRetentionError extends OmniError {
  readonly code = "INVALID_RETENTION";
  readonly category: ErrorCategory = "invalid";
}
