import { diagnostic, type Diagnostics } from "../../diagnostics/cluster-diagnostic.js";
import { storageRootOf } from "../../storage/storage-root.js";
import type { DeclaredHeader } from "../cluster-file.js";
import { shown } from "../config-document.js";
import type { ClusterHeader } from "../desired-state.js";

export const CLUSTER_FILE_VERSION = 1;

/**
 * Step 7 of the checks (cluster.md §2.3).
 *
 * @param where absolute paths
 * @returns undefined iff an error was added
 */
export function checkHeader({ version, name, storage, backend, isLockEnabled }: DeclaredHeader, where: Pick<ClusterHeader, "configDirectory" | "configFile">, diagnostics: Diagnostics): ClusterHeader | undefined {
  const before = diagnostics.list().length;
  if (version !== undefined && version.value !== CLUSTER_FILE_VERSION) {
    diagnostics.add(diagnostic("unsupported_cluster_config_version", version.path, `the file has version ${version.value}, this program reads ${CLUSTER_FILE_VERSION}; write 'version: ${CLUSTER_FILE_VERSION}', or use a newer OmniGraph`, { place: version.place }));
  }
  if (name !== undefined && name.value.trim() === "") {
    diagnostics.add(diagnostic("empty_metadata_name", name.path, "the name is blank; give one or remove the key", { place: name.place }));
  }
  if (backend !== undefined && backend.value !== "cluster") {
    diagnostics.add(diagnostic("unsupported_state_backend", backend.path, `state is not kept in '${shown(backend.value)}'; write 'backend: cluster' or remove the key`, { place: backend.place }));
  }
  const root = storageRootOf(storage?.value, where.configDirectory);
  if (!("root" in root) && storage !== undefined) {
    diagnostics.add(diagnostic(root.code, storage.path, `'storage' is no storage root: ${root.problem}`, { place: storage.place }));
  }
  if (diagnostics.list().length > before || !("root" in root)) return undefined;
  return { ...where, name: name?.value.trim(), storageRoot: root.root, isLockEnabled };
}
