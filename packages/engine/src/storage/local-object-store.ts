import type { Dirent } from "node:fs";
import { link, mkdir, open, opendir, readdir, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { type IdSource, randomIds, sha256Digest } from "@omnigraphdb/common";
import { StorageError } from "./errors.js";
import type { FileSync } from "./file-sync.js";
import { isTransientObject } from "./layout.js";
import { errnoOf, storageErrorOf } from "./local-errors.js";
import type { ObjectStore, VersionedText } from "./object-store.js";
import { probeConditionalReplace, probeCreateIfAbsent } from "./probe-conditions.js";
import { joinUri, localPathOf } from "./uri.js";

/** A directory into which somebody still writes is tried again, a tenth of a second later each time. */
const REMOVAL_RETRIES = 3;
const RESIDUE_NAME = /\.tmp\.[0-9A-HJKMNP-TV-Z]{26}$/;

/**
 * Objects as files. Content becomes visible whole: a complete temporary file (`<name>.tmp.<id>`) is renamed over the
 * target, or hard-linked to it when the target must not exist. With a `FileSync` (durability level `power`, ST-21) content and name are
 * durable when a call returns, except those of objects that mean nothing after a restart of the machine.
 */
export class LocalObjectStore implements ObjectStore {
  readonly #ids: IdSource;
  readonly #sync: FileSync | undefined;

  constructor(ids: IdSource = randomIds, sync?: FileSync) {
    this.#ids = ids;
    this.#sync = sync;
  }

  async readText(uri: string): Promise<string> {
    const text = await this.readTextIfExists(uri);
    if (text === null) throw new StorageError("NotFound", `no such object: ${uri}`);
    return text;
  }

  async readTextIfExists(uri: string): Promise<string | null> {
    try {
      return await readFile(localPathOf(uri), "utf8");
    } catch (error) {
      const failure = storageErrorOf(error, "read", uri);
      if (failure.kind === "NotFound") return null;
      throw failure;
    }
  }

  /** The version is the content: a text that comes back counts as unchanged. */
  async readVersioned(uri: string): Promise<VersionedText | null> {
    const text = await this.readTextIfExists(uri);
    return text === null ? null : { text, version: sha256Digest(text) };
  }

  async writeText(uri: string, text: string): Promise<void> {
    const path = localPathOf(uri);
    await this.#renameOver(await this.#writeTemporary(path, text, uri), path, uri);
  }

  async writeTextIfAbsent(uri: string, text: string): Promise<boolean> {
    const path = localPathOf(uri);
    const temporary = await this.#writeTemporary(path, text, uri);
    try {
      await link(temporary, path);
      await this.#persistName(path);
      return true;
    } catch (error) {
      if (errnoOf(error) === "EEXIST") return false;
      if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(errnoOf(error))) {
        throw new StorageError("Configuration", `the file system of ${uri} does not support hard links`, { cause: error });
      }
      throw storageErrorOf(error, "create", uri);
    } finally {
      await discard(temporary);
    }
  }

  async replaceIfVersion(uri: string, text: string, version: string): Promise<boolean> {
    if ((await this.readVersioned(uri))?.version !== version) return false;
    const path = localPathOf(uri);
    const temporary = await this.#writeTemporary(path, text, uri);
    // Compared again right before the rename: of callers that renounce their lock, as few as possible overwrite each other.
    const found = await this.readVersioned(uri).catch(async (error: unknown) => {
      await discard(temporary);
      throw error;
    });
    if (found?.version !== version) {
      await discard(temporary);
      return false;
    }
    await this.#renameOver(temporary, path, uri);
    return true;
  }

  async deletePrefix(uri: string): Promise<void> {
    const path = localPathOf(uri);
    if (dirname(path) === path) throw new StorageError("Configuration", `the root of the file system is not deleted: ${uri}`);
    try {
      await rm(path, { recursive: true, force: true, maxRetries: REMOVAL_RETRIES });
    } catch (error) {
      const failure = storageErrorOf(error, "delete", uri);
      if (failure.kind !== "NotFound") throw failure;
    }
    await this.#persistRemoval(path);
  }

  async delete(uri: string): Promise<void> {
    try {
      await unlink(localPathOf(uri));
    } catch (error) {
      if (await isDirectory(localPathOf(uri))) return;
      const failure = storageErrorOf(error, "delete", uri);
      if (failure.kind !== "NotFound") throw failure;
    }
  }

  async exists(uri: string): Promise<boolean> {
    try {
      const path = localPathOf(uri);
      return (await stat(path)).isDirectory() ? await containsFile(path) : true;
    } catch (error) {
      const failure = storageErrorOf(error, "look at", uri);
      if (failure.kind === "NotFound") return false;
      throw failure;
    }
  }

  async renameText(from: string, to: string): Promise<void> {
    const source = localPathOf(from);
    const target = localPathOf(to);
    try {
      if ((await stat(source)).isDirectory()) throw new StorageError("NotFound", `no such object: ${from}`);
      await createDirectory(dirname(target));
      await rename(source, target);
    } catch (error) {
      throw storageErrorOf(error, "rename", from);
    }
    await this.#persistName(target);
    if (dirname(source) !== dirname(target)) await this.#persistName(source);
  }

  async listDir(uri: string): Promise<readonly string[]> {
    let entries: Dirent[];
    try {
      entries = await readdir(localPathOf(uri), { withFileTypes: true });
    } catch (error) {
      const failure = storageErrorOf(error, "list", uri);
      if (failure.kind === "NotFound") return [];
      throw failure;
    }
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => joinUri(uri, entry.name));
  }

  async removeResidue(directoryUri: string, beforeMs: number): Promise<number> {
    let byteCount = 0;
    for (const uri of await this.listDir(directoryUri)) {
      if (!RESIDUE_NAME.test(uri)) continue;
      const state = await stat(localPathOf(uri)).catch(() => undefined);
      if (state === undefined || state.mtimeMs >= beforeMs) continue;
      await this.delete(uri);
      byteCount += state.size;
    }
    return byteCount;
  }

  probeCreateIfAbsent(root: string): Promise<void> {
    return probeCreateIfAbsent(this, root, this.#ids);
  }

  probeConditionalReplace(root: string): Promise<void> {
    return probeConditionalReplace(this, root, this.#ids);
  }

  async #writeTemporary(path: string, text: string, uri: string): Promise<string> {
    const temporary = `${path}.tmp.${this.#ids.ulid()}`;
    const isFlushed = this.#isDurable(path);
    try {
      await createFile(temporary, text, isFlushed);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw storageErrorOf(error, "write", uri);
      try {
        await createDirectory(dirname(path));
        await createFile(temporary, text, isFlushed);
      } catch (second) {
        throw storageErrorOf(second, "write", uri);
      }
    }
    return temporary;
  }

  async #renameOver(temporary: string, path: string, uri: string): Promise<void> {
    try {
      await rename(temporary, path);
    } catch (error) {
      await discard(temporary);
      throw storageErrorOf(error, "write", uri);
    }
    await this.#persistName(path);
  }

  async #persistName(path: string): Promise<void> {
    if (this.#isDurable(path)) await this.#sync?.persistEntries(dirname(path));
  }

  async #persistRemoval(path: string): Promise<void> {
    if (await isDirectory(dirname(path))) await this.#persistName(path);
  }

  #isDurable(path: string): boolean {
    return this.#sync !== undefined && !isTransientObject(path);
  }
}

