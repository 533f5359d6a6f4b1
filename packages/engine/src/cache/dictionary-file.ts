import type { EntityDictionary } from "../adjacency/entity-dictionary.js";
import type { SnapshotEntry } from "../manifest/snapshot.js";
import { datasetFolder, pruneFiles, versionStem } from "./cache-file-names.js";
import type { CacheFiles } from "./cache-files.js";
import { decodeDictionary, encodeDictionary } from "./topology-file.js";

const SUFFIX = ".ids";

/** The dictionary of a dataset version from its file; undefined when there is none that fits. */
export async function readDictionaryFile(files: CacheFiles, entry: SnapshotEntry): Promise<EntityDictionary | undefined> {
  if (entry.entityCount < files.rowCountMin) return undefined;
  const payload = await files.read(nameOf(entry));
  const dictionary = payload === undefined ? undefined : decodeDictionary(payload);
  return dictionary?.rowCount === entry.entityCount ? dictionary : undefined;
}

/** Writes the file if one is worth having, and deletes those of versions long past. */
export async function writeDictionaryFile(files: CacheFiles, entry: SnapshotEntry, dictionary: EntityDictionary): Promise<void> {
  if (!files.isWritable || entry.entityCount < files.rowCountMin) return;
  await files.write(nameOf(entry), encodeDictionary(dictionary));
  await pruneFiles(files, datasetFolder("topology", entry), SUFFIX);
}

function nameOf(entry: SnapshotEntry): string {
  return `${datasetFolder("topology", entry)}${versionStem(entry)}${SUFFIX}`;
}
