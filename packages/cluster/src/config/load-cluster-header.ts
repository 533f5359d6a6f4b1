import type { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { checkHeader } from "./checks/check-header.js";
import type { ClusterHeader } from "./desired-state.js";
import { openClusterFile, readDeclarations } from "./open-cluster-file.js";
import { readDeclaredHeader } from "./read-cluster-file.js";

/**
 * Reads the header of `cluster.yaml` and nothing behind it: neither its graphs nor the files it names need to be right, so that commands
 * that look at the state work when the configuration does not (cluster.md §12.2). Repeated keys, and keys at the top that are reserved or
 * unknown, are refused all the same: they may be a header that was meant.
 *
 * @returns undefined iff an error was added
 */
export async function loadClusterHeader(configDirectory: string, diagnostics: Diagnostics): Promise<ClusterHeader | undefined> {
  const opened = await openClusterFile(configDirectory, diagnostics);
  if (opened === undefined) return undefined;
  const before = diagnostics.list().length;
  const declared = readDeclarations(opened.document, diagnostics, readDeclaredHeader, (path) => !/^(graphs|policies|providers)\b/.test(path));
  const isReadable = diagnostics.list().length === before;
  const header = checkHeader(declared, { configDirectory: opened.configDirectory, configFile: opened.configFile }, diagnostics);
  return isReadable ? header : undefined;
}
