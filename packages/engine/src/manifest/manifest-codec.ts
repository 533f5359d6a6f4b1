/**
 * Manifest rows ⇄ values. Payloads are JSON; 64-bit identities are decimal strings.
 *
 * A commit row holds its complete pin set, or, in graphs with very many types, the pins that differ from one earlier
 * complete row (`pin_base`): reading a snapshot needs at most two commit rows, whatever the length of history (MAN-24).
 *
 * Commits that one publish made together share one row (WR-11): the first as any other, then for each follower what it changes. A
 * publish thus always inserts one row, whose key its competitors insert as well. With a row per commit a publisher that lost against a
 * shorter group would leave rows above the head, and the next winner could not insert its own (decision 0016).
 */
import { compactJson, type Json } from "@omnigraphdb/common";
import { COMPLETE_PIN_SET_INTERVAL, COMPLETE_PIN_SET_TYPES_MAX } from "../limits.js";
import type { ManifestRow } from "../storage/dataset-gateway.js";
import { ManifestCorruptError } from "./errors.js";
import type { GraphCommit } from "./graph-commit.js";
import { JsonRecord, JsonShapeError } from "./json-record.js";
import { BRANCHES_KEY, commitKey, GRAPH_KEY, headKey } from "./manifest-keys.js";
import {
  type BranchRegistry,
  type CommitRecord,
  type DatasetPin,
  type GraphRecord,
  type HeadRecord,
  MAIN_BRANCH,
  MAIN_INCARNATION,
  type RecoveryNote,
  type RegisteredBranch,
  type Tombstone,
} from "./manifest.js";
import { readRecoveryKind, readRecoveryOutcomes, recoveryOutcomesToJson } from "./recovery-outcome-json.js";

interface RowStamp {
  readonly txId: string;
  readonly createdAt: number;
}

export function encodeGraphRow(graph: GraphRecord, stamp: RowStamp): ManifestRow {
  const payload = { internal_schema_version: graph.formatVersion, graph_id: graph.graphId, root_uri: graph.rootUri };
  return makeRow(GRAPH_KEY, graph.sequence, stamp, payload);
}

export function decodeGraphRow(row: ManifestRow): GraphRecord {
  return decoding(row, (payload) => ({
    sequence: row.seq,
    // A graph without a stamp is of the first format (MIG-1).
    formatVersion: payload.countOrNull("internal_schema_version") ?? 1,
    graphId: payload.text("graph_id"),
    rootUri: payload.text("root_uri"),
  }));
}

export function encodeRegistryRow(registry: BranchRegistry, stamp: RowStamp): ManifestRow {
  const names = [...registry.branches.keys()].sort();
  const branches = names.map((name): Json => {
    const branch = registry.branches.get(name) as RegisteredBranch;
    const { incarnation, parent, forkVersion, owner } = branch;
    return { name, incarnation, parent, fork_version: forkVersion, ...(owner === undefined ? {} : { owner: { host: owner.host, pid: owner.pid } }) };
  });
  return makeRow(BRANCHES_KEY, registry.sequence, stamp, { branches });
}

export function decodeRegistryRow(row: ManifestRow): BranchRegistry {
  return decoding(row, (payload) => {
    const branches = new Map<string, RegisteredBranch>();
    for (const branch of payload.records("branches")) {
      const owner = branch.recordOrNull("owner");
      branches.set(branch.text("name"), {
        incarnation: branch.text("incarnation"),
        parent: branch.textOrNull("parent"),
        forkVersion: branch.countOrNull("fork_version"),
        ...(owner === null ? {} : { owner: { host: owner.text("host"), pid: owner.count("pid") } }),
      });
    }
    return { sequence: row.seq, branches };
  });
}

/** The registry of a graph whose format has no `branches` row yet: `main` alone. */
export function implicitRegistry(): BranchRegistry {
  return { sequence: 0, branches: new Map([[MAIN_BRANCH, { incarnation: MAIN_INCARNATION, parent: null, forkVersion: null }]]) };
}

/** The head row that makes `record` the newest commit of its branch; `previousVersion` = the head's version so far. */
export function encodeHeadRow(record: CommitRecord, stamp: RowStamp, previousVersion: number = record.commit.graphManifestVersion - 1): ManifestRow {
  const version = record.commit.graphManifestVersion;
  const commit = { version, commitId: record.commit.graphCommitId, commitKey: commitKey(record.incarnation, version) };
  return { ...encodeFirstHeadRow(record.incarnation, commit, stamp), base: previousVersion };
}

/** The head row of a fresh incarnation: it names the commit row of the branch it was created from (MAN-23). */
export function encodeFirstHeadRow(incarnation: string, commit: Omit<HeadRecord, "incarnation">, stamp: RowStamp): ManifestRow {
  return makeRow(headKey(incarnation), commit.version, stamp, { graph_commit_id: commit.commitId, commit_key: commit.commitKey });
}

