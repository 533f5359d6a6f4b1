import { join, resolve } from "node:path";
import { type ClusterDiagnostic, diagnostic, Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { CLUSTER_FILE } from "../storage/storage-root.js";
import type { Dependency, DesiredResource, DesiredState } from "./desired-state.js";
import { loadDesiredState } from "./load-desired-state.js";

export interface ValidateOptions {
  readonly configDirectory: string;
}

/** What `cluster validate` says (cluster.md §13.2). With an error, nothing is listed but the diagnostics. */
export interface ValidateOutcome {
  readonly isOk: boolean;
  /** Absolute. */
  readonly configDirectory: string;
  /** Absolute. */
  readonly configFile: string;
  /** Ascending by address. */
  readonly resources: readonly DesiredResource[];
  /** Ascending by (`from`, `to`). */
  readonly dependencies: readonly Dependency[];
  readonly diagnostics: readonly ClusterDiagnostic[];
}

/** Checks a configuration directory, and nothing else: no storage, no lock, no environment (cluster.md §12.1). */
export async function validateCluster({ configDirectory }: ValidateOptions): Promise<ValidateOutcome> {
  const diagnostics = new Diagnostics();
  const desired = await loadDesiredState(configDirectory, diagnostics);
  if (desired !== undefined) diagnostics.addAll(blobNotes(desired));
  const directory = resolve(configDirectory);
  return {
    isOk: !diagnostics.hasErrors,
    configDirectory: directory,
    configFile: join(directory, CLUSTER_FILE),
    resources: [...(desired?.resources.values() ?? [])],
    dependencies: desired?.dependencies ?? [],
    diagnostics: diagnostics.list(),
  };
}

/** What becomes of new external blobs of each graph: a list of bases that has no effect must not be silent. */
function blobNotes({ resources }: DesiredState): readonly ClusterDiagnostic[] {
  return [...resources.values()].flatMap(({ kind, address, externalBlobPolicy, declaredAt }) => {
    if (kind !== "graph") return [];
    const path = `graphs.${address.slice("graph.".length)}`;
    const at = declaredAt === undefined ? {} : { place: declaredAt };
    if (externalBlobPolicy === undefined) return [diagnostic("external_blob_ingress_default_deny", path, "no base for external blobs is listed, so that no new external reference is admitted", at)];
    return [diagnostic("external_blob_ingress_unsupported", `${path}.external_blobs`, "the bases are recorded, but this version admits no external reference yet", at)];
  });
}
