import type { EntityDictionary } from "../adjacency/entity-dictionary.js";
import type { SnapshotEntry } from "../manifest/snapshot.js";
import { datasetFolder, pruneFiles, versionStem } from "./cache-file-names.js";
import type { CacheFiles } from "./cache-files.js";
import { decodeDictionary, encodeDictionary } from "./topology-file.js";

const SUFFIX = ".ids";

/** The dictionary of a dataset version from its file; undefined when there is none that fits. */
export async function readDictionaryFile(files: CacheFiles, entry: SnapshotEntry): Promise<EntityDictionary | undefined> {
  if (entry.entityCount < files.rowCountMin) return undefined;
  const dictionary = await readDictionaryAt(files, entry, entry.publishedVersion);
  return dictionary?.rowCount === entry.entityCount ? dictionary : undefined;
}

/** The dictionary of any version of the lineage that has a file. */
export async function readDictionaryAt(files: CacheFiles, entry: SnapshotEntry, version: number): Promise<EntityDictionary | undefined> {
  const payload = await files.read(nameOf({ ...entry, publishedVersion: version }));
  return payload === undefined ? undefined : decodeDictionary(payload);
}

/** Writes the file unless it is there, and deletes those of versions long past. */
export async function writeDictionaryFile(files: CacheFiles, entry: SnapshotEntry, dictionary: EntityDictionary): Promise<void> {
  const name = nameOf(entry);
  if ((await files.list(name)).includes(name)) return;
  await files.write(name, encodeDictionary(dictionary), [entry]);
  await pruneFiles(files, datasetFolder("topology", entry), SUFFIX);
}

function nameOf(entry: SnapshotEntry): string {
  return `${datasetFolder("topology", entry)}${versionStem(entry)}${SUFFIX}`;
}
