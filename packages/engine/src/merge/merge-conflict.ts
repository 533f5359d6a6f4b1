import type { EntityType } from "@omnigraphdb/compiler";

/** Why an entity cannot be merged (MG-70). The first three are structural: the two sides disagree about the entity itself. */
export type MergeConflictKind =
  | "divergent_insert"
  | "divergent_update"
  | "delete_vs_update"
  | "orphan_edge"
  | "unique_violation"
  | "cardinality_violation"
  | "value_constraint_violation";

export type StructuralConflictKind = "divergent_insert" | "divergent_update" | "delete_vs_update";

export interface MergeConflict {
  readonly entityKind: "node" | "edge";
  readonly typeName: string;
  /** Null where no single entity is at fault (MG-71). */
  readonly entityId: string | null;
  readonly kind: MergeConflictKind;
  readonly message: string;
}

export function structuralConflict(type: EntityType, entityId: string, kind: StructuralConflictKind): MergeConflict {
  return { entityKind: type.kind, typeName: type.name, entityId, kind, message: structuralMessage(kind, entityId) };
}

/** MG-72. */
function structuralMessage(kind: StructuralConflictKind, entityId: string): string {
  switch (kind) {
    case "divergent_insert":
      return `divergent insert for id '${entityId}'`;
    case "divergent_update":
      return `divergent update for id '${entityId}'`;
    case "delete_vs_update":
      return `delete/update conflict for id '${entityId}'`;
  }
}

/** Types ascending by type key, ids ascending, conflicts of no single entity first (MG-73). Equal ones appear once. */
export function sortConflicts(conflicts: readonly MergeConflict[]): readonly MergeConflict[] {
  const sorted = [...conflicts].sort(compareConflicts);
  return sorted.filter((conflict, index) => index === 0 || compareConflicts(conflict, sorted[index - 1] as MergeConflict) !== 0);
}

function compareConflicts(a: MergeConflict, b: MergeConflict): number {
  return (
    compareText(a.entityKind, b.entityKind) ||
    compareText(a.typeName, b.typeName) ||
    compareText(a.entityId ?? "", b.entityId ?? "") ||
    compareText(a.kind, b.kind) ||
    compareText(a.message, b.message)
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
