import { type BaselineChunk, type BaselineOptions, readBaseline } from "../changes/baseline.js";
import type { ChangeContext } from "../changes/change-context.js";
import { type ChangeFeedPage, type ChangesOptions, pollChanges } from "../changes/change-feed.js";
import { type CommitChangesOptions, type CommitChangesPage, readCommitChanges } from "../changes/commit-changes.js";
import { type DiffOptions, diffRecords, type GraphDiff } from "../changes/diff.js";
import { EntityChanges } from "../changes/entity-changes.js";
import { isSnapshotText } from "../commit-graph/snapshot-id.js";
import { EXPORT_STAGED_BYTES } from "../export/export-jsonl.js";
import type { ReadTarget } from "../graph-api.js";
import type { RunningRead } from "../maintenance/running-reads.js";
import type { CommitRecord } from "../manifest/manifest.js";
import type { Snapshot } from "../manifest/snapshot.js";
import type { RootAccess } from "./root-access.js";
import type { SnapshotReader } from "./snapshot-reader.js";

/** A branch or snapshot id as text, or a read target (CH-1). */
export type DiffTarget = string | ReadTarget;

/** What a graph says about its changes, for one handle. */
export class ChangeReader {
  readonly #access: RootAccess;
  readonly #snapshots: SnapshotReader;
  readonly #context: ChangeContext;

  constructor(access: RootAccess, snapshots: SnapshotReader) {
    this.#access = access;
    this.#snapshots = snapshots;
    const { datasets, administration } = access.storage;
    this.#context = {
      manifest: access.manifest,
      commits: snapshots.commits,
      entities: new EntityChanges(datasets, administration),
      catalogOf: async (record) => (await snapshots.show(record, record.commit.graphBranch)).catalog,
      pacer: access.components.pacer,
    };
  }

  async diffBetween(from: DiffTarget, to: DiffTarget, options: DiffOptions): Promise<GraphDiff> {
    const [older, newer] = [await this.#resolve(from), await this.#resolve(to)];
    return diffRecords(await this.#recordOf(older), await this.#recordOf(newer), newer.branch, options, this.#context);
  }

  async diffCommits(fromCommitId: string, toCommitId: string, options: DiffOptions): Promise<GraphDiff> {
    const { commits } = this.#context;
    const [from, to] = [await commits.record(fromCommitId), await commits.record(toCommitId)];
    return diffRecords(from, to, to.commit.graphBranch, options, this.#context);
  }

  commitChanges(graphCommitId: string, options: CommitChangesOptions): Promise<CommitChangesPage> {
    return readCommitChanges(graphCommitId, options, this.#context);
  }

  poll(branch: string | null, options: ChangesOptions): Promise<ChangeFeedPage> {
    return pollChanges(branch, options, this.#context);
  }

  /** @param read keeps the captured version from a cleanup (CH-64) */
  async *baseline(branch: string | null, options: BaselineOptions, read: RunningRead): AsyncGenerator<BaselineChunk> {
    const { manifest, settings, storage } = this.#access;
    const state = await manifest.readState(branch);
    const snapshot = await this.#snapshots.show(state.commit, branch);
    read.show(snapshot);
    const staging = { directory: settings.stagingDirectory, memoryBytes: EXPORT_STAGED_BYTES };
    yield* readBaseline(state, snapshot, options, { ...this.#context, datasets: storage.datasets, staging });
  }

  async #resolve(target: DiffTarget): Promise<Snapshot> {
    if (typeof target !== "string") return (await this.#snapshots.resolve(target)).snapshot;
    return (await this.#snapshots.resolve(isSnapshotText(target) ? { snapshot: target } : { branch: target })).snapshot;
  }

  async #recordOf({ branch, graphManifestVersion, graphCommitId }: Snapshot): Promise<CommitRecord> {
    const record = await this.#context.commits.recordAt(branch, graphManifestVersion);
    return record.commit.graphCommitId === graphCommitId ? record : this.#context.commits.record(graphCommitId);
  }
}
