import { readdirSync } from "node:fs";
import { isAbsolute, posix, resolve, sep } from "node:path";
import type { SourcePlace } from "../diagnostics/cluster-diagnostic.js";
import { contentDigest } from "../digests.js";
import { SOURCE_FILE_BYTES_MAX } from "./config-limits.js";
import { fileSystemProblem, readTextFile, type UnusableFile } from "./text-file.js";

/** A declared file, as it was read. */
export interface SourceFile {
  /** Absolute path. */
  readonly file: string;
  /** As it is written, in normal form; relative to the configuration directory unless it is absolute there; separated by `/`. */
  readonly path: string;
  readonly text: string;
  readonly digest: string;
}

/** A declared file that cannot be used. */
export interface UnusableSource {
  readonly file: string;
  readonly path: string;
  readonly unusable: UnusableFile;
}

export function isUsable(source: SourceFile | UnusableSource): source is SourceFile {
  return !("unusable" in source);
}

/** The place that the finding about an unusable file points at, within that file. */
export function placeIn({ file, unusable: { line, column } }: UnusableSource): SourcePlace {
  return { file, line, column };
}

/** `unreadable`: `problem` completes "the folder …". Paths are as {@link SourceFile.path}. */
export type QueryListing = { readonly kind: "file" } | { readonly kind: "folder"; readonly paths: readonly string[] } | { readonly kind: "unreadable"; readonly problem: string };

/** The files that a configuration names. Each is read once, so that all who use it see the same content. */
export class SourceFiles {
  readonly #directory: string;
  readonly #byFile = new Map<string, SourceFile | UnusableSource>();

  /** @param configDirectory absolute */
  constructor(configDirectory: string) {
    this.#directory = configDirectory;
  }

  read(written: string): SourceFile | UnusableSource {
    const file = resolve(this.#directory, written);
    const source = this.#byFile.get(file) ?? readSource(file, writtenPath(written));
    this.#byFile.set(file, source);
    return source;
  }

  /**
   * What an entry of `queries` is. A folder's files are its direct `*.gq` children in the order of their names, without those that begin
   * with a dot, as in a shell.
   */
  list(written: string): QueryListing {
    try {
      const names = readdirSync(resolve(this.#directory, written));
      const chosen = names.filter((name) => name.endsWith(".gq") && !name.startsWith(".")).sort();
      return { kind: "folder", paths: chosen.map((name) => posix.join(writtenPath(written), name)) };
    } catch (error) {
      const isFile = (error as NodeJS.ErrnoException).code === "ENOTDIR" || written.endsWith(".gq");
      return isFile ? { kind: "file" } : { kind: "unreadable", problem: fileSystemProblem(error) };
    }
  }
}

function readSource(file: string, path: string): SourceFile | UnusableSource {
  const read = readTextFile(file, SOURCE_FILE_BYTES_MAX);
  return "text" in read ? { file, path, text: read.text, digest: contentDigest(read.text) } : { file, path, unusable: read };
}

function writtenPath(written: string): string {
  const path = isAbsolute(written) ? resolve(written) : written;
  return posix.normalize(sep === "/" ? path : path.replaceAll(sep, "/"));
}
