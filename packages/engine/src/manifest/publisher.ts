/**
 * The single door through which graph state becomes visible (MAN-30 … MAN-35, DENY-2).
 *
 * A publish is one conditional merge: it moves the head row from N to N+1 and inserts the immutable commit row N+1. It
 * is won iff exactly one row was updated and one inserted. After an exception or an unclear count the commit row N+1
 * decides, by its operation id: an exception alone never means "lost" (MAN-22).
 */
import { type Failpoints, must } from "@omnigraphdb/common";
import { FAILPOINT } from "../failpoints.js";
import { PUBLISH_ATTEMPTS_MAX } from "../limits.js";
import type { ManifestTable } from "../storage/dataset-gateway.js";
import { isStorageError } from "../storage/errors.js";
import {
  ManifestCorruptError,
  ManifestInvariantError,
  PublishedDatasetVersionMismatchError,
  ReadSetChangedError,
  RowLevelCasContentionError,
} from "./errors.js";
import type { FormatGuard } from "./format-version.js";
import { findViolation } from "./invariants.js";
import { choosePinBase, encodeCommitRow, encodeHeadRow } from "./manifest-codec.js";
import type { ManifestStore } from "./manifest-store.js";
import {
  branchDisplayName,
  type BranchState,
  type CommitRecord,
  type DatasetPin,
  type HeadRecord,
  type RecoveryNote,
  type Tombstone,
} from "./manifest.js";

export interface DatasetUpdate {
  readonly pin: DatasetPin;
  /** Published version the update builds on; 0 = the type must be absent: a registration (MAN-30). */
  readonly expectedVersion: number;
  /** Type key under which the coordinate was shown so far, when the publish renames the type. */
  readonly replaces?: string;
}

export interface PublishRequest {
  /** Null = main. */
  readonly branch: string | null;
  /** Unique per operation; equals the sidecar's operation id where there is one. */
  readonly txId: string;
  /** Minted before the first effect and stable across retries and roll-forward (CM-3). */
  readonly commit: {
    readonly graphCommitId: string;
    readonly mergedParentCommitId: string | null;
    readonly actorId: string | null;
    readonly createdAt: number;
  };
  readonly updates: readonly DatasetUpdate[];
  readonly tombstones: readonly Tombstone[];
  readonly schemaIdentity: string;
  readonly recovery: RecoveryNote | null;
  /** `exact`: only on top of this head; `latest`: on whatever the head is, while the expected versions hold. */
  readonly on: { readonly kind: "exact"; readonly incarnation: string; readonly headCommitId: string } | { readonly kind: "latest" };
}

interface PublisherParts {
  readonly table: ManifestTable;
  readonly store: ManifestStore;
  readonly format: FormatGuard;
  readonly failpoints: Failpoints;
}

export class Publisher {
  readonly #parts: PublisherParts;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  /**
   * Publishes one commit; resolving is the acknowledgement point (MAN-35).
   *
   * @param known state read under the writer's gates; used by the first attempt instead of reading it again
   * @throws ReadSetChangedError, PublishedDatasetVersionMismatchError when the request does not fit the head
   * @throws RowLevelCasContentionError when every attempt lost; nothing was published
   */
  async publish(request: PublishRequest, known?: BranchState): Promise<CommitRecord> {
    return must((await this.publishGroup([request], known))[0], "one request gives one commit");
  }

