/**
 * What recovery does with an interrupted operation, as pure functions: evidence in, verdict out (RC-30 … RC-32).
 *
 * All or nothing: an operation is finished only if every one of its datasets shows exactly its effects *and* the branch
 * still is on the head the operation was validated against. Everything else is undone, and evidence that no interrupted
 * write can explain is left for an operator.
 */

/** State of one dataset named by a sidecar. */
export type PinClass =
  | "InvariantViolation"
  | "NoMovement"
  | "IncompletePhaseB"
  | "RolledPastExpected"
  | "UnexpectedAtP1"
  | "UnexpectedMultistep";

interface PinEvidence {
  /** Newest native version. */
  readonly headVersion: number;
  /** What the branch's head commit shows; 0 = nothing. */
  readonly publishedVersion: number;
  readonly expectedVersion: number;
  readonly plannedVersion: number;
  readonly confirmedVersion: number | null;
  readonly requiresConfirmation: boolean;
}

export function classifyPin(evidence: PinEvidence): PinClass {
  const { headVersion, publishedVersion, expectedVersion, confirmedVersion } = evidence;
  if (headVersion < publishedVersion) return "InvariantViolation";
  if (headVersion === publishedVersion) return "NoMovement";
  if (evidence.requiresConfirmation && confirmedVersion === null) return "IncompletePhaseB";
  const reachedVersion = confirmedVersion ?? evidence.plannedVersion;
  if (expectedVersion === publishedVersion && headVersion === reachedVersion) return "RolledPastExpected";
  return headVersion === publishedVersion + 1 ? "UnexpectedAtP1" : "UnexpectedMultistep";
}

/** What the branch's history says about the operation itself. */
export type OperationStanding = "published" | "rolledBack" | "unpublished";

interface OperationEvidence {
  readonly standing: OperationStanding;
  readonly classes: readonly PinClass[];
  /** Some published version is above the one the sidecar expected. */
  readonly isAnyPinAhead: boolean;
  /** Head of the branch against the head the operation was validated on; unknown for sidecars without a commit. */
  readonly base: "unchanged" | "moved" | "unknown";
}

export type Verdict =
  /** Leave everything; an operator has to look. */
  | { readonly kind: "abort" }
  /** It was published; only audit and clean-up are missing. */
  | { readonly kind: "concludePublished" }
  /** It was undone by an earlier pass; only audit and clean-up are missing. */
  | { readonly kind: "concludeRolledBack" }
  | { readonly kind: "rollForward" }
  /** `isEffectFree`: no dataset moved, so there is nothing to restore. */
  | { readonly kind: "rollBack"; readonly isEffectFree: boolean };

export function decide(evidence: OperationEvidence): Verdict {
  const { classes, standing } = evidence;
  if (classes.includes("InvariantViolation")) return { kind: "abort" };
  if (standing === "published") return { kind: "concludePublished" };
  const isEffectFree = classes.every((pinClass) => pinClass === "NoMovement");
  // Two processes without a lease may have restored twice: then the second restore still has to be published.
  if (standing === "rolledBack") return isEffectFree ? { kind: "concludeRolledBack" } : { kind: "rollBack", isEffectFree };
  // Without a commit id the versions are the only trace of an earlier publish (RC-32).
  if (evidence.base === "unknown" && isEffectFree && evidence.isAnyPinAhead) return { kind: "concludePublished" };
  const isComplete = classes.length > 0 && classes.every((pinClass) => pinClass === "RolledPastExpected");
  if (isComplete && evidence.base !== "moved") return { kind: "rollForward" };
  return { kind: "rollBack", isEffectFree };
}
