import type { SnapshotEntry } from "../manifest/snapshot.js";

/** A version of a dataset that a file was made from. */
export type MadeFrom = Pick<SnapshotEntry, "location" | "publishedVersion">;

/**
 * Disposable binary files under `<root>/__cache/`: derived state that is quicker to read than to make again. A file that is missing, torn,
 * altered or of another format is `undefined`, never an error, and a failed write is logged and forgotten: they affect speed only (CA-4).
 */
export interface CacheFiles {
  /** False for handles that must leave the root alone: {@link write} and {@link delete} then do nothing (OP-7). */
  readonly isWritable: boolean;
  /** Entities of a dataset from which on a file is worth having: fewer are read again as quickly. */
  readonly rowCountMin: number;
  /**
   * The sections as written, one after another, each beginning at a multiple of 16 bytes; so does the array in its buffer. Undefined as well when
   * a version that the file was made from is no longer there, or is another one under its number.
   */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Replaces the file at once or not at all. @param name letters, digits, `.`, `-`, `_` and `=` in one or more folders */
  write(name: string, sections: readonly Uint8Array[], madeFrom: readonly MadeFrom[]): Promise<void>;
  /** Names that begin with `prefix`, ascending. The prefix names at least the folder. */
  list(prefix: string): Promise<readonly string[]>;
  delete(name: string): Promise<void>;
}

/** Keeps nothing. */
export const noCacheFiles: CacheFiles = {
  isWritable: false,
  rowCountMin: Infinity,
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
  list: () => Promise.resolve([]),
  delete: () => Promise.resolve(),
};
