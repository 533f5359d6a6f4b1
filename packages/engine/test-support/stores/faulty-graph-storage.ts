import type { DatasetEffect, DatasetGateway, DatasetLocation, GraphStorage, ManifestTable } from "../../src/storage/dataset-gateway.js";

/** Moments at which a test may act; an error thrown there stands for a failure or a lost reply. */
export interface GraphStorageHooks {
  beforeEffect?(effect: DatasetEffect, location: DatasetLocation): void | Promise<void>;
  /** Throwing here = the effect landed, its reply was lost. */
  afterEffect?(effect: DatasetEffect): void | Promise<void>;
  beforeMerge?(): void | Promise<void>;
  /** Throwing here = the publish landed, its reply was lost. */
  afterMerge?(): void | Promise<void>;
}

/** `inner` with hooks around everything that changes it. */
export function hookGraphStorage(inner: GraphStorage, hooks: GraphStorageHooks): GraphStorage {
  const datasets: DatasetGateway = {
    openPinned: (location, version) => inner.datasets.openPinned(location, version),
    headVersion: (location) => inner.datasets.headVersion(location),
    fingerprint: (location, version) => inner.datasets.fingerprint(location, version),
    inspect: (location, version) => inner.datasets.inspect(location, version),
    async applyEffect(location, effect, baseVersion, options) {
      await hooks.beforeEffect?.(effect, location);
      const version = await inner.datasets.applyEffect(location, effect, baseVersion, options);
      await hooks.afterEffect?.(effect);
      return version;
    },
    persist: (location, baseVersion, headVersion) => inner.datasets.persist(location, baseVersion, headVersion),
    tokenize: (text, analysis) => inner.datasets.tokenize(text, analysis),
    close: () => inner.datasets.close(),
  };
  const manifest: ManifestTable = {
    exists: () => inner.manifest.exists(),
    create: (rows) => inner.manifest.create(rows),
    probe: () => inner.manifest.probe(),
    probeNow: () => inner.manifest.probeNow(),
    readRows: (keys) => inner.manifest.readRows(keys),
    readRowsByPrefix: (prefix) => inner.manifest.readRowsByPrefix(prefix),
    async conditionalMerge(rows) {
      await hooks.beforeMerge?.();
      const counts = await inner.manifest.conditionalMerge(rows);
      await hooks.afterMerge?.();
      return counts;
    },
    compact: (keepMs) => inner.manifest.compact(keepMs),
    setTornVersionsAside: () => inner.manifest.setTornVersionsAside(),
  };
  return { datasets, manifest, administration: inner.administration, close: () => inner.close() };
}
