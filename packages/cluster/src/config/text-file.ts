import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** Why a file cannot be used. */
export interface UnusableFile {
  /** `not_text`: the file is there, and is not UTF-8. */
  readonly reason: "missing" | "unreadable" | "not_text";
  /** Completes "the file …". */
  readonly problem: string;
  /** From 1; where the text ends being UTF-8, else the beginning. */
  readonly line: number;
  readonly column: number;
}

export interface TextFile {
  /** Every byte of the file, decoded: a byte order mark is kept, so that the digest of the text is the digest of the bytes. */
  readonly text: string;
}

/**
 * Reads a regular file of UTF-8 text. Never throws for what the file system says, and never waits for a pipe or a terminal. Blocks: files of a
 * configuration are many and small, and handing each to another thread four times costs more than all else that is done with it.
 */
export function readTextFile(file: string, bytesMax: number): TextFile | UnusableFile {
  let bytes: Buffer;
  try {
    // Opening a pipe would wait for its writer.
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) return unusable("unreadable", stats.isDirectory() ? "is a folder" : "is no regular file");
      if (stats.size > bytesMax) return unusable("unreadable", `has ${stats.size} bytes, more than the ${bytesMax} that are read`);
      bytes = readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return failureOf(error);
  }
  try {
    return { text: UTF_8.decode(bytes) };
  } catch {
    return { reason: "not_text", problem: "is not UTF-8 text from here on", ...placeOfBadByte(bytes) };
  }
}

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What the file system said, in words of ours: its own repeat the path. */
export function fileSystemProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "does not exist";
  if (code === "ENOTDIR") return "does not exist: a part of its path is no folder";
  if (code === "EACCES" || code === "EPERM") return "may not be read by this user";
  return `cannot be read (${code ?? "unknown failure"})`;
}

function failureOf(error: unknown): UnusableFile {
  const code = (error as NodeJS.ErrnoException).code;
  return unusable(code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable", fileSystemProblem(error));
}

function unusable(reason: UnusableFile["reason"], problem: string): UnusableFile {
  return { reason, problem, line: 1, column: 1 };
}

function placeOfBadByte(bytes: Buffer): { readonly line: number; readonly column: number } {
  const good = validPrefix(bytes);
  const lastLine = good.slice(good.lastIndexOf("\n") + 1);
  return { line: good.split("\n").length, column: lastLine.length + 1 };
}

/** The longest beginning that is UTF-8, by halving: every beginning of UTF-8 is UTF-8 but for the character that it cuts. */
function validPrefix(bytes: Buffer): string {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (decodeCut(bytes.subarray(0, middle)) !== undefined) low = middle;
    else high = middle - 1;
  }
  return decodeCut(bytes.subarray(0, low)) ?? "";
}

/** Streaming, so that a character that is cut at the end is no mistake. */
function decodeCut(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