export function decodeHeadRow(row: ManifestRow, incarnation: string): HeadRecord {
  return decoding(row, (payload) => ({
    incarnation,
    version: row.seq,
    commitId: payload.text("graph_commit_id"),
    commitKey: payload.text("commit_key"),
  }));
}

/** Chooses how the next commit row stores its pins: complete (null), or relative to an earlier complete row. */
export function choosePinBase(
  previous: CommitRecord,
  next: { readonly incarnation: string; readonly pins: ReadonlyMap<string, DatasetPin>; readonly version: number },
): string | null {
  if (next.pins.size <= COMPLETE_PIN_SET_TYPES_MAX) return null;
  // A branch does not depend on rows of the branch it came from.
  if (previous.incarnation !== next.incarnation) return null;
  const previousKey = commitKey(previous.incarnation, previous.commit.graphManifestVersion);
  const baseKey = previous.pinBaseKey ?? previousKey;
  const baseVersion = Number(baseKey.slice(baseKey.lastIndexOf("/") + 1));
  return next.version - baseVersion < COMPLETE_PIN_SET_INTERVAL ? baseKey : null;
}

/**
 * @param base the complete record that `record.pinBaseKey` names, or undefined when the record is complete itself
 * @param followers commits of the same publish, ascending: they change pins and nothing else
 */
export function encodeCommitRow(record: CommitRecord, base: CommitRecord | undefined, followers: readonly CommitRecord[] = []): ManifestRow {
  const { commit, pins } = record;
  const payload: Record<string, Json> = {
    graph_commit_id: commit.graphCommitId,
    graph_branch: commit.graphBranch,
    parent_commit_id: commit.parentCommitId,
    merged_parent_commit_id: commit.mergedParentCommitId,
    actor_id: commit.actorId,
    schema_identity: record.schemaIdentity,
    registrations: record.registrations,
    tombstones: record.tombstones.map(encodeTombstone),
    pin_base: record.pinBaseKey,
    pins: sortedPins(pins).filter((pin) => !isSamePin(pin, base?.pins.get(pin.typeKey))).map(encodePin),
    unpinned: base === undefined ? [] : [...base.pins.keys()].filter((typeKey) => !pins.has(typeKey)).sort(),
  };
  if (record.recovery !== null) payload["recovery"] = encodeRecoveryNote(record.recovery);
  if (followers.length > 0) payload["followers"] = followers.map((follower, index) => encodeFollower(follower, followers[index - 1] ?? record));
  const version = commit.graphManifestVersion;
  return makeRow(commitKey(record.incarnation, version), version, { txId: record.txId, createdAt: commit.createdAt }, payload);
}

/** Key of the complete row needed to decode `row`; null when it stands alone. */
export function pinBaseKeyOf(row: ManifestRow): string | null {
  return decoding(row, (payload) => payload.textOrNull("pin_base"));
}

export function decodeCommitRow(row: ManifestRow, incarnation: string, base: CommitRecord | undefined): CommitRecord {
  return decoding(row, (payload) => {
    const pins = new Map(base?.pins ?? []);
    for (const typeKey of payload.texts("unpinned")) pins.delete(typeKey);
    for (const item of payload.records("pins")) {
      const pin = decodePin(item);
      pins.set(pin.typeKey, pin);
    }
    const recovery = payload.recordOrNull("recovery");
    return {
      txId: row.txId,
      incarnation,
      commit: decodeCommit(row, payload),
      schemaIdentity: payload.text("schema_identity"),
      registrations: payload.texts("registrations"),
      tombstones: payload.records("tombstones").map(decodeTombstone),
      pins,
      pinBaseKey: payload.textOrNull("pin_base"),
      recovery: recovery === null ? null : decodeRecoveryNote(recovery),
    };
  });
}

/** All commits of a row, ascending. `base` as for {@link encodeCommitRow}. */
export function decodeCommitRecords(row: ManifestRow, incarnation: string, base: CommitRecord | undefined): readonly CommitRecord[] {
  const records = [decodeCommitRow(row, incarnation, base)];
  const followers = decoding(row, (payload) => payload.records("followers").map((item) => ({ item, pins: item.records("pins").map(decodePin) })));
  for (const { item, pins } of followers) {
    const previous = records.at(-1) as CommitRecord;
    const record = decoding(row, () => ({
      ...previous,
      txId: item.text("tx_id"),
      commit: decodeFollower(item, previous.commit),
      registrations: [],
      tombstones: [],
      pins: new Map([...previous.pins, ...pins.map((pin) => [pin.typeKey, pin] as const)]),
      pinBaseKey: item.textOrNull("pin_base"),
      recovery: null,
    }));
    records.push(record);
  }
  return records;
}

/** Only the lineage part of a commit row, ascending: what history listings need. */
export function decodeCommitsOf(row: ManifestRow): readonly GraphCommit[] {
  return decoding(row, (payload) => {
    const commits = [decodeCommit(row, payload)];
    for (const item of payload.records("followers")) commits.push(decodeFollower(item, commits.at(-1) as GraphCommit));
    return commits;
  });
}

