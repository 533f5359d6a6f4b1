const RESERVED_COLUMNS: ReadonlySet<string> = new Set([
  "_rowid",
  "_rowaddr",
  "_rowoffset",
  "_row_created_at_version",
  "_row_last_updated_at_version",
]);

/** Names that no property may have (§10.2, P03). Exact and case-sensitive. */
export function isReservedName(name: string): boolean {
  return name.startsWith("__") || RESERVED_COLUMNS.has(name);
}
