import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import type { MergeConflict } from "./merge-conflict.js";

/** Both branches changed the same things differently, or the merged graph would break a rule; the target is as it was (MG-5). */
export class MergeConflictsError extends OmniError {
  readonly code = "MERGE_CONFLICTS";
  readonly category: ErrorCategory = "conflict";
  /** All of them, in the order of MG-73; never empty. */
  readonly conflicts: readonly MergeConflict[];

  constructor(conflicts: readonly MergeConflict[]) {
    super(`merge conflicts: ${conflicts.slice(0, SHOWN_MAX).map(describeConflict).join("; ")}${more(conflicts.length)}`, {
      hint: adviceOf(conflicts),
    });
    this.conflicts = conflicts;
  }

  override get retryable(): boolean {
    return false;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return {
      merge_conflicts: this.conflicts.map((conflict) => ({
        entity_kind: conflict.entityKind,
        type_name: conflict.typeName,
        entity_id: conflict.entityId,
        kind: conflict.kind,
        message: conflict.message,
      })),
    };
  }
}

/** The two branches named cannot be merged with each other, whatever they hold (MG-1). */
export class InvalidMergeError extends OmniError {
  readonly code = "INVALID_MERGE";
  readonly category: ErrorCategory = "invalid";

  constructor(message: string) {
    super(message, { hint: "Name two different branches." });
  }
}

/** Conflicts of entities and violations of rules never come together (MG-73). */
function adviceOf(conflicts: readonly MergeConflict[]): string {
  const isOfEntities = conflicts.some(({ kind }) => kind === "divergent_insert" || kind === "divergent_update" || kind === "delete_vs_update");
  return isOfEntities
    ? "Make the two branches agree on these entities, then merge again; nothing was changed."
    : "Change one of the branches so that the merged graph satisfies the schema, then merge again; nothing was changed.";
}

/** Conflicts a text shows (MG-74); `details` has all. */
const SHOWN_MAX = 3;

function describeConflict({ entityKind, typeName, entityId, kind, message }: MergeConflict): string {
  const entity = entityId === null ? "" : `, entity id '${entityId}'`;
  return `${entityKind} type '${typeName}'${entity} (${kind}): ${message}`;
}

function more(count: number): string {
  return count > SHOWN_MAX ? `; +${count - SHOWN_MAX} more` : "";
}
