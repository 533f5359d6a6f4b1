import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError, UsageError } from "./errors.js";
import type { Io } from "./io.js";

/** Stands for stdin wherever a data, parameter or query file is named (§8.5). */
export const STDIN_PATH = "-";

/** Largest text read whole: queries, schemas, parameters. Data is streamed and has no ceiling. */
const TEXT_BYTES_MAX = 16 * 1024 * 1024;

/** Bytes of a data file or of stdin. Opening errors surface before the first chunk is asked for. */
export async function openInput(io: Io, flag: string, path: string): Promise<{ readonly chunks: AsyncIterable<Uint8Array>; readonly byteCount: number | undefined }> {
  if (path === STDIN_PATH) return { chunks: io.stdin.chunks(), byteCount: undefined };
  const file = resolve(io.cwd, path);
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new InputError(`cannot read ${flag} '${path}': it is a directory`, { hint: "Name a file." });
    await (await open(file, "r")).close();
    return { chunks: readable(flag, path, file), byteCount: found.isFile() ? found.size : undefined };
  } catch (error) {
    throw inputError(flag, path, error);
  }
}

/** A whole text file, or stdin for `-`. `stdinAllowed` is false where §8.5 does not list the flag. */
export async function readInputText(io: Io, flag: string, path: string, stdinAllowed = true): Promise<string> {
  if (path === STDIN_PATH && !stdinAllowed) throw new UsageError(`${flag} does not read from stdin`, "Name a file.");
  const { chunks } = await openInput(io, flag, path);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let byteCount = 0;
  for await (const chunk of chunks) {
    byteCount += chunk.byteLength;
    if (byteCount > TEXT_BYTES_MAX) {
      throw new InputError(`${flag} '${path}' is larger than ${TEXT_BYTES_MAX} bytes`, { hint: "Check that this is the file you meant." });
    }
    text += decode(flag, path, () => decoder.decode(chunk, { stream: true }));
  }
  return text + decode(flag, path, () => decoder.decode());
}

function decode(flag: string, path: string, next: () => string): string {
  try {
    return next();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InputError(`${flag} '${path}' is not valid UTF-8`, { hint: "Save the file as UTF-8 text." });
  }
}

async function* readable(flag: string, path: string, file: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw inputError(flag, path, error);
  }
}

function inputError(flag: string, path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const reason = code === undefined ? undefined : REASONS[code];
  if (error instanceof InputError || code === undefined) return error;
  return new InputError(`cannot read ${flag} '${path}': ${reason?.[0] ?? code}`, {
    hint: reason?.[1] ?? "Check the path.",
    cause: reason === undefined ? error : undefined,
  });
}

const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ["no such file", "Check the path; it is relative to the working directory."],
  ENOTDIR: ["no such file", "Check the path; it is relative to the working directory."],
  EACCES: ["permission denied", "Check the permissions of the file."],
  EISDIR: ["it is a directory", "Name a file."],
};
