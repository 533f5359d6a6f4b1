import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Where Linux keeps files in memory. */
const MEMORY_DIRECTORY = "/dev/shm";
const MEMORY_BYTES_MIN = 4 * 1024 ** 3;
const PREFIX = "omnigraph-tests-";

/**
 * Temporary files of a run, and of the processes it starts, go to one folder that is removed at the end: native code leaves folders
 * behind when its process is killed. It is in memory where there is room: a third of the processor time of tests that write graphs was
 * the file system's. Somebody's own TMPDIR counts more.
 */
export function setup(): (() => void) | undefined {
  if (process.env["TMPDIR"] !== undefined) return undefined;
  const parent = hasRoomInMemory() ? MEMORY_DIRECTORY : tmpdir();
  removeLeftovers(parent);
  const folder = path.join(parent, `${PREFIX}${process.pid}`);
  mkdirSync(folder, { recursive: true });
  process.env["TMPDIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function hasRoomInMemory(): boolean {
  if (!existsSync(MEMORY_DIRECTORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY_DIRECTORY);
  return bavail * bsize >= MEMORY_BYTES_MIN;
}

/** Of runs that were killed. */
function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (name.startsWith(PREFIX) && !isRunning(Number(name.slice(PREFIX.length)))) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
