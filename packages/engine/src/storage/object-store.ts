/** Content of an object, and what identifies this state of it for {@link ObjectStore.replaceIfVersion} of the same store. */
export interface VersionedText {
  readonly text: string;
  /** Opaque (ST-11). */
  readonly version: string;
}

/**
 * Small text objects: schema contract, sidecars, lease, claims (ST-1 … ST-9). URIs are of one kind (local path or
 * `s3://`); one contract suite holds every implementation to the same behaviour.
 */
export interface ObjectStore {
  /** @throws StorageError of kind NotFound when there is no object, also when the address is a directory (ST-1) */
  readText(uri: string): Promise<string>;
  /** Null only when absent; one request (ST-2). */
  readTextIfExists(uri: string): Promise<string | null>;
  /** Atomic create-or-replace; creates missing parents (ST-4). */
  writeText(uri: string, text: string): Promise<void>;
  /** Atomic create-if-absent; exactly one of N concurrent callers gets true (ST-5). */
  writeTextIfAbsent(uri: string, text: string): Promise<boolean>;
  /** Null only when absent; one request (ST-11). */
  readVersioned(uri: string): Promise<VersionedText | null>;
  /**
   * Replaces the object if it still is in the state `version`; false, with the object untouched, when it is not or is missing (ST-12).
   * A write whose answer was lost is looked up: true when the text that is there is ours, so writers that compete must never write
   * equal texts.
   *
   * S3 stores decide this atomically. Local files are compared, then replaced: there, callers hold a lock of their own (ST-20).
   *
   * @throws StorageError; with effects `possible` when nobody can tell whether the replacement landed
   */
  replaceIfVersion(uri: string, text: string, version: string): Promise<boolean>;
  /** Idempotent (ST-6). */
  delete(uri: string): Promise<void>;
  /**
   * Removes everything below `uri`, and an object at `uri` itself (ST-13). Idempotent: what an interrupted call left, the next one removes. Local directories go too.
   *
   * @throws StorageError of kind Configuration for an address that holds more than one root: a bucket, the root of the file system
   */
  deletePrefix(uri: string): Promise<void>;
  /** True for an object or a non-empty prefix (ST-7). */
  exists(uri: string): Promise<boolean>;
  /** Replaces the destination (ST-8). */
  renameText(from: string, to: string): Promise<void>;
  /** Direct child objects only, unordered; missing directory = empty (ST-9). */
  listDir(uri: string): Promise<readonly string[]>;
  /**
   * Removes temporary files that killed writers left directly in the directory, last changed before `beforeMs` (Unix time in
   * milliseconds; younger ones may be a write in flight). Stores without such files remove nothing. @returns bytes
   */
  removeResidue(directoryUri: string, beforeMs: number): Promise<number>;
  /** Proves that create-if-absent works at `root`; throws StorageError of kind Configuration otherwise (ST-14). */
  probeCreateIfAbsent(root: string): Promise<void>;
  /** Proves that conditional replacement works at `root`; throws StorageError of kind Configuration otherwise. */
  probeConditionalReplace(root: string): Promise<void>;
}
