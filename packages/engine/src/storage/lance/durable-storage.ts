import { must } from "@omnigraphdb/common";
import type { TextAnalysis } from "@omnigraphdb/compiler";
import type {
  CompactionCounts,
  DatasetAdministration,
  DatasetEffect,
  DatasetGateway,
  DatasetLocation,
  DatasetState,
  EffectOptions,
  ForkState,
  GraphStorage,
  IndexState,
  ManifestRow,
  ManifestTable,
  MergeResult,
  PinnedDataset,
  PruneResult,
  VersionState,
} from "../dataset-gateway.js";
import type { DatasetSchema } from "../dataset-schema.js";
import { FileSync } from "../file-sync.js";
import type { LanceConnections } from "./lance-connection.js";
import { MANIFEST_ADDRESS } from "./lance-manifest-table.js";
import { VersionSync } from "./version-sync.js";

/** Ten years: no version is older. */
const KEEP_ALL_MS = 315_360_000_000;

/** `inner`, where everything that is reported as done is durable against loss of power (ST-21). Local roots only. */
export function durableStorage(inner: GraphStorage, connections: LanceConnections): GraphStorage {
  const sync = new VersionSync(new FileSync());
  const pathOf = (location: DatasetLocation): string => connections.lineagePath(location);
  return {
    datasets: new DurableDatasets(inner.datasets, sync, pathOf),
    administration: new DurableAdministration(inner.administration, sync, pathOf),
    manifest: new DurableManifest(inner.manifest, sync, connections.tablePath(MANIFEST_ADDRESS)),
    close: () => inner.close(),
  };
}

type PathOf = (location: DatasetLocation) => string;

class DurableDatasets implements DatasetGateway {
  readonly #inner: DatasetGateway;
  readonly #sync: VersionSync;
  readonly #pathOf: PathOf;

  constructor(inner: DatasetGateway, sync: VersionSync, pathOf: PathOf) {
    this.#inner = inner;
    this.#sync = sync;
    this.#pathOf = pathOf;
  }

  openPinned(location: DatasetLocation, version: number): Promise<PinnedDataset> {
    return this.#inner.openPinned(location, version);
  }

  headVersion(location: DatasetLocation): Promise<number> {
    return this.#inner.headVersion(location);
  }

  fingerprint(location: DatasetLocation, version: number): Promise<string | undefined> {
    return this.#inner.fingerprint(location, version);
  }

  inspect(location: DatasetLocation, version?: number): Promise<DatasetState> {
    return this.#inner.inspect(location, version);
  }

  tokenize(text: string, analysis: TextAnalysis): readonly string[] {
    return this.#inner.tokenize(text, analysis);
  }

  async applyEffect(location: DatasetLocation, effect: DatasetEffect, baseVersion: number, options?: EffectOptions): Promise<number> {
    // What stays must be durable before the call removes what came before it.
    if (effect.kind === "prune") await this.#sync.persistVersions(this.#pathOf(location), baseVersion - 1, baseVersion);
    const version = await this.#inner.applyEffect(location, effect, baseVersion);
    if (options?.isPersistedLater !== true) await this.persist(location, baseVersion, version);
    return version;
  }

  persist(location: DatasetLocation, baseVersion: number, headVersion: number): Promise<void> {
    return this.#sync.persistVersions(this.#pathOf(location), baseVersion, headVersion);
  }

  close(): void {
    this.#inner.close();
  }
}

class DurableAdministration implements DatasetAdministration {
  readonly #inner: DatasetAdministration;
  readonly #sync: VersionSync;
  readonly #pathOf: PathOf;

  constructor(inner: DatasetAdministration, sync: VersionSync, pathOf: PathOf) {
    this.#inner = inner;
    this.#sync = sync;
    this.#pathOf = pathOf;
  }

  async createEmpty(location: DatasetLocation, schema: DatasetSchema): Promise<number> {
    const version = await this.#inner.createEmpty(location, schema);
    await this.#sync.persistLineage(this.#pathOf(location));
    return version;
  }

  exists(location: DatasetLocation): Promise<boolean> {
    return this.#inner.exists(location);
  }

  async restore(location: DatasetLocation, version: number): Promise<number> {
    const head = await this.#inner.restore(location, version);
    await this.#sync.persistVersions(this.#pathOf(location), head - 1, head);
    return head;
  }