async function createFile(path: string, text: string, isFlushed: boolean): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(text);
    if (isFlushed) await file.datasync();
  } catch (error) {
    // A full disk gets back what was written.
    await discard(path);
    throw error;
  } finally {
    await file.close();
  }
}

/** A temporary file that stays is residue. Whether the object is there does not depend on it. */
async function discard(temporary: string): Promise<void> {
  await rm(temporary, { force: true }).catch(() => undefined);
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** With its parents. The runtime's recursive creation never ends where a parent refuses children with ENOENT, as `/proc` does. */
async function createDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const parent = dirname(path);
    if (errnoOf(error) === "EEXIST" && (await isDirectory(path))) return;
    if (errnoOf(error) !== "ENOENT" || parent === path) throw error;
    // Others, who need the same directories, may have created the parent since, or create this one meanwhile.
    if (!(await isDirectory(parent))) await createDirectory(parent);
    await mkdir(path).catch((second: unknown) => {
      if (errnoOf(second) !== "EEXIST") throw second;
    });
  }
}

/** Empty directories are not objects (ST-7). */
async function containsFile(path: string): Promise<boolean> {
  for await (const entry of await opendir(path)) {
    if (!entry.isDirectory() || (await containsFile(`${path}/${entry.name}`))) return true;
  }
  return false;
}