export function isSamePin(left: DatasetPin, right: DatasetPin | undefined): boolean {
  return (
    right !== undefined &&
    left.typeId === right.typeId &&
    left.incarnationId === right.incarnationId &&
    left.location.directory === right.location.directory &&
    left.location.nativeBranch === right.location.nativeBranch &&
    left.publishedVersion === right.publishedVersion &&
    left.entityCount === right.entityCount &&
    left.fragmentCount === right.fragmentCount &&
    left.revisionFloor === right.revisionFloor
  );
}

function decodeCommit(row: ManifestRow, payload: JsonRecord): GraphCommit {
  return {
    graphCommitId: payload.text("graph_commit_id"),
    graphBranch: payload.textOrNull("graph_branch"),
    graphManifestVersion: row.seq,
    parentCommitId: payload.textOrNull("parent_commit_id"),
    mergedParentCommitId: payload.textOrNull("merged_parent_commit_id"),
    actorId: payload.textOrNull("actor_id"),
    createdAt: row.createdAt,
  };
}

function encodeFollower({ txId, commit, pins, pinBaseKey }: CommitRecord, previous: CommitRecord): Json {
  return {
    tx_id: txId,
    graph_commit_id: commit.graphCommitId,
    actor_id: commit.actorId,
    created_at: commit.createdAt,
    pin_base: pinBaseKey,
    pins: sortedPins(pins).filter((pin) => !isSamePin(pin, previous.pins.get(pin.typeKey))).map(encodePin),
  };
}

function decodeFollower(item: JsonRecord, previous: GraphCommit): GraphCommit {
  return {
    graphCommitId: item.text("graph_commit_id"),
    graphBranch: previous.graphBranch,
    graphManifestVersion: previous.graphManifestVersion + 1,
    parentCommitId: previous.graphCommitId,
    mergedParentCommitId: null,
    actorId: item.textOrNull("actor_id"),
    createdAt: item.count("created_at"),
  };
}

export function encodePin(pin: DatasetPin): Json {
  return {
    type_key: pin.typeKey,
    stable_table_id: pin.typeId.toString(),
    table_incarnation_id: pin.incarnationId.toString(),
    table_path: pin.location.directory,
    table_version: pin.publishedVersion,
    table_branch: pin.location.nativeBranch,
    row_count: pin.entityCount,
    fragment_count: pin.fragmentCount,
    ...(pin.revisionFloor === 0 ? {} : { revision_floor: pin.revisionFloor }),
  };
}

export function decodePin(item: JsonRecord): DatasetPin {
  return {
    typeKey: item.text("type_key"),
    typeId: item.identity("stable_table_id"),
    incarnationId: item.identity("table_incarnation_id"),
    location: { directory: item.text("table_path"), nativeBranch: item.textOrNull("table_branch") },
    publishedVersion: item.count("table_version"),
    entityCount: item.count("row_count"),
    fragmentCount: item.count("fragment_count"),
    revisionFloor: item.countOrNull("revision_floor") ?? 0,
  };
}

function encodeTombstone(tombstone: Tombstone): Json {
  return {
    type_key: tombstone.typeKey,
    stable_table_id: tombstone.typeId.toString(),
    table_incarnation_id: tombstone.incarnationId.toString(),
    tombstone_version: tombstone.version,
  };
}

function decodeTombstone(item: JsonRecord): Tombstone {
  return {
    typeKey: item.text("type_key"),
    typeId: item.identity("stable_table_id"),
    incarnationId: item.identity("table_incarnation_id"),
    version: item.count("tombstone_version"),
  };
}

function encodeRecoveryNote(note: RecoveryNote): Json {
  return {
    operation_id: note.operationId,
    recovery_kind: note.kind,
    recovery_for_actor: note.actorId,
    sidecar_writer_kind: note.writerKind,
    per_table_outcomes: recoveryOutcomesToJson(note.outcomes),
  };
}

function decodeRecoveryNote(item: JsonRecord): RecoveryNote {
  return {
    operationId: item.text("operation_id"),
    kind: readRecoveryKind(item),
    actorId: item.textOrNull("recovery_for_actor"),
    writerKind: item.text("sidecar_writer_kind"),
    outcomes: readRecoveryOutcomes(item),
  };
}

function sortedPins(pins: ReadonlyMap<string, DatasetPin>): DatasetPin[] {
  return [...pins.keys()].sort().map((typeKey) => pins.get(typeKey) as DatasetPin);
}

/** Every row's writer saw the sequence just below the one it writes. */
function makeRow(key: string, seq: number, stamp: RowStamp, payload: Json): ManifestRow {
  return { key, seq, base: seq - 1, txId: stamp.txId, createdAt: stamp.createdAt, payload: compactJson(payload) };
}

function decoding<T>(row: ManifestRow, decode: (payload: JsonRecord) => T): T {
  try {
    return decode(JsonRecord.parse(row.payload));
  } catch (error) {
    if (error instanceof JsonShapeError) throw new ManifestCorruptError(`row '${row.key}': ${error.message}`, error);
    throw error;
  }
}