  async drop(location: DatasetLocation): Promise<void> {
    this.#sync.forget(this.#pathOf({ ...location, nativeBranch: null }));
    await this.#inner.drop(location);
  }

  async fork(from: DatasetLocation, version: number, to: DatasetLocation): Promise<number> {
    const head = await this.#inner.fork(from, version, to);
    await this.#sync.persistLineage(this.#pathOf(to));
    // Without its record the branch does not exist, so the record comes last.
    const name = must(to.nativeBranch, "a fork has a name");
    await this.#sync.persistFile(`${this.#pathOf({ ...to, nativeBranch: null })}/_refs/branches/${name}.json`);
    return head;
  }

  findHead(location: DatasetLocation): Promise<number | undefined> {
    return this.#inner.findHead(location);
  }

  listForks(directory: string): Promise<readonly ForkState[]> {
    return this.#inner.listForks(directory);
  }

  async deleteFork(location: DatasetLocation): Promise<void> {
    this.#sync.forget(this.#pathOf(location));
    await this.#inner.deleteFork(location);
  }

  listVersions(location: DatasetLocation): Promise<readonly VersionState[]> {
    return this.#inner.listVersions(location);
  }

  operationsAfter(location: DatasetLocation, version: number): Promise<readonly (string | undefined)[]> {
    return this.#inner.operationsAfter(location, version);
  }

  indexes(location: DatasetLocation, version?: number): Promise<readonly IndexState[]> {
    return this.#inner.indexes(location, version);
  }

  async prune(location: DatasetLocation, beforeMs: number): Promise<PruneResult> {
    const path = this.#pathOf(location);
    const before = await this.#inner.findHead(location);
    // What stays must be durable before the call removes what came before it.
    if (before !== undefined) await this.#sync.persistVersions(path, before - 1, before);
    const result = await this.#inner.prune(location, beforeMs);
    await this.#sync.persistVersions(path, before ?? 0, result.headVersion);
    return result;
  }

  removeResidue(directory: string, beforeMs: number): Promise<number> {
    return this.#inner.removeResidue(directory, beforeMs);
  }
}

class DurableManifest implements ManifestTable {
  readonly #inner: ManifestTable;
  readonly #sync: VersionSync;
  readonly #path: string;
  /** A merge whose outcome is not known, or that met another one: what is read next may not be durable. */
  #isUnsettled = false;

  constructor(inner: ManifestTable, sync: VersionSync, path: string) {
    this.#inner = inner;
    this.#sync = sync;
    this.#path = path;
  }

  exists(): Promise<boolean> {
    return this.#inner.exists();
  }

  async create(rows: readonly ManifestRow[]): Promise<void> {
    await this.#inner.create(rows);
    await this.#sync.persistLineage(this.#path);
  }

  probe(): Promise<number> {
    return this.#inner.probe();
  }

  probeNow(): number | undefined {
    return this.#inner.probeNow();
  }

  async readRows(keys: readonly string[]): Promise<ReadonlyMap<string, ManifestRow>> {
    if (this.#isUnsettled) await this.#settle();
    return this.#inner.readRows(keys);
  }

  readRowsByPrefix(prefix: string): Promise<readonly ManifestRow[]> {
    return this.#inner.readRowsByPrefix(prefix);
  }

  async conditionalMerge(rows: readonly ManifestRow[]): Promise<MergeResult> {
    this.#isUnsettled = true;
    const result = await this.#inner.conditionalMerge(rows);
    if (result.updatedCount === 0 && result.insertedCount === 0) return result;
    await this.#sync.persistVersions(this.#path, result.version - 1, result.version);
    this.#isUnsettled = false;
    return result;
  }

  async compact(keepMs?: number): Promise<CompactionCounts> {
    // One call would remove the versions before the compacted one while that one is not durable yet.
    const counts = await this.#inner.compact(KEEP_ALL_MS);
    const version = await this.#inner.probe();
    await this.#sync.persistVersions(this.#path, version - 1, version);
    await this.#inner.compact(keepMs);
    return counts;
  }

  setTornVersionsAside(): Promise<readonly string[]> {
    return this.#inner.setTornVersionsAside();
  }

  /** The publisher acknowledges a commit that it finds after an unclear reply; then that must be durable, too. */
  async #settle(): Promise<void> {
    const version = await this.#inner.probe();
    await this.#sync.persistVersions(this.#path, version - 1, version);
    this.#isUnsettled = false;
  }
}
