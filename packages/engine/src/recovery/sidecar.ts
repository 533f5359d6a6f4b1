import { compactJson, type Json } from "@omnigraphdb/common";
import { JsonRecord, JsonShapeError } from "../manifest/json-record.js";
import { decodePin, encodePin } from "../manifest/manifest-codec.js";
import type { DatasetPin, Tombstone } from "../manifest/manifest.js";
import { SidecarUnreadableError } from "./errors.js";

/** Sidecar format of one operation, and of a group, which an engine without groups must not settle (LIM-11, RC-14). */
const SIDECAR_VERSION = 1;
const GROUP_SIDECAR_VERSION = 2;

const WRITER_KINDS = ["Mutation", "Load", "BranchMerge", "SchemaApply", "EnsureIndices", "Optimize"] as const;

export type SidecarWriterKind = (typeof WRITER_KINDS)[number];

/** Where a native branch that an operation creates begins. */
interface ForkPoint {
  readonly nativeBranch: string | null;
  readonly version: number;
}

/** One dataset the operation is about to change. */
export interface SidecarPin {
  /** As before the operation: `renames` of the sidecar come on top. */
  readonly typeKey: string;
  readonly typeId: bigint;
  readonly incarnationId: bigint;
  readonly directory: string;
  /** The native branch that is written. */
  readonly nativeBranch: string | null;
  /** Set when the operation itself creates `nativeBranch`. */
  readonly forkedFrom: ForkPoint | null;
  /** Published version at capture; for a fork that the operation creates the version it begins at. */
  readonly expectedVersion: number;
  /** Expected version plus planned native commits; a lower bound where confirmation is required (RC-12). */
  readonly plannedVersion: number;
  /** Set by the confirmation (RC-21). */
  readonly confirmedVersion: number | null;
  /** What the manifest will say about the dataset once the operation is published. */
  readonly entityCountAfter: number;
  readonly fragmentCountAfter: number;
  readonly revisionFloor: number;
}

/** An empty dataset that the operation creates for a new type. */
export interface SidecarRegistration {
  /** As after the operation. */
  readonly typeKey: string;
  readonly typeId: bigint;
  readonly incarnationId: bigint;
  readonly directory: string;
  /** Set by the confirmation. */
  readonly version: number | null;
}

/** Another type key for the same coordinate. */
interface SidecarRename {
  readonly from: string;
  readonly to: string;
}

/** The commit the operation will publish, on exactly the head it was validated against. */
export interface IntendedCommit {
  readonly graphCommitId: string;
  readonly graphManifestVersion: number;
  readonly parentCommitId: string | null;
  /** Of a merge: the head of its source. */
  readonly mergedParentCommitId: string | null;
  readonly createdAt: number;
  /** Hash of the accepted schema after the operation. */
  readonly schemaIdentity: string;
}

export interface SidecarOwner {
  readonly host: string;
  readonly pid: number;
}

/** One commit of a group (WR-11). Its pins continue those of the members before it. */
export interface SidecarMember {
  /** ULID; the `tx_id` of its commit. */
  readonly operationId: string;
  readonly actorId: string | null;
  readonly graphCommitId: string;
  /** Unix time in microseconds. */
  readonly createdAt: number;
  readonly pins: readonly SidecarPin[];
}

/** The durable record of an operation, written before its first effect (RC-10 … RC-13). */
export interface Sidecar {
  /** ULID; also the `tx_id` of the commit. */
  readonly operationId: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** Null = main. */
  readonly branch: string | null;
  /** Incarnation of the branch; null in sidecars of engines that did not record it. */
  readonly incarnation: string | null;
  readonly actorId: string | null;
  readonly writerKind: SidecarWriterKind;
  readonly phase: "armed" | "effects_confirmed";
  /** Effects that only a confirmation can prove complete (RC-20). */
  readonly requiresConfirmation: boolean;
  readonly leaseEpoch: number | null;
  /** The process that wrote it; where leases are off, only its end frees the sidecar for others. */
  readonly owner: SidecarOwner | null;
  readonly pins: readonly SidecarPin[];
  readonly registrations: readonly SidecarRegistration[];
  readonly renames: readonly SidecarRename[];
  readonly tombstones: readonly Tombstone[];
  /** Entries that show another existing version after the operation, without a native effect. */
  readonly pointers: readonly DatasetPin[];
  /** Of a group its first commit, which has the operation's id. */
  readonly intendedCommit: IntendedCommit | null;
  /** The commits of a group in their order, the first one included; then `pins` says what they do together. Else empty. */
  readonly members: readonly SidecarMember[];
}

