import type { ManifestRow, ManifestTable } from "../storage/dataset-gateway.js";
import { COMMIT_CACHE_ENTRIES_MAX } from "../limits.js";
import { BranchNotFoundError, ManifestCorruptError } from "./errors.js";
import type { GraphCommit } from "./graph-commit.js";
import {
  decodeCommitOf,
  decodeCommitRow,
  decodeGraphRow,
  decodeHeadRow,
  decodeRegistryRow,
  implicitRegistry,
  pinBaseKeyOf,
} from "./manifest-codec.js";
import { BRANCHES_KEY, commitKey, commitKeyPrefix, GRAPH_KEY, headKey } from "./manifest-keys.js";
import { operationOfTx } from "./transaction-id.js";
import {
  type BranchRegistry,
  type BranchState,
  type CommitRecord,
  type GraphRecord,
  MAIN_BRANCH,
  MAIN_INCARNATION,
} from "./manifest.js";

/** Commit rows read at a time when recovery looks for an operation; it nearly always is the newest one. */
const TX_SEARCH_ROWS = 256;

interface RegistryState {
  readonly graph: GraphRecord;
  readonly registry: BranchRegistry;
}

/**
 * Reads of the manifest. The newest state of a branch costs one probe while nothing changed, and otherwise one read of
 * three rows and, when the head moved, one or two immutable commit rows: never a scan of history (MAN-24).
 *
 * A cached state is kept with the native version seen *before* it was read, so it can only be newer than that version.
 */
export class ManifestStore {
  readonly #table: ManifestTable;
  readonly #states = new Map<string, { readonly version: number; readonly state: BranchState }>();
  /** Commit rows are immutable: by key, least recently used first. */
  readonly #commits = new Map<string, CommitRecord>();

  constructor(table: ManifestTable) {
    this.#table = table;
  }

  /**
   * The newest state of `branch` (null = main).
   *
   * @throws BranchNotFoundError when the registry does not list the branch
   */
  async readState(branch: string | null): Promise<BranchState> {
    const name = branch ?? MAIN_BRANCH;
    const version = await this.#table.probe();
    const cached = this.#states.get(name);
    if (cached?.version === version) return cached.state;
    const state = await this.#loadState(branch);
    this.#states.set(name, { version, state });
    return state;
  }

  /** The `graph` and `branches` rows, fresh from storage. */
  async readRegistry(): Promise<RegistryState> {
    const rows = await this.#table.readRows([GRAPH_KEY, BRANCHES_KEY]);
    return decodeRegistryState(rows);
  }

  /** A commit that is on the branch's own line, or undefined. */
  async findCommit(incarnation: string, version: number): Promise<CommitRecord | undefined> {
    return this.#loadCommit(commitKey(incarnation, version), incarnation);
  }

  /** Commits of one incarnation up to `headVersion`, ascending. Reads the whole line. */
  async listCommits(incarnation: string, headVersion: number): Promise<readonly GraphCommit[]> {
    const rows = await this.#table.readRowsByPrefix(commitKeyPrefix(incarnation));
    return rows.filter((row) => row.seq <= headVersion).map(decodeCommitOf);
  }

  /** The newest commit on the branch's line, from `fromVersion` on, that `operationId` or its undoing published. */
  async findCommitOfOperation(state: BranchState, operationId: string, fromVersion: number): Promise<CommitRecord | undefined> {
    const { incarnation, version: headVersion } = state.head;
    for (let last = headVersion; last >= fromVersion; last -= TX_SEARCH_ROWS) {
      const first = Math.max(fromVersion, last - TX_SEARCH_ROWS + 1);
      const keys = Array.from({ length: last - first + 1 }, (_, index) => commitKey(incarnation, last - index));
      const rows = await this.#table.readRows(keys);
      for (const key of keys) {
        const row = rows.get(key);
        if (row !== undefined && operationOfTx(row.txId) === operationId) return this.#decodeCommit(row, incarnation);
      }
    }
    return undefined;
  }

