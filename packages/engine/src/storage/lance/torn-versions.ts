import { readdir, rename, stat } from "node:fs/promises";
import { LocalDatasetFiles } from "../local-dataset-files.js";
import { errnoOf, storageErrorOf } from "../local-errors.js";
import { MalformedRecordError } from "./protobuf.js";
import { decodeVersionFile, type OwnFile } from "./version-record.js";

/** Not the name of a version any more; what it said stays at hand. */
const ASIDE_SUFFIX = ".torn";

/**
 * After a loss of power the newest versions of a lineage may be there by name while their content, or that of files they read, is
 * missing or cut short. None of them was reported as done at level `power` (ST-21), but the native library fails on them. They are renamed,
 * newest first, until one is whole. For writers that met such a failure, never for read-only handles.
 *
 * @returns names of the files that were set aside
 */
export async function setTornVersionsAside(lineagePath: string): Promise<readonly string[]> {
  const directory = `${lineagePath}/_versions`;
  const aside: string[] = [];
  try {
    // Names count downwards: the newest version comes first.
    const names = (await readdir(directory)).filter((name) => /^\d{20}\.manifest$/.test(name)).sort();
    for (const name of names) {
      if (await isWhole(lineagePath, `${directory}/${name}`)) break;
      await rename(`${directory}/${name}`, `${directory}/${name}${ASIDE_SUFFIX}`);
      aside.push(name);
    }
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw storageErrorOf(error, "repair", directory);
  }
  return aside;
}

async function isWhole(lineagePath: string, versionFile: string): Promise<boolean> {
  const bytes = await new LocalDatasetFiles().read(versionFile);
  if (bytes === undefined) return false;
  try {
    const { ownFiles } = decodeVersionFile(bytes);
    const found = await Promise.all(ownFiles.map((file) => isThere(lineagePath, file)));
    return found.every((isFound) => isFound);
  } catch (error) {
    if (error instanceof MalformedRecordError) return false;
    throw error;
  }
}

async function isThere(lineagePath: string, { path, byteCount }: OwnFile): Promise<boolean> {
  try {
    const { size } = await stat(`${lineagePath}/${path}`);
    return path.endsWith("/") || (byteCount === undefined ? size > 0 : size === byteCount);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}
