import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempDir extends AsyncDisposable {
  /** Absolute, symbolic links resolved. */
  readonly path: string;
}

/** A fresh empty directory, removed with everything in it at the end of the scope: `await using dir = await makeTempDir()`. */
export async function makeTempDir(prefix = "omnigraph-"): Promise<TempDir> {
  const path = await mkdtemp(join(await realpath(tmpdir()), prefix));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
