/**
 * A typed value outside a column: a literal of a query or a bound parameter.
 *
 * Integers are `bigint` so that 64-bit values keep every digit. Dates are days, datetimes milliseconds since
 * 1970-01-01 UTC. `unreadable` is a `date("…")`/`datetime("…")` text that does not parse: static checks accept it
 * (TY-6) and using it is refused at execution (PB-10).
 */
export type Value =
  | { readonly kind: "null" }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "date"; readonly days: number }
  | { readonly kind: "datetime"; readonly ms: number }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "vector"; readonly values: readonly number[] }
  | { readonly kind: "blob"; readonly source: string }
  | { readonly kind: "unreadable"; readonly type: "Date" | "DateTime"; readonly text: string };

export const NULL_VALUE: Value = { kind: "null" };

/** Values by parameter name, without `$`. Every declared parameter has an entry. */
export type ParameterValues = ReadonlyMap<string, Value>;
