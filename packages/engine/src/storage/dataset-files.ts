import type { S3Settings } from "./s3-settings.js";
import { isS3Uri } from "./uri.js";

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

export interface FoundFile {
  readonly uri: string;
  readonly byteCount: number;
  /** Unix time in milliseconds. */
  readonly changedAtMs: number;
}

/**
 * The files inside datasets, for what the binding does not tell: records of transactions and left-overs of crashes (DG-3). Never
 * changes a file that a dataset uses.
 */
export interface DatasetFiles {
  /** Undefined when there is no file. */
  read(uri: string): Promise<Uint8Array | undefined>;
  /** Direct children, ascending by name; missing directory = none. */
  list(uri: string): Promise<readonly DirectoryEntry[]>;
  /** Files below `uri`, at any depth, whose name passes. */
  find(uri: string, isWanted: (name: string) => boolean): Promise<readonly FoundFile[]>;
  /** Idempotent. */
  delete(uri: string): Promise<void>;
  /** Recursive, idempotent. */
  deletePrefix(uri: string): Promise<void>;
}

/** @param s3 needed for `s3://` roots */
export async function openDatasetFiles(root: string, s3: S3Settings | undefined): Promise<DatasetFiles> {
  if (!isS3Uri(root) || s3 === undefined) return new (await import("./local-dataset-files.js")).LocalDatasetFiles();
  // The SDK is large; local graphs must not pay for it.
  return (await import("./s3-dataset-files.js")).openS3DatasetFiles(root, s3);
}
