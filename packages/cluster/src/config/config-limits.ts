/** Bytes of `cluster.yaml`. Some ten thousand queries named one by one. */
export const CLUSTER_FILE_BYTES_MAX: number = 4 * 1024 * 1024;

/** Bytes of a schema, query or policy file; their languages have lower limits of their own. */
export const SOURCE_FILE_BYTES_MAX: number = 16 * 1024 * 1024;

/** Places that are listed where the text is not YAML: later ones mostly follow from earlier ones. */
export const SYNTAX_ERRORS_MAX = 10;

/** UTF-16 code units of a key or value that a message shows. */
export const SHOWN_TEXT_MAX = 80;
