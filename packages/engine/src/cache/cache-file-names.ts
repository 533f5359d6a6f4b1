import type { SnapshotEntry } from "../manifest/snapshot.js";
import type { CacheFiles } from "./cache-files.js";

/** Files of one dataset, kind and form that stay: the newest, and one before it for readers that have not moved on. */
const FILES_KEPT = 2;

/** Folder of the files of one lineage of a dataset, with its slash. */
export function datasetFolder(kind: string, { location }: SnapshotEntry): string {
  return `${kind}/${location.directory.replace("/", "-")}-${location.nativeBranch ?? "main"}/`;
}

/** Names that begin with it are in order of version. */
export function versionStem({ publishedVersion }: SnapshotEntry): string {
  return String(publishedVersion).padStart(10, "0");
}

/** Deletes all but the newest files of a folder that end in `suffix`. */
export async function pruneFiles(files: CacheFiles, folder: string, suffix: string): Promise<void> {
  const names = (await files.list(folder)).filter((name) => name.endsWith(suffix));
  for (const name of names.slice(0, -FILES_KEPT)) await files.delete(name);
}
