import { must } from "@omnigraphdb/common";
import type { ManifestRow, ManifestTable } from "../storage/dataset-gateway.js";
import { COMMIT_CACHE_ENTRIES_MAX, GROUP_COMMITS_MAX } from "../limits.js";
import { sortBranchNames } from "./branch-names.js";
import { BranchNotFoundError, ManifestCorruptError } from "./errors.js";
import type { GraphCommit } from "./graph-commit.js";
import {
  decodeCommitRecords,
  decodeCommitsOf,
  decodeGraphRow,
  decodeHeadRow,
  decodeRegistryRow,
  implicitRegistry,
  pinBaseKeyOf,
} from "./manifest-codec.js";
import { BRANCHES_KEY, commitKey, commitKeyPrefix, GRAPH_KEY, HEAD_PREFIX, headKey, incarnationOfCommitKey, incarnationOfHeadKey, versionOfCommitKey } from "./manifest-keys.js";
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

  /** As {@link readState}, where one look at the local disk shows that the state known already is the newest; otherwise undefined. */
  currentState(branch: string | null): BranchState | undefined {
    const cached = this.#states.get(branch ?? MAIN_BRANCH);
    return cached !== undefined && this.#table.probeNow() === cached.version ? cached.state : undefined;
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

  /** As {@link findCommit}, for several versions: what is not known yet comes in one read. */
  async findCommits(places: readonly { readonly incarnation: string; readonly version: number }[]): Promise<readonly (CommitRecord | undefined)[]> {
    const keys = places.map(({ incarnation, version }) => commitKey(incarnation, version));
    const found = await this.#findCommits(keys);
    return keys.map((key) => found.get(key));
  }

  /** The commit that a head or another commit names, or undefined: in the row of that key, or in that of the group it was published with. */
  async findCommitByKey(key: string): Promise<CommitRecord | undefined> {
    const cached = this.#commits.get(key);
    if (cached !== undefined) {
      this.#commits.delete(key);
      this.#commits.set(key, cached);
      return cached;
    }
    return (await this.#findCommits([key])).get(key);
  }

  /**
   * Commits of one incarnation's own line above `afterVersion`, ascending, up to its head at `headVersion`. A commit row that
   * its head does not reach is no commit (MAN-20).
   */
  async listCommits(incarnation: string, headVersion: number, afterVersion = 0): Promise<readonly GraphCommit[]> {
    const missingCount = headVersion - afterVersion;
    if (missingCount <= 0) return [];
    const isWanted = ({ graphManifestVersion: version }: GraphCommit): boolean => version > afterVersion && version <= headVersion;
    if (missingCount > LINE_KEYS_MAX) {
      const rows = await this.#table.readRowsByPrefix(commitKeyPrefix(incarnation));
      return rows.flatMap(decodeCommitsOf).filter(isWanted);
    }
    const firstVersion = Math.max(1, afterVersion + 2 - GROUP_COMMITS_MAX);
    const keys = Array.from({ length: headVersion - firstVersion + 1 }, (_, index) => commitKey(incarnation, firstVersion + index));
    const rows = await this.#table.readRows(keys);
    return keys.flatMap((key) => rows.get(key) ?? []).flatMap(decodeCommitsOf).filter(isWanted);
  }

  /** All records of one incarnation's own line, ascending: with their pins, so for rare questions only. */
  async readLine(incarnation: string, headVersion: number): Promise<readonly CommitRecord[]> {
    const rows = await this.#table.readRowsByPrefix(commitKeyPrefix(incarnation));
    const records: CommitRecord[] = [];
    for (const row of rows) if (row.seq <= headVersion) records.push(...(await this.#decodeCommits(row)));
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

  /** The newest commit on the branch's line, from `fromVersion` on, that `operationId` or its undoing published: of a group the first. */
  async findCommitOfOperation(state: BranchState, operationId: string, fromVersion: number): Promise<CommitRecord | undefined> {
    const { incarnation, version: headVersion } = state.head;
    for (let last = headVersion; last >= fromVersion; last -= TX_SEARCH_ROWS) {
      const first = Math.max(fromVersion, last - TX_SEARCH_ROWS + 1);
      const keys = Array.from({ length: last - first + 1 }, (_, index) => commitKey(incarnation, last - index));
      const rows = await this.#table.readRows(keys);
      for (const key of keys) {
        const row = rows.get(key);
        if (row !== undefined && operationOfTx(row.txId) === operationId) return (await this.#decodeCommits(row))[0];
      }
    }
    return undefined;
  }

  /**
   * Takes over what this process just published on `previous`, in native version `version`. When nothing else changed the
   * manifest since `previous` was read, the new state is known without reading it.
   *
   * @param records ascending, at least one
   */
  adopt(previous: BranchState, records: readonly CommitRecord[], version: number): void {
    for (const item of records) this.#remember(commitKey(item.incarnation, item.commit.graphManifestVersion), item);
    const record = must(records.at(-1), "something was published");
    const key = commitKey(record.incarnation, record.commit.graphManifestVersion);
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

  /** What is not known yet comes in one read; what its row holds only as a follower of others in a second one. */
  async #findCommits(keys: readonly string[]): Promise<ReadonlyMap<string, CommitRecord>> {
    const found = new Map<string, CommitRecord>();
    const missing = new Set<string>();
    for (const key of keys) {
      const known = this.#commits.get(key);
      if (known === undefined) missing.add(key);
      else found.set(key, known);
    }
    await this.#collectCommits([...missing], missing, found);
    const followers = [...missing].filter((key) => !found.has(key));
    await this.#collectCommits(followers.flatMap(keysOfGroups), missing, found);
    return found;
  }

  async #collectCommits(rowKeys: readonly string[], wanted: ReadonlySet<string>, found: Map<string, CommitRecord>): Promise<void> {
    for (const row of (await this.#table.readRows(rowKeys)).values()) {
      for (const record of await this.#decodeCommits(row)) {
        const key = commitKey(record.incarnation, record.commit.graphManifestVersion);
        if (!wanted.has(key)) continue;
        this.#remember(key, record);
        found.set(key, record);
      }
    }
  }

  async #decodeCommits(row: ManifestRow): Promise<readonly CommitRecord[]> {
    const incarnation = incarnationOfCommitKey(row.key);
    const baseKey = pinBaseKeyOf(row);
    if (baseKey === null) return decodeCommitRecords(row, incarnation, undefined);
    const base = await this.findCommitByKey(baseKey);
    if (base === undefined || base.pinBaseKey !== null) throw new ManifestCorruptError(`row '${row.key}' needs the complete row '${baseKey}'`);
    return decodeCommitRecords(row, incarnation, base);
  }

  #remember(key: string, record: CommitRecord): void {
    this.#commits.set(key, record);
    if (this.#commits.size <= COMMIT_CACHE_ENTRIES_MAX) return;
    const oldest = this.#commits.keys().next();
    if (!oldest.done) this.#commits.delete(oldest.value);
  }
}

/** Rows that may hold the commit as a follower, should it have no row of its own. */
function keysOfGroups(key: string): readonly string[] {
  const incarnation = incarnationOfCommitKey(key);
  const version = versionOfCommitKey(key);
  const first = Math.max(1, version - GROUP_COMMITS_MAX + 1);
  return Array.from({ length: version - first }, (_, index) => commitKey(incarnation, first + index));
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
