/** Longest accepted source, in UTF-16 code units: far above any written file, low enough to parse in well under a second. */
export const QUERY_SOURCE_LENGTH_MAX = 1_048_576;

/** Deepest accepted nesting of brackets and blocks: keeps every recursive pass far from the end of the stack. */
export const QUERY_NESTING_DEPTH_MAX = 128;
