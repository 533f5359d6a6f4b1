import { mkdir, open, readdir, rename, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { IdSource, Logger } from "@omnigraphdb/common";
import type { CacheFiles, MadeFrom } from "./cache-files.js";
import { decodeCacheFile, encodeCacheFile } from "./cache-file-format.js";

export interface LocalCacheFilesParts {
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly isWritable: boolean;
  readonly rowCountMin?: number;
  /** Tells a version from another one under its number; undefined = it is no longer there. */
  readonly fingerprint: (version: MadeFrom) => Promise<string | undefined>;
}

/** The title of a file: its name, and a line for each version it was made from. */
interface Title {
  readonly name: string;
  readonly versions: readonly { readonly directory: string; readonly nativeBranch: string | null; readonly version: number; readonly fingerprint: string }[];
}

const ROW_COUNT_MIN = 50_000;

const TEMPORARY = ".tmp.";

/** Cache files in a local folder. Written beside their place and renamed; never synced, because losing one costs nothing but time. */
export class LocalCacheFiles implements CacheFiles {
  readonly isWritable: boolean;
  readonly rowCountMin: number;
  readonly #directory: string;
  readonly #ids: IdSource;
  readonly #logger: Logger;
  readonly #fingerprint: LocalCacheFilesParts["fingerprint"];

  constructor(directory: string, parts: LocalCacheFilesParts) {
    this.#directory = directory;
    this.#ids = parts.ids;
    this.#logger = parts.logger;
    this.#fingerprint = parts.fingerprint;
    this.isWritable = parts.isWritable;
    this.rowCountMin = parts.rowCountMin ?? ROW_COUNT_MIN;
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const bytes = await readWhole(this.#pathOf(name));
      const decoded = bytes === undefined ? undefined : decodeCacheFile(bytes);
      return decoded !== undefined && (await this.#isCurrent(name, JSON.parse(decoded.title) as Title)) ? decoded.payload : undefined;
    } catch {
      return undefined;
    }
  }

  async write(name: string, sections: readonly Uint8Array[], madeFrom: readonly MadeFrom[]): Promise<void> {
    if (!this.isWritable) return;
    const path = this.#pathOf(name);
    const temporary = `${path}${TEMPORARY}${this.#ids.ulid()}`;
    try {
      const title = await this.#titleOf(name, madeFrom);
      if (title === undefined) return;
      await mkdir(dirname(path), { recursive: true });
      const file = await open(temporary, "wx");
      try {
        for (const part of encodeCacheFile(JSON.stringify(title), sections)) await file.writeFile(part);
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      this.#logger.warn("a cache file could not be written; queries build its content again", { name, error });
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const folder = dirname(`${prefix}x`);
    const names = await readdir(join(this.#directory, folder)).catch(() => []);
    return names
      .map((name) => `${folder}/${name}`)
      .filter((name) => name.startsWith(prefix) && !name.includes(TEMPORARY))
      .sort();
  }

  async delete(name: string): Promise<void> {
    if (this.isWritable) await unlink(this.#pathOf(name)).catch(() => undefined);
  }

  /** Undefined when one of the versions is gone already. */
  async #titleOf(name: string, madeFrom: readonly MadeFrom[]): Promise<Title | undefined> {
    const versions: Title["versions"][number][] = [];
    for (const version of madeFrom) {
      const fingerprint = await this.#fingerprint(version);
      if (fingerprint === undefined) return undefined;
      versions.push({ ...version.location, version: version.publishedVersion, fingerprint });
    }
    return { name, versions };
  }

  async #isCurrent(name: string, title: Title): Promise<boolean> {
    if (title.name !== name) return false;
    const found = await Promise.all(title.versions.map(({ directory, nativeBranch, version }) => this.#fingerprint({ location: { directory, nativeBranch }, publishedVersion: version })));
    return title.versions.every(({ fingerprint }, i) => fingerprint === found[i]);
  }

  #pathOf(name: string): string {
    return join(this.#directory, ...name.split("/"));
  }
}

/** In one read into memory of its own, so that views on it keep nothing else alive. */
async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
