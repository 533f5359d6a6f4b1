/** Hard ceilings of the compiler. Each is crossed by a test and reported as a diagnostic of rule `LIMIT`. */

/** Bytes of a schema source in UTF-8: the largest body `POST /schema/apply` takes (schema specification §17). */
export const SCHEMA_SOURCE_BYTES_MAX = 1_048_576;

/**
 * Declared plus injected properties of a schema. Interfaces multiply: a source within the byte limit could
 * otherwise inject one long interface into thousands of nodes and ask for hundreds of millions of columns.
 */
export const SCHEMA_PROPERTIES_MAX = 100_000;

/** Names further apart than this are not offered as "did you mean". */
export const SUGGESTION_DISTANCE_MAX = 4;

/** Candidates compared for one suggestion, so that an error in a huge source stays cheap to report. */
export const SUGGESTION_CANDIDATES_MAX = 2_000;

/** Diagnostics returned for one source. Later ones are rarely read, and suggestions for all would not stay cheap. */
export const DIAGNOSTICS_MAX = 100;
