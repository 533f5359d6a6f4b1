/**
 * What recovery does with an interrupted operation, as pure functions: evidence in, verdict out (RC-30 … RC-32).
 *
 * All or nothing: an operation is finished only if every one of its datasets shows exactly its effects *and* the branch
 * still is on the head the operation was validated against. Everything else is undone, and evidence that no interrupted
 * write can explain is left for an operator.
 *
 * Loose operations keep the content of every dataset. They were validated against nothing, and any part of them is as good as
 * the whole: what moved from the version that is still published is finished, on whatever head the branch has (RC-22).
 */
import type { SidecarWriterKind } from "./sidecar.js";

/** State of one dataset named by a sidecar. */
export type PinClass =
  | "InvariantViolation"
  | "NoMovement"
  | "IncompletePhaseB"
  | "RolledPastExpected"
  | "UnexpectedAtP1"
  | "UnexpectedMultistep";

interface PinEvidence {
  /** Newest native version; undefined when the lineage does not exist. */
  readonly headVersion: number | undefined;
  /** What the branch's head commit shows of the lineage. Of one the operation creates: where it begins. 0 = nothing. */
  readonly publishedVersion: number;
  readonly expectedVersion: number;
  readonly plannedVersion: number;
  readonly confirmedVersion: number | null;
  readonly requiresConfirmation: boolean;
  readonly isLoose: boolean;
  /** The operation creates the lineage, a fork or a new dataset, and no commit shows it yet. */
  readonly isCreated: boolean;
}

/** Whether operations of this kind leave the content of every dataset as it is (RC-22). */
export function isLooseKind(kind: SidecarWriterKind): boolean {
  return kind === "Optimize" || kind === "EnsureIndices";
}

export function classifyPin(evidence: PinEvidence): PinClass {
  const { headVersion = 0, publishedVersion, expectedVersion, confirmedVersion } = evidence;
  const isAsExpected = expectedVersion === publishedVersion;
  if (evidence.isCreated) {
    if (evidence.headVersion === undefined) return "NoMovement";
    // A lineage that is adopted as it begins is complete without having moved.
    if (isAsExpected && headVersion === confirmedVersion) return "RolledPastExpected";
  }
  if (headVersion < publishedVersion) return "InvariantViolation";
  if (headVersion === publishedVersion) return "NoMovement";
  if (evidence.requiresConfirmation && confirmedVersion === null) return "IncompletePhaseB";
  // The planned version of a loose operation is a lower bound.
  const isReached = confirmedVersion === null && evidence.isLoose ? true : headVersion === (confirmedVersion ?? evidence.plannedVersion);
  if (isAsExpected && isReached) return "RolledPastExpected";
  return headVersion === publishedVersion + 1 ? "UnexpectedAtP1" : "UnexpectedMultistep";
}

/** What the branch's history says about the operation itself. */
export type OperationStanding = "published" | "rolledBack" | "unpublished";

/** What the contract files say about a schema apply; `none` for all other operations. */
export type SchemaStanding =
  | "none"
  /** Its staged files are complete and not all promoted (RC-40). */
  | "promotable"
  /** They are the accepted ones, though no commit shows that schema. */
  | "promoted"
  /** They were never complete, or are gone. */
  | "missing";

interface OperationEvidence {
  readonly standing: OperationStanding;
  readonly classes: readonly PinClass[];
  readonly isLoose: boolean;
  /** Some published version is above the one the sidecar expected. */
  readonly isAnyPinAhead: boolean;
  /** Head of the branch against the head the operation was validated on; unknown for sidecars without a commit. */
  readonly base: "unchanged" | "moved" | "unknown";
  readonly schema: SchemaStanding;
}

export type Verdict =
  /** Leave everything; an operator has to look. */
  | { readonly kind: "abort" }
  /** It was published; only audit and clean-up are missing. */
  | { readonly kind: "concludePublished" }
  /** It was undone by an earlier pass; only audit and clean-up are missing. */
  | { readonly kind: "concludeRolledBack" }
  /** Publish every dataset that moved; all of them, unless the operation is loose. */
  | { readonly kind: "rollForward" }
  /** Restore every published dataset that moved, if any, and remove what the operation created. */
  | { readonly kind: "rollBack" };

export function decide(evidence: OperationEvidence): Verdict {
  const { classes, standing, base, schema } = evidence;
  if (classes.includes("InvariantViolation")) return { kind: "abort" };
  if (standing === "published") return { kind: "concludePublished" };
  const isStill = classes.every((pinClass) => pinClass === "NoMovement");
  // Two processes without a lease may have restored twice: then the second restore still has to be published.
  if (standing === "rolledBack") return { kind: isStill ? "concludeRolledBack" : "rollBack" };
  // Without a commit id the versions are the only trace of an earlier publish (RC-32).
  if (base === "unknown" && classes.length > 0 && isStill && evidence.isAnyPinAhead) return { kind: "concludePublished" };
  if (isFinishable(evidence)) return { kind: "rollForward" };
  // Accepted, though no commit says so: there is no schema left to go back to.
  return { kind: schema === "promoted" ? "abort" : "rollBack" };
}

function isFinishable({ classes, isLoose, base, schema }: OperationEvidence): boolean {
  const moved = classes.filter((pinClass) => pinClass !== "NoMovement");
  const isEveryMoveOurs = moved.every((pinClass) => pinClass === "RolledPastExpected");
  if (isLoose) return moved.length > 0 && isEveryMoveOurs;
  const isComplete = isEveryMoveOurs && moved.length === classes.length;
  // Only a schema apply publishes something without moving a dataset (SA-4a).
  const hasSomething = schema === "none" ? classes.length > 0 : schema !== "missing";
  return isComplete && hasSomething && base !== "moved";
}
