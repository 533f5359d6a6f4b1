/** Bytes of one record. A record is held in memory as a whole. */
export const RECORD_BYTES_MAX: number = 64 * 1024 * 1024;

/** Values and member names in one record: bounds the token tape at 48 MiB. */
export const RECORD_TOKENS_MAX: number = 4_194_304;

/** Arrays and objects inside each other: bounds recursion. No valid record needs more than three. */
export const RECORD_DEPTH_MAX = 128;

/** Input is handed to the scanner in pieces of at most this size, so that one huge chunk needs no huge copy. */
export const PIECE_BYTES: number = 256 * 1024;

/** Input that arrives without waiting gives other tasks a turn after so many bytes. */
export const YIELD_BYTES: number = 4 * 1024 * 1024;

/** Least time between two progress calls, in milliseconds. */
export const PROGRESS_INTERVAL_MS = 100;

/** Texts given to the embedder at a time: enough to keep its requests busy, few enough to hold their vectors twice. */
export const EMBEDDED_TEXTS_MAX = 2048;

/** Characters of these texts, apart from the last one. */
export const EMBEDDED_CHARACTERS_MAX: number = 4 * 1024 * 1024;

/** Vectors kept by one load for texts that come again. */
export const EMBEDDED_VECTOR_BYTES: number = 32 * 1024 * 1024;
