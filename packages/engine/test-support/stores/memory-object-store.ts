import { type IdSource, seededIds, sha256Digest } from "@omnigraphdb/common";
import { StorageError } from "../../src/storage/errors.js";
import type { ObjectStore, VersionedText } from "../../src/storage/object-store.js";
import { probeConditionalReplace, probeCreateIfAbsent } from "../../src/storage/probe-conditions.js";
import { joinUri, normalizeUri } from "../../src/storage/uri.js";

/** Objects in a map: the smallest store that keeps the contract. */
export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, string>();
  readonly #ids: IdSource;

  constructor(ids: IdSource = seededIds()) {
    this.#ids = ids;
  }

  async readText(uri: string): Promise<string> {
    const text = this.#objects.get(normalizeUri(uri));
    if (text === undefined) throw new StorageError("NotFound", `no such object: ${uri}`);
    return Promise.resolve(text);
  }

  async readTextIfExists(uri: string): Promise<string | null> {
    return Promise.resolve(this.#objects.get(normalizeUri(uri)) ?? null);
  }

  async writeText(uri: string, text: string): Promise<void> {
    this.#put(uri, text);
    return Promise.resolve();
  }

  async writeTextIfAbsent(uri: string, text: string): Promise<boolean> {
    if (this.#objects.has(normalizeUri(uri))) return Promise.resolve(false);
    this.#put(uri, text);
    return Promise.resolve(true);
  }

  async readVersioned(uri: string): Promise<VersionedText | null> {
    const text = this.#objects.get(normalizeUri(uri));
    return Promise.resolve(text === undefined ? null : { text, version: sha256Digest(text) });
  }

  async replaceIfVersion(uri: string, text: string, version: string): Promise<boolean> {
    const found = this.#objects.get(normalizeUri(uri));
    if (found === undefined || sha256Digest(found) !== version) return Promise.resolve(false);
    this.#put(uri, text);
    return Promise.resolve(true);
  }

  async deletePrefix(uri: string): Promise<void> {
    const address = normalizeUri(uri);
    for (const key of [...this.#objects.keys()]) if (key === address || key.startsWith(`${address}/`)) this.#objects.delete(key);
    return Promise.resolve();
  }

  async delete(uri: string): Promise<void> {
    this.#objects.delete(normalizeUri(uri));
    return Promise.resolve();
  }

  async exists(uri: string): Promise<boolean> {
    const address = normalizeUri(uri);
    return Promise.resolve([...this.#objects.keys()].some((key) => key === address || key.startsWith(`${address}/`)));
  }

  async renameText(from: string, to: string): Promise<void> {
    const text = await this.readText(from);
    this.#objects.delete(normalizeUri(from));
    this.#put(to, text);
  }

  async listDir(uri: string): Promise<readonly string[]> {
    const prefix = `${normalizeUri(uri)}/`;
    const names = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    const direct = names.filter((name) => !name.includes("/"));
    return Promise.resolve(direct.map((name) => joinUri(uri, prefix.startsWith("file://") ? decodeURIComponent(name) : name)));
  }

  removeResidue(): Promise<number> {
    return Promise.resolve(0);
  }

  probeCreateIfAbsent(root: string): Promise<void> {
    return probeCreateIfAbsent(this, root, this.#ids);
  }

  probeConditionalReplace(root: string): Promise<void> {
    return probeConditionalReplace(this, root, this.#ids);
  }

  #put(uri: string, text: string): void {
    this.#objects.set(normalizeUri(uri), text);
  }
}
