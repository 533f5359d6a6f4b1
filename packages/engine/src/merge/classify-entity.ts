import type { StructuralConflictKind } from "./merge-conflict.js";

/** What the target does about one entity. */
export type EntityDecision =
  /** It stays as the target has it, present or absent. */
  | "keep"
  | "insert"
  | "update"
  | "delete"
  | StructuralConflictKind;

/**
 * Which images of an entity exist, and which of them are equal. An equality is consulted only when both images exist; asking
 * may cost reading, so a test is a function.
 */
export interface EntityImages {
  readonly hasBase: boolean;
  readonly hasSource: boolean;
  readonly hasTarget: boolean;
  readonly sourceEqualsBase: () => boolean;
  readonly targetEqualsBase: () => boolean;
  readonly sourceEqualsTarget: () => boolean;
}

/** The truth table of the three-way merge (spec engine-branches-merge §2.5). An entity is changed as a whole (MG-50). */
export function classifyEntity(images: EntityImages): EntityDecision {
  const { hasBase, hasSource, hasTarget } = images;
  if (!hasBase) {
    if (!hasSource) return "keep";
    if (!hasTarget) return "insert";
    return images.sourceEqualsTarget() ? "keep" : "divergent_insert";
  }
  if (!hasSource) {
    if (!hasTarget) return "keep";
    return images.targetEqualsBase() ? "delete" : "delete_vs_update";
  }
  if (images.sourceEqualsBase()) return "keep";
  if (!hasTarget) return "delete_vs_update";
  if (images.targetEqualsBase()) return "update";
  return images.sourceEqualsTarget() ? "keep" : "divergent_update";
}
