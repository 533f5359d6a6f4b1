import type { Dirent } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoOf, storageErrorOf } from "./local-errors.js";

/** A sync waits for the disk; more at once than this only queue up in the thread pool. */
const CONCURRENT_SYNCS_MAX = 8;

/**
 * Makes files durable: their content, and the directory entries that lead to them (ST-21). A name survives a loss of power only
 * when its directory was synced, and so on up to the root; that chain is synced once per directory.
 */
export class FileSync {
  /** Directories whose own entry is known to be durable. */
  readonly #anchored = new Set<string>(["/"]);

  /** Content of `files` and names directly in `directories`, in no particular order: syncs that run together share their wait. */
  async persist(files: readonly string[], directories: readonly string[]): Promise<void> {
    await inParallel([...files.map((file) => () => syncFile(file)), ...directories.map((directory) => () => this.persistEntries(directory))]);
  }

  async persistContent(files: readonly string[]): Promise<void> {
    await this.persist(files, []);
  }

  /** The names directly in `directory`; on first sight also the chain that leads to it. */
  async persistEntries(directory: string): Promise<void> {
    await syncDirectory(directory);
    await this.#anchor(directory);
  }

  /** Everything below `directory`, and the chain that leads to it. */
  async persistTree(directory: string): Promise<void> {
    const files: string[] = [];
    const directories: string[] = [];
    await collect(directory, files, directories);
    await this.persistContent(files);
    await this.persist([], directories);
  }

  async #anchor(directory: string): Promise<void> {
    if (this.#anchored.has(directory)) return;
    const parent = dirname(directory);
    if (parent !== directory) {
      try {
        await syncDirectory(parent);
      } catch (error) {
        // Above the graph there may be directories that we pass through but may not open.
        if (!["EACCES", "EPERM"].includes(errnoOf((error as Error).cause))) throw error;
      }
      await this.#anchor(parent);
    }
    this.#anchored.add(directory);
  }
}

/** Deepest directories first. */
async function collect(directory: string, files: string[], directories: string[]): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch (error) {
    throw storageErrorOf(error, "sync", directory);
  }
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await collect(path, files, directories);
    else files.push(path);
  }
  directories.push(directory);
}

async function syncFile(path: string): Promise<void> {
  await withHandle(path, (handle) => handle.datasync());
}

async function syncDirectory(path: string): Promise<void> {
  await withHandle(path, (handle) => handle.sync());
}

async function withHandle(path: string, sync: (handle: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> {
  try {
    const handle = await open(path, "r");
    try {
      await sync(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw storageErrorOf(error, "sync", path);
  }
}

async function inParallel(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  for (let start = 0; start < tasks.length; start += CONCURRENT_SYNCS_MAX) {
    await Promise.all(tasks.slice(start, start + CONCURRENT_SYNCS_MAX).map((run) => run()));
  }
}
