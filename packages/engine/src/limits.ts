/** Hard ceilings of the engine: each with its unit and its reason. Tunable values are in `graph-settings.ts`. */

/** Attempts of one publish before it reports contention (LIM-1). */
export const PUBLISH_ATTEMPTS_MAX = 5;

/** Attempts of one change of the branch registry: each that loses means that another branch was created or deleted. */
export const REGISTRY_ATTEMPTS_MAX = 32;

/** Preparations of one non-strict write before a moved head becomes the caller's problem (LIM-2). */
export const PREPARE_ATTEMPTS_MAX = 32;

/** Names tried for one fork: a fresh name that is taken is an accident, several in a row are something to look at (BR-51). */
export const FORK_NAME_ATTEMPTS_MAX = 3;

/**
 * Commits that one publish makes at most (WR-11). Also how far a commit's row may lie before its own version, so raising it is a change of
 * format. From some thirty on the shared steps no longer show.
 */
export const GROUP_COMMITS_MAX = 64;

/** Commits between two compactions of the manifest table (LIM-14): a head read stays at one or two milliseconds. */
export const MANIFEST_COMPACTION_COMMITS = 100;

/** Up to this many types a commit row carries the complete pin set: about 16 KiB of JSON. */
export const COMPLETE_PIN_SET_TYPES_MAX = 64;

/** Commits after which a delta-encoded history starts again from a complete row, so that deltas stay small. */
export const COMPLETE_PIN_SET_INTERVAL = 64;

/** Small fragments of a dataset from which on a write compacts it in passing: reads and keyed writes stay flat (ADR 0003). */
export const DATASET_FRAGMENTS_MAX = 32;

/**
 * Twice the milliseconds a compaction spends per kept version (0.2) over those a write spends per fragment (0.3): beyond
 * some 750 versions a dataset is compacted every `sqrt(1.3 * versions)` fragments (ADR 0003).
 */
export const FRAGMENTS_SQUARED_PER_VERSION = 1.3;

/** The same for the rows, on each of which a compaction spends some 2 µs: a dataset of a million rows is compacted every 114 fragments (ADR 0012). */
export const FRAGMENTS_SQUARED_PER_ROW = 0.013;

/** And where text is indexed, some 7 µs: every 70 fragments at 100,000 rows, 220 at a million. */
export const FRAGMENTS_SQUARED_PER_ROW_OF_INDEXED_TEXT = 0.05;

/** Compiled queries kept per graph; a server with more distinct texts than this compiles some of them again. */
export const PLAN_CACHE_ENTRIES_MAX = 512;

/** Decoded commit records kept per graph for time travel. */
export const COMMIT_CACHE_ENTRIES_MAX = 256;

/** Schemas of older versions kept compiled per graph; a graph rarely has more in its whole life. */
export const SCHEMA_CACHE_ENTRIES_MAX = 32;

/** Lines of history kept per graph, one per branch incarnation; a line that was dropped is read again. */
export const COMMIT_LINES_MAX = 256;

/** Commits kept per graph for the merge bases of later merges, some 300 bytes each. */
export const ANCESTRY_CACHE_ENTRIES_MAX = 4_096;

/** Non-null vectors of a property from which on it gets an index; a search reads fewer of them directly (LIM-15). */
export const VECTOR_INDEX_ROWS_MIN = 10_000;

/** Rows of a type up to which a `nearest` compares every candidate, index or not; as many candidates of a larger type as well (query SR-17). */
export const VECTOR_EXACT_ROWS_MAX = 10_000;

/** Share of deleted rows in a dataset's files from which on the native compaction rewrites a fragment. */
export const DELETED_ROWS_SHARE_MAX = 0.1;

/**
 * How long before the oldest running read a version may have been replaced and still be what the read shows, in milliseconds: a
 * publish follows its native writes after at most this time.
 */
export const READ_START_MARGIN_MS = 60_000;

/** Age in milliseconds from which on a temporary file belongs to a writer that was killed (MT-82). */
export const RESIDUE_AGE_MS = 3_600_000;

/** Native versions of the manifest that a cleanup keeps, in milliseconds: a read of the manifest takes far less. */
export const MANIFEST_CLEANUP_KEEP_MS = 5_000;

/**
 * The binding's compaction keeps null, empty and other blobs apart (SUB-22, MT-7). A guard test fails on an upgrade that changes it:
 * then this becomes false, and maintenance leaves datasets with blobs alone.
 */
export const BLOB_COMPACTION_IS_SAFE = true;

/** Bytes of a blob that one call reads (BL-4, LIM-6). */
export const BLOB_READ_BYTES_MAX: number = 4 * 1024 * 1024;

/** Vectors of recent query texts, per graph handle: a thousand texts at 3,072 dimensions. */
export const QUERY_VECTOR_CACHE_BYTES: number = 16 * 1024 * 1024;

/** Changes on one page (LIM-7), at most and by default. */
export const CHANGES_PER_PAGE_MAX = 8_192;
export const CHANGES_PER_PAGE_DEFAULT = 1_000;

/** Encoded bytes that a page of changes is packed to (LIM-7); one larger change travels alone. */
export const CHANGE_PAGE_BYTES_MAX: number = 32 * 1024 * 1024;
export const CHANGE_PAGE_BYTES_DEFAULT: number = 4 * 1024 * 1024;

/** Commits that one poll of a feed delivers (LIM-7), at most and by default. */
export const FEED_COMMITS_MAX = 512;
export const FEED_COMMITS_DEFAULT = 128;

/** Characters of a cursor or page token (LIM-8). */
export const CHANGE_TOKEN_CHARACTERS_MAX = 4_096;

/** Ids of changed entities found by one look through a type: some 30 MB. A type with more changes is looked through again. */
export const CHANGED_IDS_PER_PASS = 250_000;

/** Ids of changed entities that a handle keeps between the pages of answers. */
export const CHANGED_IDS_KEPT = 500_000;

/** Encoded bytes of a whole diff in memory; larger ones are read by type or commit by commit. */
export const DIFF_BYTES_MAX: number = 256 * 1024 * 1024;
