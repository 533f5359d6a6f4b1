import type { Json } from "@omnigraphdb/common";
import type { CleanupReport, EnsureIndicesReport, OptimizedDataset, OptimizeReport, PendingIndex, RepairReport } from "@omnigraphdb/engine";

export function optimizeJson(uri: string, { datasets }: OptimizeReport): Json {
  return {
    uri,
    datasets: datasets.map((dataset) => ({
      type_key: dataset.typeKey,
      fragments_removed: dataset.fragmentsRemoved,
      fragments_added: dataset.fragmentsAdded,
      committed: dataset.committed,
      skipped: dataset.skipped,
      published_dataset_version: dataset.publishedDatasetVersion,
      lance_head_version: dataset.headVersion,
      pending_indexes: dataset.pendingIndexes.map(({ property, reason }) => ({ property, reason })),
    })),
  };
}

export function optimizeText(uri: string, { datasets }: OptimizeReport): string {
  const lines = datasets.flatMap((dataset) => [`${dataset.typeKey}: ${outcome(dataset)}`, ...dataset.pendingIndexes.map(pendingLine)]);
  return `${[`optimize ${uri} — ${datasets.length} datasets`, ...lines].join("\n")}\n`;
}

function outcome({ skipped, publishedDatasetVersion, headVersion, committed, fragmentsRemoved, fragmentsAdded }: OptimizedDataset): string {
  if (skipped === "drift_needs_repair") return `skipped (${skipped}: published version ${publishedDatasetVersion}, newest ${headVersion})`;
  if (skipped !== null) return `skipped (${skipped})`;
  if (fragmentsRemoved > 0) return `${fragmentsRemoved} fragments became ${fragmentsAdded}`;
  return committed ? "indexes updated" : "no-op";
}

function pendingLine({ property, reason }: PendingIndex): string {
  return `  index on ${property} pending: ${reason}`;
}

/** Datasets with blobs that a compaction would harm are never passed over in silence (MT-7). */
export function skippedBlobWarnings({ datasets }: OptimizeReport): readonly string[] {
  return datasets
    .filter(({ skipped }) => skipped === "blob_columns_unsupported_by_lance")
    .map(({ typeKey }) => `${typeKey} was not optimized: this version of the storage library cannot compact blobs safely`);
}

export function ensureIndicesJson(uri: string, { built, pending, skipped }: EnsureIndicesReport): Json {
  return {
    uri,
    built: built.map(({ typeKey, property }) => ({ type_key: typeKey, property })),
    pending: pending.map(({ typeKey, property, reason }) => ({ type_key: typeKey, property, reason })),
    skipped: skipped.map(({ typeKey, reason }) => ({ type_key: typeKey, reason })),
  };
}

export function ensureIndicesText(uri: string, { built, pending, skipped }: EnsureIndicesReport): string {
  const lines = [
    `ensure-indices ${uri} — ${built.length} built`,
    ...built.map(({ typeKey, property }) => `${typeKey}.${property}: built`),
    ...pending.map(({ typeKey, property, reason }) => `${typeKey}.${property}: pending (${reason})`),
    ...skipped.map(({ typeKey, reason }) => `${typeKey}: skipped (${reason})`),
  ];
  return `${lines.join("\n")}\n`;
}

export function repairJson(uri: string, { confirm, force }: { readonly confirm: boolean; readonly force: boolean }, report: RepairReport): Json {
  return {
    uri,
    confirm,
    force,
    graph_manifest_version: report.graphManifestVersion,
    datasets: report.datasets.map((dataset) => ({
      type_key: dataset.typeKey,
      published_dataset_version: dataset.publishedDatasetVersion,
      lance_head_version: dataset.headVersion,
      classification: dataset.classification,
      action: dataset.action,
      operations: [...dataset.operations],
      error: dataset.error,
    })),
  };
}

export function repairText(uri: string, { graphManifestVersion, datasets }: RepairReport): string {
  const lines = datasets.map(({ typeKey, publishedDatasetVersion, headVersion, classification, action, operations, error }) => {
    if (classification === "no_drift") return `${typeKey}: no drift`;
    const found = operations.length === 0 ? "" : `: ${operations.join(", ")}`;
    const problem = error === null ? "" : ` — ${error}`;
    return `${typeKey}: ${action}, ${classification} (published version ${publishedDatasetVersion}, newest ${headVersion}${found})${problem}`;
  });
  const published = graphManifestVersion === null ? [] : [`published as graph version ${graphManifestVersion}`];
  return `${[`repair ${uri} — ${datasets.length} datasets`, ...lines, ...published].join("\n")}\n`;
}

export function cleanupJson(uri: string, policy: { readonly [key: string]: Json }, { datasets }: CleanupReport): Json {
  return {
    uri,
    ...policy,
    datasets: datasets.map(({ typeKey, bytesRemoved, oldVersionsRemoved, error }) => ({
      type_key: typeKey,
      bytes_removed: bytesRemoved,
      old_versions_removed: oldVersionsRemoved,
      error,
    })),
  };
}

export function cleanupText(uri: string, { datasets }: CleanupReport): string {
  const versions = datasets.reduce((sum, { oldVersionsRemoved }) => sum + oldVersionsRemoved, 0);
  const bytes = datasets.reduce((sum, { bytesRemoved }) => sum + bytesRemoved, 0);
  const failed = datasets.flatMap(({ typeKey, error }) => (error === null ? [] : [`${typeKey} (${error})`]));
  const failures = failed.length === 0 ? "" : `failed, run again: ${failed.join(", ")}\n`;
  return `cleanup ${uri} — ${datasets.length} datasets, ${versions} versions and ${bytes} bytes removed\n${failures}`;
}