export function encodeSidecar(sidecar: Sidecar): string {
  const document: Record<string, Json> = {
    schema_version: sidecar.members.length === 0 ? SIDECAR_VERSION : GROUP_SIDECAR_VERSION,
    operation_id: sidecar.operationId,
    started_at: sidecar.startedAt,
    branch: sidecar.branch,
    actor_id: sidecar.actorId,
    writer_kind: sidecar.writerKind,
    phase: sidecar.phase,
    requires_confirmation: sidecar.requiresConfirmation,
    lease_epoch: sidecar.leaseEpoch,
    owner: sidecar.owner === null ? null : { host: sidecar.owner.host, pid: sidecar.owner.pid },
    tables: sidecar.pins.map(encodeSidecarPin),
  };
  if (sidecar.incarnation !== null) document["branch_incarnation"] = sidecar.incarnation;
  if (sidecar.registrations.length > 0) document["additional_registrations"] = sidecar.registrations.map(encodeRegistration);
  if (sidecar.renames.length > 0) document["renames"] = sidecar.renames.map(({ from, to }) => ({ from, to }));
  if (sidecar.tombstones.length > 0) document["tombstones"] = sidecar.tombstones.map(encodeTombstone);
  if (sidecar.pointers.length > 0) document["pointers"] = sidecar.pointers.map(encodePin);
  if (sidecar.members.length > 0) document["members"] = sidecar.members.map(encodeMember);
  const mergedParentCommitId = sidecar.intendedCommit?.mergedParentCommitId ?? null;
  if (mergedParentCommitId !== null) document["merge_source_commit_id"] = mergedParentCommitId;
  if (sidecar.intendedCommit !== null) document["intended_commit"] = encodeIntent(sidecar.intendedCommit, sidecar.operationId);
  return `${compactJson(document)}\n`;
}

/** @throws SidecarUnreadableError for malformed text and for sidecars of a newer engine (RC-14) */
export function decodeSidecar(operationId: string, text: string): Sidecar {
  try {
    const record = JsonRecord.parse(text);
    const version = record.count("schema_version");
    if (version !== SIDECAR_VERSION && version !== GROUP_SIDECAR_VERSION) throw newerSidecar(operationId, version);
    const intent = record.recordOrNull("intended_commit");
    const owner = record.recordOrNull("owner");
    return {
      operationId: expectOperationId(record.text("operation_id"), operationId),
      startedAt: record.text("started_at"),
      branch: record.textOrNull("branch"),
      incarnation: record.textOrNull("branch_incarnation"),
      actorId: record.textOrNull("actor_id"),
      writerKind: decodeWriterKind(record.text("writer_kind")),
      phase: record.textOrNull("phase") === "effects_confirmed" ? "effects_confirmed" : "armed",
      requiresConfirmation: record.isTrue("requires_confirmation"),
      leaseEpoch: record.countOrNull("lease_epoch"),
      owner: owner === null ? null : { host: owner.text("host"), pid: owner.count("pid") },
      pins: record.records("tables").map(decodeSidecarPin),
      registrations: record.records("additional_registrations").map(decodeRegistration),
      renames: record.records("renames").map((item) => ({ from: item.text("from"), to: item.text("to") })),
      tombstones: record.records("tombstones").map(decodeTombstone),
      pointers: record.records("pointers").map(decodePin),
      intendedCommit: intent === null ? null : decodeIntent(intent),
      members: record.records("members").map(decodeMember),
    };
  } catch (error) {
    if (!(error instanceof JsonShapeError)) throw error;
    const hint = "Have an operator review the file; it was kept, and writes are refused while it is there.";
    throw new SidecarUnreadableError(operationId, error.message, hint, error);
  }
}

function newerSidecar(operationId: string, version: number): SidecarUnreadableError {
  const problem = `it has version ${version}, this engine reads versions up to ${GROUP_SIDECAR_VERSION}`;
  return new SidecarUnreadableError(operationId, problem, "Upgrade omnigraph, or have an operator review the file.");
}

function expectOperationId(stored: string, fromName: string): string {
  if (stored !== fromName) throw new JsonShapeError(`it belongs to operation '${stored}'`);
  return stored;
}

function decodeWriterKind(kind: string): SidecarWriterKind {
  const known = WRITER_KINDS.find((candidate) => candidate === kind);
  if (known !== undefined) return known;
  throw new JsonShapeError(`unknown writer kind '${kind}'`);
}

