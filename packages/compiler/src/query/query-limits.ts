/** Longest accepted source, in UTF-16 code units: far above any written file, low enough to parse in well under a second. */
export const QUERY_SOURCE_LENGTH_MAX = 1_048_576;

/** Deepest accepted nesting of brackets and blocks: keeps every recursive pass far from the end of the stack. */
export const QUERY_NESTING_DEPTH_MAX = 128;

/**
 * Bindings, traversals and negations of one query together. Each may introduce a variable, and plans keep for every step what is still
 * needed after it: their size grows with the square of this number.
 */
export const QUERY_PATTERNS_MAX = 1_000;
