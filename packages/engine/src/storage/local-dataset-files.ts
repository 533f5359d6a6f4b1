import type { Dirent } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import type { DatasetFiles, DirectoryEntry, FoundFile } from "./dataset-files.js";
import { storageErrorOf } from "./local-errors.js";
import { joinUri, localPathOf } from "./uri.js";

export class LocalDatasetFiles implements DatasetFiles {
  async read(uri: string): Promise<Uint8Array | undefined> {
    return unlessMissing("read", uri, () => readFile(localPathOf(uri)));
  }

  async list(uri: string): Promise<readonly DirectoryEntry[]> {
    const entries = await this.#entries(uri);
    return entries
      .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  async find(uri: string, isWanted: (name: string) => boolean): Promise<readonly FoundFile[]> {
    const found: FoundFile[] = [];
    for (const entry of await this.#entries(uri)) {
      const child = joinUri(uri, entry.name);
      if (entry.isDirectory()) found.push(...(await this.find(child, isWanted)));
      else if (isWanted(entry.name)) {
        const state = await unlessMissing("look at", child, () => stat(localPathOf(child)));
        if (state !== undefined) found.push({ uri: child, byteCount: state.size, changedAtMs: Math.floor(state.mtimeMs) });
      }
    }
    return found;
  }

  async delete(uri: string): Promise<void> {
    await unlessMissing("delete", uri, () => rm(localPathOf(uri), { force: true }));
  }

  async deletePrefix(uri: string): Promise<void> {
    await unlessMissing("delete", uri, () => rm(localPathOf(uri), { recursive: true, force: true }));
  }

  async #entries(uri: string): Promise<readonly Dirent[]> {
    return (await unlessMissing("list", uri, () => readdir(localPathOf(uri), { withFileTypes: true }))) ?? [];
  }
}

async function unlessMissing<T>(action: string, uri: string, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    const failure = storageErrorOf(error, action, uri);
    if (failure.kind === "NotFound") return undefined;
    throw failure;
  }
}
