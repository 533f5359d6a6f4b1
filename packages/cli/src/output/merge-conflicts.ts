import type { MergeConflictOutput } from "@omnigraphdb/api-types";
import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** Conflicts a person is shown; `--json` has all (engine MG-74). */
const SHOWN_MAX = 10;

/** A merge with conflicts, as a table. */
class MergeConflictTable extends OmniError {
  readonly code = "MERGE_CONFLICTS";
  readonly category: ErrorCategory = "conflict";
}

/** @param error with the code MERGE_CONFLICTS, of a graph here or behind a server */
export function conflictsForPeople(error: OmniError): OmniError {
  const { merge_conflicts: conflicts } = error.details as { readonly merge_conflicts: readonly MergeConflictOutput[] };
  const rows = conflicts.slice(0, SHOWN_MAX).map(cellsOf);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
  if (conflicts.length > SHOWN_MAX) lines.push(`+${conflicts.length - SHOWN_MAX} more; --json shows all`);
  const title = `${conflicts.length} merge ${conflicts.length === 1 ? "conflict" : "conflicts"}`;
  return new MergeConflictTable([title, ...lines].join("\n"), error.hint === undefined ? {} : { hint: error.hint });
}

function cellsOf({ entity_kind: entityKind, type_name: typeName, entity_id: entityId, kind, message }: MergeConflictOutput): readonly string[] {
  return [`${entityKind} ${typeName}`, entityId ?? "-", kind, message];
}
