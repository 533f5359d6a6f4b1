import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StorageError } from "../errors.js";
import type { FileSync } from "../file-sync.js";
import { LocalDatasetFiles } from "../local-dataset-files.js";
import { errnoOf, storageErrorOf } from "../local-errors.js";
import { MalformedRecordError } from "./protobuf.js";
import { decodeVersionFile, type VersionRecord, versionFileName } from "./version-record.js";

/**
 * Makes native versions durable, which the binding never does (lancedb.md §6): every file a version reads, before the file that makes
 * it a version. Which files are new follows from the version's own record, so the cost does not grow with the history.
 */
export class VersionSync {
  readonly #files: FileSync;
  readonly #reader = new LocalDatasetFiles();
  /** Files of the newest durable version, by lineage. */
  readonly #durable = new Map<string, ReadonlySet<string>>();

  constructor(files: FileSync) {
    this.#files = files;
  }

  /**
   * The versions after `baseVersion` up to `headVersion`. Of a lineage not seen before, all files of the head: others may have written
   * some of them at a lower level.
   */
  async persistVersions(lineagePath: string, baseVersion: number, headVersion: number): Promise<void> {
    if (headVersion <= baseVersion) return;
    const added = new Set<string>();
    const versionFiles: string[] = [];
    const durable = this.#durable.get(lineagePath) ?? new Set();
    let head: VersionRecord | undefined;
    for (let version = baseVersion + 1; version <= headVersion; version++) {
      const path = `${lineagePath}/_versions/${versionFileName(version)}`;
      const record = await readRecord(path, this.#reader);
      // A prune may have removed again what it wrote; the head refers to all that matters.
      if (record === undefined && version !== headVersion) continue;
      if (record === undefined) throw new StorageError("Unknown", `cannot sync ${path}: it is missing or damaged`, { effects: "possible" });
      versionFiles.push(path);
      if (record.transactionFile !== undefined) added.add(`_transactions/${record.transactionFile}`);
      for (const { path: file } of record.ownFiles) if (!durable.has(file)) added.add(file);
      head = record;
    }
    const paths = (await Promise.all([...added].map((file) => physicalFiles(join(lineagePath, file))))).flat();
    await this.#files.persistContent(paths);
    await this.#files.persist(versionFiles, directoriesOf(paths, lineagePath));
    await this.#files.persistEntries(`${lineagePath}/_versions`);
    this.#durable.set(lineagePath, new Set(head?.ownFiles.map((file) => file.path)));
  }

  /** A new lineage, complete. */
  async persistLineage(lineagePath: string): Promise<void> {
    await this.#files.persistTree(lineagePath);
  }

  /** One file outside of any version, such as the record of a branch. */
  async persistFile(path: string): Promise<void> {
    await this.#files.persistContent([path]);
    await this.#files.persistEntries(dirname(path));
  }

  /** After a lineage was removed: its name may be used again. */
  forget(lineagePath: string): void {
    for (const key of [...this.#durable.keys()]) if (key === lineagePath || key.startsWith(`${lineagePath}/`)) this.#durable.delete(key);
  }
}

async function readRecord(path: string, reader: LocalDatasetFiles): Promise<VersionRecord | undefined> {
  const bytes = await reader.read(path);
  try {
    return bytes === undefined ? undefined : decodeVersionFile(bytes);
  } catch (error) {
    if (error instanceof MalformedRecordError) return undefined;
    throw error;
  }
}

/** Every directory between the files and their lineage, deepest first, so that no name is durable before what it names. */
function directoriesOf(paths: readonly string[], lineagePath: string): readonly string[] {
  const directories = new Set<string>();
  for (const path of paths) {
    for (let directory = dirname(path); directory.length > lineagePath.length; directory = dirname(directory)) directories.add(directory);
  }
  return [...directories].sort((left, right) => right.length - left.length);
}

/** What lies on disk for a recorded name: indexes are directories; large blobs lie in a directory named like their data file. */
async function physicalFiles(path: string): Promise<readonly string[]> {
  if (path.endsWith("/")) return filesIn(path.slice(0, -1));
  if (!/\/data\/[^/]+\.lance$/.test(path)) return [path];
  return [path, ...(await filesIn(path.slice(0, -".lance".length)))];
}

async function filesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).map((name) => join(directory, name));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw storageErrorOf(error, "sync", directory);
  }
}
