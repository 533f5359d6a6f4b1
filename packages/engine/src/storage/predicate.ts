import type { ComparisonSign } from "@omnigraphdb/compiler";

/** A scalar to compare a stored column with. The renderer types the literal for the column it meets. */
export type PredicateValue =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "date"; readonly days: number }
  | { readonly kind: "datetime"; readonly ms: number };

/**
 * A filter as data. Only `storage/lance/render-predicate.ts` turns it into text (DENY-14).
 *
 * Semantics are the query language's (EX-22 … EX-24): a null column never matches, numbers compare by mathematical
 * value across types, strings by code point. An out-of-range literal folds to a constant instead of an error.
 */
export type Predicate =
  | { readonly kind: "compare"; readonly column: string; readonly operator: ComparisonSign; readonly value: PredicateValue }
  | { readonly kind: "in"; readonly column: string; readonly values: readonly PredicateValue[] }
  | { readonly kind: "notNull"; readonly column: string }
  | { readonly kind: "and"; readonly predicates: readonly Predicate[] };
