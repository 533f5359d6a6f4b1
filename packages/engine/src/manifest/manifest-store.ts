import { must } from "@omnigraphdb/common";
import type { ManifestRow, ManifestTable } from "../storage/dataset-gateway.js";
import { COMMIT_CACHE_ENTRIES_MAX } from "../limits.js";
import { sortBranchNames } from "./branch-names.js";
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
import { BRANCHES_KEY, commitKey, commitKeyPrefix, GRAPH_KEY, HEAD_PREFIX, headKey, incarnationOfCommitKey, incarnationOfHeadKey } from "./manifest-keys.js";
import { operationOfTx } from "./transaction-id.js";
import {
  type BranchRegistry,
  type BranchState,
  type CommitRecord,
  type GraphRecord,
  type HeadRecord,
  MAIN_BRANCH,
  MAIN_INCARNATION,
} from "./manifest.js";

/** Commit rows read at a time when recovery looks for an operation; it nearly always is the newest one. */
const TX_SEARCH_ROWS = 256;

/** Up to this many rows of a line are asked for by key; more are cheaper to read as one range. */
const LINE_KEYS_MAX = 256;

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
    this.#states.delete(name);
    const state = await this.#loadState(branch, branch === null ? MAIN_INCARNATION : cached?.state.head.incarnation);
    this.#states.set(name, { version, state });
    return state;
  }

  /**
   * Heads of all registered branches, from one look at the registry: internal ones included, `main` first. Three reads, however many
   * branches there are.
   */
  async readStates(): Promise<readonly BranchState[]> {
    const { graph, registry } = await this.readRegistry();
    const names = sortBranchNames(registry.branches.keys(), { includeInternal: true });
    const incarnations = names.map((name) => must(registry.branches.get(name), "a listed branch is registered").incarnation);
    const rows = await this.#table.readRows(incarnations.map(headKey));
    const heads = incarnations.map((incarnation) => requireHead(rows, incarnation));
    const commits = await this.#findCommits(heads.map(({ commitKey: key }) => key));
    return heads.map((head, index) => {
      const name = must(names[index], "as many names as heads");
      return { branch: name === MAIN_BRANCH ? null : name, graph, registry, head, commit: requireCommit(commits.get(head.commitKey), head) };
    });
  }

  /** The `graph` and `branches` rows, fresh from storage. */
  async readRegistry(): Promise<RegistryState> {
    const rows = await this.#table.readRows([GRAPH_KEY, BRANCHES_KEY]);
    return decodeRegistryState(rows);
  }

  /** A commit that is on the incarnation's own line, or undefined. */
  async findCommit(incarnation: string, version: number): Promise<CommitRecord | undefined> {
    return this.findCommitByKey(commitKey(incarnation, version));
  }

  /** The commit in the row that a head or another commit names, or undefined. */
  async findCommitByKey(key: string): Promise<CommitRecord | undefined> {
    const cached = this.#commits.get(key);
    if (cached !== undefined) {
      this.#commits.delete(key);
      this.#commits.set(key, cached);
      return cached;
    }
    const row = (await this.#table.readRows([key])).get(key);
    if (row === undefined) return undefined;
    const record = await this.#decodeCommit(row);
    this.#remember(key, record);
    return record;
  }

  /**
   * Commits of one incarnation's own line above `afterVersion`, ascending, up to its head at `headVersion`. A commit row that
   * its head does not reach is no commit (MAN-20).
   */
  async listCommits(incarnation: string, headVersion: number, afterVersion = 0): Promise<readonly GraphCommit[]> {
    const missingCount = headVersion - afterVersion;
    if (missingCount <= 0) return [];
    if (missingCount > LINE_KEYS_MAX) {
      const rows = await this.#table.readRowsByPrefix(commitKeyPrefix(incarnation));
      return rows.filter((row) => row.seq > afterVersion && row.seq <= headVersion).map(decodeCommitOf);
    }
    const keys = Array.from({ length: missingCount }, (_, index) => commitKey(incarnation, afterVersion + 1 + index));
    const rows = await this.#table.readRows(keys);
    return keys.flatMap((key) => rows.get(key) ?? []).map(decodeCommitOf);
  }

  /** All records of one incarnation's own line, ascending: with their pins, so for rare questions only. */
  async readLine(incarnation: string, headVersion: number): Promise<readonly CommitRecord[]> {
    const rows = await this.#table.readRowsByPrefix(commitKeyPrefix(incarnation));
    const records: CommitRecord[] = [];
    for (const row of rows) if (row.seq <= headVersion) records.push(await this.#decodeCommit(row));
    return records;
  }

  /** Head of an incarnation, deleted ones included; undefined when there never was one. */
  async findHead(incarnation: string): Promise<HeadRecord | undefined> {
    const key = headKey(incarnation);
    const row = (await this.#table.readRows([key])).get(key);
    return row === undefined ? undefined : decodeHeadRow(row, incarnation);
  }

  /** Incarnations there ever were, deleted and never registered ones included, newest first. */
  async listIncarnations(): Promise<readonly string[]> {
    const rows = await this.#table.readRowsByPrefix(HEAD_PREFIX);
    return rows.map((row) => incarnationOfHeadKey(row.key)).sort().reverse();
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
        if (row !== undefined && operationOfTx(row.txId) === operationId) return this.#decodeCommit(row);
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

  /** @param guess incarnation the branch very likely has: then its head comes with the registry, in one read */
  async #loadState(branch: string | null, guess: string | undefined): Promise<BranchState> {
    const rows = await this.#table.readRows([GRAPH_KEY, BRANCHES_KEY, ...(guess === undefined ? [] : [headKey(guess)])]);
    const { graph, registry } = decodeRegistryState(rows);
    const registered = registry.branches.get(branch ?? MAIN_BRANCH);
    if (registered === undefined) throw new BranchNotFoundError(branch, publicNames(registry));
    const { incarnation } = registered;
    const key = headKey(incarnation);
    const head = requireHead(rows.has(key) ? rows : await this.#table.readRows([key]), incarnation);
    const commit = requireCommit(await this.findCommitByKey(head.commitKey), head);
    return { branch, graph, registry, head, commit };
  }

  /** What is not known yet comes in one read. */
  async #findCommits(keys: readonly string[]): Promise<ReadonlyMap<string, CommitRecord>> {
    const found = new Map<string, CommitRecord>();
    const missing: string[] = [];
    for (const key of new Set(keys)) {
      const known = this.#commits.get(key);
      if (known === undefined) missing.push(key);
      else found.set(key, known);
    }
    for (const [key, row] of await this.#table.readRows(missing)) {
      const record = await this.#decodeCommit(row);
      this.#remember(key, record);
      found.set(key, record);
    }
    return found;
  }

  async #decodeCommit(row: ManifestRow): Promise<CommitRecord> {
    const incarnation = incarnationOfCommitKey(row.key);
    const baseKey = pinBaseKeyOf(row);
    if (baseKey === null) return decodeCommitRow(row, incarnation, undefined);
    const base = await this.findCommitByKey(baseKey);
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

function requireHead(rows: ReadonlyMap<string, ManifestRow>, incarnation: string): HeadRecord {
  const key = headKey(incarnation);
  const row = rows.get(key);
  if (row === undefined) throw new ManifestCorruptError(`row '${key}' is missing`);
  return decodeHeadRow(row, incarnation);
}

function requireCommit(record: CommitRecord | undefined, head: HeadRecord): CommitRecord {
  if (record?.commit.graphCommitId !== head.commitId) throw new ManifestCorruptError(`row '${head.commitKey}' is missing`);
  return record;
}

function publicNames(registry: BranchRegistry): readonly string[] {
  return sortBranchNames(registry.branches.keys(), { includeInternal: false });
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
