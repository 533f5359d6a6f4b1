import { mkdtemp, realpath, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempDir extends AsyncDisposable {
  /** Absolute, symbolic links resolved. */
  readonly path: string;
}

/** Where Linux keeps files in memory. */
const MEMORY_DIRECTORY = "/dev/shm";
/** Containers often have only a few megabytes there. */
const MEMORY_BYTES_MIN = 1024 ** 3;

/** A fresh empty directory, removed with everything in it at the end of the scope: `await using dir = await makeTempDir()`. */
export function makeTempDir(prefix = "omnigraph-"): Promise<TempDir> {
  return makeDirIn(tmpdir(), prefix);
}

/**
 * The same for tests that copy and remove thousands of small files and do not care what holds them: in memory, where the
 * system has room for it there.
 */
export async function makeScratchDir(): Promise<TempDir> {
  return makeDirIn((await hasMemoryDirectory()) ? MEMORY_DIRECTORY : tmpdir(), "omnigraph-");
}

async function makeDirIn(parent: string, prefix: string): Promise<TempDir> {
  const path = await mkdtemp(join(await realpath(parent), prefix));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

async function hasMemoryDirectory(): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(MEMORY_DIRECTORY);
    return bavail * bsize >= MEMORY_BYTES_MIN;
  } catch {
    return false;
  }
}
