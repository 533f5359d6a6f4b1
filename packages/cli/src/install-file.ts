import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { InstallError } from "./errors.js";

const LOCK_RETRY_MS = 50;

/**
 * Puts a whole file in the place of `path`, or leaves what is there (CH-65): written beside it, flushed, renamed, and its folder
 * flushed. Only one process at a time installs at a path; others wait.
 *
 * @param write fills the new file; what it returns is returned once the file is in place for good
 * @throws InstallError
 */
export async function installFile<T>(path: string, signal: AbortSignal, write: (append: (bytes: Uint8Array) => Promise<void>) => Promise<T>): Promise<T> {
  await using folder = await openFolder(path);
  await using _lock = await lockPath(`${path}.lock`, signal);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, "wx");
    let result: T;
    let installed: { readonly dev: number; readonly ino: number };
    try {
      result = await write((bytes) => file.appendFile(bytes));
      await file.sync();
      installed = await file.stat();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await folder.handle.sync();
    const now = await stat(path);
    if (now.dev !== installed.dev || now.ino !== installed.ino) throw new InstallError(path, "something else was put in its place at once");
    return result;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Folder of the file. Refuses, before anything is read, where it cannot be flushed. */
async function openFolder(path: string): Promise<AsyncDisposable & { readonly handle: FileHandle }> {
  let handle: FileHandle;
  try {
    handle = await open(dirname(path), constants.O_RDONLY);
    await handle.sync();
  } catch (cause) {
    throw new InstallError(path, "its folder cannot be opened and flushed to disk", cause);
  }
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}

/** The lock says which process holds it, so that the lock of a killed one is recognised. */
async function lockPath(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
  const own = `${process.pid} ${randomUUID()}`;
  for (;;) {
    try {
      const file = await open(path, "wx");
      await file.writeFile(own);
      await file.close();
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw new InstallError(path, "its lock cannot be created", error);
    }
    if (await isAbandoned(path)) await rm(path, { force: true });
    else await pause(LOCK_RETRY_MS, undefined, { signal });
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const text = await readFile(path, "utf8").catch(() => "");
  const pid = /^(\d+) /.exec(text)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
