/** Rules of the query language a client can meet in a message (query specification §5.2, §15.2). */
export type QueryRule =
  | "T1" | "T2" | "T3" | "T4" | "T5" | "T6" | "T7" | "T8" | "T9" | "T10" | "T11" | "T12" | "T13" | "T14" | "T15"
  | "T16" | "T17" | "T18" | "T19" | "T20" | "T21" | "T22" | "T23" | "T24" | "Q000" | "L201";

/** Each rule once, with one line for the reference page. */
export const QUERY_RULES: Readonly<Record<QueryRule, string>> = {
  T1: "binding to a name that is not a node type",
  T2: "inline property that the type does not declare",
  T3: "literal that does not fit the property",
  T4: "unknown edge word",
  T5: "traversal endpoint of a type that does not fit the edge",
  T6: "property of an unbound variable, or not declared on its type",
  T7: "operands or parameter of incompatible types",
  T8: "aggregate of a value it cannot take",
  T9: "`not` block that mentions no outer variable, or a projection that cannot be a group key",
  T10: "mutation of an unknown type",
  T11: "assigned or compared property that the type does not declare",
  T12: "insert without a required property or endpoint",
  T13: "property assigned twice",
  T14: "mutation value that is not a declared parameter",
  T15: "bad hop bounds, or a bad target or query of `nearest`",
  T16: "update of an edge type",
  T17: "ordering by `nearest` without a limit",
  T18: "ordering by `nearest` together with an alias",
  T19: "`search` or `fuzzy` of something else than strings",
  T20: "`match_text` or `bm25` of something else than strings",
  T21: "ordering by `rrf` without a limit, or a bad `k`",
  T22: "undirected traversal of an edge between different types",
  T23: "misuse of an edge variable",
  T24: "Blob value read",
  Q000: "query file that does not parse",
  L201: "nullable property that no update assigns",
};

/** Type errors without a `T` number, by the rule that refuses them. */
export type UnnumberedQueryRule =
  | "TY-2" | "TY-4" | "TY-7" | "TY-8" | "TY-10" | "PB-11";

export const UNNUMBERED_QUERY_RULES: Readonly<Record<UnnumberedQueryRule, string>> = {
  "TY-2": "vector dimension out of range",
  "TY-4": "nested or mixed list literal",
  "TY-7": "bare variable that is neither a parameter nor bound",
  "TY-8": "variable bound again as something else",
  "TY-10": "reserved parameter name",
  "PB-11": "two parameters of one name",
};

/** Rules of the phases before the static check. */
export type QuerySyntaxRule =
  | "SYN" | "LIMIT" | "LX-2" | "LX-3" | "LX-6" | "LX-7" | "LX-8" | "LX-9" | "GR-6" | "GR-14";

export const QUERY_SYNTAX_RULES: Readonly<Record<QuerySyntaxRule, string>> = {
  SYN: "text that the grammar does not accept",
  LIMIT: "source, nesting or number of patterns beyond the limits",
  "LX-2": "comment that is not closed, or a `#`",
  "LX-3": "`$` without a variable name",
  "LX-6": "integer out of range",
  "LX-7": "float out of range",
  "LX-8": "string that is not closed, or an unknown escape",
  "LX-9": "characters that form no token",
  "GR-6": "unknown or repeated annotation",
  "GR-14": "unknown parameter type",
};