  /**
   * Takes over what this process just published on `previous`, in native version `version`. When nothing else changed the
   * manifest since `previous` was read, the new state is known without reading it.
   */
  adopt(previous: BranchState, record: CommitRecord, version: number): void {
    const key = commitKey(record.incarnation, record.commit.graphManifestVersion);
    this.#remember(key, record);
    const name = previous.branch ?? MAIN_BRANCH;
    const cached = this.#states.get(name);
    if (cached === undefined || cached.state !== previous || cached.version !== version - 1) return;
    const head = {
      incarnation: record.incarnation,
      version: record.commit.graphManifestVersion,
      commitId: record.commit.graphCommitId,
      commitKey: key,
    };
    this.#states.set(name, { version, state: { ...previous, head, commit: record } });
  }

  /** Forgets cached states, after something changed that the probe might not tell (CA-3). */
  forget(): void {
    this.#states.clear();
  }

  async #loadState(branch: string | null): Promise<BranchState> {
    const isMain = branch === null;
    const keys = isMain ? [GRAPH_KEY, BRANCHES_KEY, headKey(MAIN_INCARNATION)] : [GRAPH_KEY, BRANCHES_KEY];
    const rows = await this.#table.readRows(keys);
    const { graph, registry } = decodeRegistryState(rows);
    const registered = registry.branches.get(branch ?? MAIN_BRANCH);
    if (registered === undefined) throw new BranchNotFoundError(branch);
    const { incarnation } = registered;
    const key = headKey(incarnation);
    const headRow = rows.get(key) ?? (await this.#table.readRows([key])).get(key);
    if (headRow === undefined) throw new ManifestCorruptError(`row '${key}' is missing`);
    const head = decodeHeadRow(headRow, incarnation);
    const commit = await this.#loadCommit(head.commitKey, incarnation);
    if (commit?.commit.graphCommitId !== head.commitId) throw new ManifestCorruptError(`row '${head.commitKey}' is missing`);
    return { branch, graph, registry, head, commit };
  }

  async #loadCommit(key: string, incarnation: string): Promise<CommitRecord | undefined> {
    const cached = this.#commits.get(key);
    if (cached !== undefined) {
      this.#commits.delete(key);
      this.#commits.set(key, cached);
      return cached;
    }
    const row = (await this.#table.readRows([key])).get(key);
    if (row === undefined) return undefined;
    const record = await this.#decodeCommit(row, incarnation);
    this.#remember(key, record);
    return record;
  }

  async #decodeCommit(row: ManifestRow, incarnation: string): Promise<CommitRecord> {
    const baseKey = pinBaseKeyOf(row);
    if (baseKey === null) return decodeCommitRow(row, incarnation, undefined);
    const base = await this.#loadCommit(baseKey, incarnation);
    if (base === undefined || base.pinBaseKey !== null) throw new ManifestCorruptError(`row '${row.key}' needs the complete row '${baseKey}'`);
    return decodeCommitRow(row, incarnation, base);
  }

  #remember(key: string, record: CommitRecord): void {
    this.#commits.set(key, record);
    if (this.#commits.size <= COMMIT_CACHE_ENTRIES_MAX) return;
    const oldest = this.#commits.keys().next();
    if (!oldest.done) this.#commits.delete(oldest.value);
  }
}

function decodeRegistryState(rows: ReadonlyMap<string, ManifestRow>): RegistryState {
  const graphRow = rows.get(GRAPH_KEY);
  if (graphRow === undefined) throw new ManifestCorruptError("row 'graph' is missing");
  const graph = decodeGraphRow(graphRow);
  const registryRow = rows.get(BRANCHES_KEY);
  if (registryRow !== undefined) return { graph, registry: decodeRegistryRow(registryRow) };
  if (graph.formatVersion > 1) throw new ManifestCorruptError("row 'branches' is missing");
  return { graph, registry: implicitRegistry() };
}