function encodeSidecarPin(pin: SidecarPin): Json {
  const item: Record<string, Json> = {
    table_key: pin.typeKey,
    table_path: pin.directory,
    stable_table_id: pin.typeId.toString(),
    table_incarnation_id: pin.incarnationId.toString(),
    expected_version: pin.expectedVersion,
    post_commit_pin: pin.plannedVersion,
    row_count: pin.entityCountAfter,
    fragment_count: pin.fragmentCountAfter,
  };
  if (pin.nativeBranch !== null) item["table_branch"] = pin.nativeBranch;
  if (pin.forkedFrom !== null) item["forked_from"] = { table_branch: pin.forkedFrom.nativeBranch, version: pin.forkedFrom.version };
  if (pin.revisionFloor !== 0) item["revision_floor"] = pin.revisionFloor;
  if (pin.confirmedVersion !== null) item["confirmed_version"] = pin.confirmedVersion;
  return item;
}

function decodeSidecarPin(item: JsonRecord): SidecarPin {
  const forkedFrom = item.recordOrNull("forked_from");
  return {
    typeKey: item.text("table_key"),
    typeId: item.identity("stable_table_id"),
    incarnationId: item.identity("table_incarnation_id"),
    directory: item.text("table_path"),
    nativeBranch: item.textOrNull("table_branch"),
    forkedFrom: forkedFrom === null ? null : { nativeBranch: forkedFrom.textOrNull("table_branch"), version: forkedFrom.count("version") },
    expectedVersion: item.count("expected_version"),
    plannedVersion: item.count("post_commit_pin"),
    confirmedVersion: item.countOrNull("confirmed_version"),
    entityCountAfter: item.count("row_count"),
    fragmentCountAfter: item.count("fragment_count"),
    revisionFloor: item.countOrNull("revision_floor") ?? 0,
  };
}

function encodeMember(member: SidecarMember): Json {
  return {
    tx_id: member.operationId,
    actor_id: member.actorId,
    graph_commit_id: member.graphCommitId,
    created_at: member.createdAt,
    tables: member.pins.map(encodeSidecarPin),
  };
}

function decodeMember(item: JsonRecord): SidecarMember {
  return {
    operationId: item.text("tx_id"),
    actorId: item.textOrNull("actor_id"),
    graphCommitId: item.text("graph_commit_id"),
    createdAt: item.count("created_at"),
    pins: item.records("tables").map(decodeSidecarPin),
  };
}

function encodeRegistration(registration: SidecarRegistration): Json {
  return {
    table_key: registration.typeKey,
    table_path: registration.directory,
    stable_table_id: registration.typeId.toString(),
    table_incarnation_id: registration.incarnationId.toString(),
    ...(registration.version === null ? {} : { confirmed_version: registration.version }),
  };
}

function decodeRegistration(item: JsonRecord): SidecarRegistration {
  return {
    typeKey: item.text("table_key"),
    typeId: item.identity("stable_table_id"),
    incarnationId: item.identity("table_incarnation_id"),
    directory: item.text("table_path"),
    version: item.countOrNull("confirmed_version"),
  };
}

function encodeTombstone(tombstone: Tombstone): Json {
  return {
    table_key: tombstone.typeKey,
    stable_table_id: tombstone.typeId.toString(),
    table_incarnation_id: tombstone.incarnationId.toString(),
    tombstone_version: tombstone.version,
  };
}

function decodeTombstone(item: JsonRecord): Tombstone {
  return {
    typeKey: item.text("table_key"),
    typeId: item.identity("stable_table_id"),
    incarnationId: item.identity("table_incarnation_id"),
    version: item.count("tombstone_version"),
  };
}

function encodeIntent(intent: IntendedCommit, operationId: string): Json {
  return {
    tx_id: operationId,
    graph_commit_id: intent.graphCommitId,
    graph_manifest_version: intent.graphManifestVersion,
    parent_commit_id: intent.parentCommitId,
    merged_parent_commit_id: intent.mergedParentCommitId,
    created_at: intent.createdAt,
    schema_identity: intent.schemaIdentity,
  };
}

function decodeIntent(item: JsonRecord): IntendedCommit {
  return {
    graphCommitId: item.text("graph_commit_id"),
    graphManifestVersion: item.count("graph_manifest_version"),
    parentCommitId: item.textOrNull("parent_commit_id"),
    mergedParentCommitId: item.textOrNull("merged_parent_commit_id"),
    createdAt: item.count("created_at"),
    schemaIdentity: item.text("schema_identity"),
  };
}
