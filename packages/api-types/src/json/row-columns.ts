/**
 * Columns that make up a row object, ascending by where their name first appears: a later column of the same name replaces
 * an earlier one (RS-3).
 */
export function objectColumns(columns: readonly string[]): readonly number[] {
  const lastIndexOf = new Map<string, number>();
  for (const [index, name] of columns.entries()) lastIndexOf.set(name, index);
  return [...lastIndexOf.values()];
}