  /**
   * Publishes one commit per request, each on top of the one before, all or none of them in one merge (WR-11). The requests after the
   * first change pins and nothing else; their `on` counts for nothing.
   *
   * @param requests of one branch, at least one
   * @returns the commits in the order of the requests
   * @throws as {@link publish}
   */
  async publishGroup(requests: readonly PublishRequest[], known?: BranchState): Promise<readonly CommitRecord[]> {
    const first = must(requests[0], "a group has a member");
    let state = known ?? (await this.#readState(first.branch));
    for (let attempt = 1; ; attempt++) {
      const published = await this.#findPublished(requests, state);
      if (published !== undefined) return published;
      checkPrecondition(first, state);
      const next = nextRecords(requests, state);
      if (await this.#merge(state, next)) return next;
      if (attempt === PUBLISH_ATTEMPTS_MAX) throw new RowLevelCasContentionError(attempt);
      state = await this.#readState(first.branch);
    }
  }

  /** Recovery in another process may have finished this very operation (LE-8). */
  async #findPublished(requests: readonly PublishRequest[], state: BranchState): Promise<readonly CommitRecord[] | undefined> {
    if (state.commit.txId !== requests.at(-1)?.txId) return undefined;
    const { incarnation, version } = state.head;
    const versions = requests.map((_, index) => version - requests.length + 1 + index);
    const records = await Promise.all(versions.map((item) => this.#parts.store.findCommit(incarnation, item)));
    return records.map((record) => must(record, "a published commit is stored"));
  }

  async #readState(branch: string | null): Promise<BranchState> {
    this.#parts.store.forget();
    const state = await this.#parts.store.readState(branch);
    if (!(await this.#parts.format.ensureWritable(state.graph))) return state;
    this.#parts.store.forget();
    return this.#parts.store.readState(branch);
  }

  /** @returns whether `records` are published; false = another publisher moved the head first */
  async #merge(state: BranchState, records: readonly CommitRecord[]): Promise<boolean> {
    const { table, failpoints } = this.#parts;
    const [next, ...followers] = records as readonly [CommitRecord, ...CommitRecord[]];
    const last = followers.at(-1) ?? next;
    const base = next.pinBaseKey === null ? undefined : await this.#readPinBase(next.pinBaseKey);
    const stamp = { txId: last.txId, createdAt: last.commit.createdAt };
    const rows = [encodeHeadRow(last, stamp, state.head.version), encodeCommitRow(next, base, followers)];
    await failpoints.hit(FAILPOINT.publishBeforeCommit);
    let cause: unknown;
    let isClear = false;
    let isWon = false;
    try {
      const { updatedCount, insertedCount, version } = await table.conditionalMerge(rows);
      isWon = updatedCount === 1 && insertedCount === 1;
      if (isWon) this.#parts.store.adopt(state, records, version);
      isClear = isWon || (updatedCount === 0 && insertedCount === 0);
    } catch (error) {
      cause = error;
    }
    if (!isClear) isWon = await this.#settle(state, next, cause);
    if (isWon) await failpoints.hit(FAILPOINT.publishAfterCommit);
    return isWon;
  }

  /** Decides an unclear merge by what is stored (MAN-22). */
  async #settle(state: BranchState, next: CommitRecord, cause: unknown): Promise<boolean> {
    const stored = await this.#parts.store.findCommit(next.incarnation, next.commit.graphManifestVersion);
    if (stored !== undefined) return stored.txId === next.txId;
    // Not published. A compaction of the manifest may have overtaken the merge: that is worth another attempt.
    if (isStorageError(cause, "Transient") || isStorageError(cause, "Precondition")) return false;
    if (cause !== undefined) throw cause as Error;
    throw new ManifestCorruptError(`a merge on version ${state.head.version} of '${branchDisplayName(state.branch)}' was half applied`);
  }

  async #readPinBase(key: string): Promise<CommitRecord> {
    const base = await this.#parts.store.findCommitByKey(key);
    if (base === undefined) throw new ManifestCorruptError(`row '${key}' is missing`);
    return base;
  }
}

function checkPrecondition(request: PublishRequest, state: BranchState): void {
  if (request.on.kind === "latest") return;
  const name = branchDisplayName(request.branch);
  if (state.head.incarnation !== request.on.incarnation) {
    throw new ReadSetChangedError(`branch_incarnation:${name}`, request.on.incarnation, state.head.incarnation);
  }
  if (state.head.commitId !== request.on.headCommitId) {
    throw new ReadSetChangedError(`graph_head:${name}`, request.on.headCommitId, state.head.commitId);
  }
}

function checkExpectedVersions(request: PublishRequest, current: CommitRecord): void {
  for (const { pin, expectedVersion, replaces } of request.updates) {
    const actual = current.pins.get(replaces ?? pin.typeKey)?.publishedVersion ?? 0;
    // A new type may take the name of one that the same publish hides or renames.
    const isFreed = expectedVersion === 0 && isNameFreed(request, pin.typeKey);
    if (isFreed) continue;
    if (actual !== expectedVersion) throw new PublishedDatasetVersionMismatchError(pin.typeKey, expectedVersion, actual);
  }
}

function isNameFreed(request: PublishRequest, typeKey: string): boolean {
  return request.tombstones.some((tombstone) => tombstone.typeKey === typeKey) || request.updates.some((update) => update.replaces === typeKey);
}

/** @throws PublishedDatasetVersionMismatchError, ManifestInvariantError */
function nextRecords(requests: readonly PublishRequest[], state: BranchState): readonly CommitRecord[] {
  const records: CommitRecord[] = [];
  for (const request of requests) {
    const current = records.at(-1) ?? state.commit;
    checkExpectedVersions(request, current);
    const next = nextRecord(request, current, state.head);
    const updatedTypeKeys = request.updates.map((update) => update.pin.typeKey);
    const violation = findViolation({ current, next, updatedTypeKeys });
    if (violation !== undefined) throw new ManifestInvariantError(violation);
    records.push(next);
  }
  return records;
}

function nextRecord(request: PublishRequest, current: CommitRecord, { incarnation }: HeadRecord): CommitRecord {
  const pins = new Map(current.pins);
  for (const tombstone of request.tombstones) pins.delete(tombstone.typeKey);
  // Before any is set, because names may be swapped.
  for (const { replaces } of request.updates) if (replaces !== undefined) pins.delete(replaces);
  for (const { pin } of request.updates) pins.set(pin.typeKey, pin);
  const version = current.commit.graphManifestVersion + 1;
  return {
    txId: request.txId,
    incarnation,
    commit: {
      graphCommitId: request.commit.graphCommitId,
      graphBranch: request.branch,
      graphManifestVersion: version,
      parentCommitId: current.commit.graphCommitId,
      mergedParentCommitId: request.commit.mergedParentCommitId,
      actorId: request.commit.actorId,
      createdAt: request.commit.createdAt,
    },
    schemaIdentity: request.schemaIdentity,
    registrations: request.updates.filter((update) => update.expectedVersion === 0).map((update) => update.pin.typeKey),
    tombstones: request.tombstones,
    pins,
    pinBaseKey: choosePinBase(current, { incarnation, pins, version }),
    recovery: request.recovery,
  };
}
