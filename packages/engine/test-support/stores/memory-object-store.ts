import { type IdSource, seededIds } from "@omnigraphdb/common";
import { StorageError } from "../../src/storage/errors.js";
import type { ObjectStore, ObjectVersion } from "../../src/storage/object-store.js";
import { probeCreateIfAbsent } from "../../src/storage/probe-create-if-absent.js";
import { joinUri, normalizeUri } from "../../src/storage/uri.js";

interface StoredText {
  readonly text: string;
  readonly version: ObjectVersion;
}

/** Objects in a map, with true conditional updates: the smallest store that keeps the contract. */
export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<string, StoredText>();
  readonly #ids: IdSource;
  #generation = 0;

  constructor(ids: IdSource = seededIds()) {
    this.#ids = ids;
  }

  async readText(uri: string): Promise<string> {
    return (await this.readTextVersioned(uri)).text;
  }

  async readTextIfExists(uri: string): Promise<string | null> {
    return Promise.resolve(this.#objects.get(normalizeUri(uri))?.text ?? null);
  }

  async readTextVersioned(uri: string): Promise<StoredText> {
    const object = this.#objects.get(normalizeUri(uri));
    if (object === undefined) throw new StorageError("NotFound", `no such object: ${uri}`);
    return Promise.resolve(object);
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

  async writeTextIfMatch(uri: string, text: string, version: ObjectVersion): Promise<ObjectVersion | null> {
    if (this.#objects.get(normalizeUri(uri))?.version !== version) return Promise.resolve(null);
    return Promise.resolve(this.#put(uri, text));
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
    const { text } = await this.readTextVersioned(from);
    this.#objects.delete(normalizeUri(from));
    this.#put(to, text);
  }

  async listDir(uri: string): Promise<readonly string[]> {
    const prefix = `${normalizeUri(uri)}/`;
    const names = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
    const direct = names.filter((name) => !name.includes("/"));
    return Promise.resolve(direct.map((name) => joinUri(uri, prefix.startsWith("file://") ? decodeURIComponent(name) : name)));
  }

  async deletePrefix(uri: string): Promise<void> {
    const address = normalizeUri(uri);
    for (const key of [...this.#objects.keys()]) {
      if (key === address || key.startsWith(`${address}/`)) this.#objects.delete(key);
    }
    return Promise.resolve();
  }

  removeResidue(): Promise<number> {
    return Promise.resolve(0);
  }

  probeCreateIfAbsent(root: string): Promise<void> {
    return probeCreateIfAbsent(this, root, this.#ids);
  }

  #put(uri: string, text: string): ObjectVersion {
    const version = String(++this.#generation);
    this.#objects.set(normalizeUri(uri), { text, version });
    return version;
  }
}
