/** Rows of one staged batch; every batch becomes one native version. */
export const BATCH_ROWS_MAX: number = 262_144;

/** Bytes of one staged batch, apart from its last row. */
export const BATCH_BYTES_MAX: number = 32 * 1024 * 1024;

/** Bytes of staged batches kept in memory before the rest goes to files. */
export const STAGED_MEMORY_BYTES_DEFAULT: number = 128 * 1024 * 1024;
