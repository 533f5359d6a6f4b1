import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Puts a small text in the place of `path`, or leaves what is there: written beside it, flushed, renamed. Folders that are missing are
 * created for nobody but their owner (O7).
 *
 * @param mode permissions of the new file
 */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.tmp.${process.pid}`;
  // Only a process that was killed can have left one under this id.
  await rm(temporary, { force: true });
  const file = await open(temporary, "wx", mode);
  try {
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
