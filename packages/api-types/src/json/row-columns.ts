/**
 * Columns that make up a row object, ascending by where their name first appears: a later column of the same name replaces
 * an earlier one (RS-3).
 */
export function objectColumns(columns: readonly string[]): readonly number[] {
  return [...new Set(columns)].map((name) => columns.lastIndexOf(name));
}
