import { compactJson, type Json } from "@omnigraphdb/common";
import { JsonRecord, JsonShapeError } from "../manifest/json-record.js";
import { SidecarUnreadableError } from "./errors.js";

/** The only sidecar format so far (LIM-11). */
const SIDECAR_VERSION = 1;

type SidecarWriterKind = "Mutation" | "Load";

/** One dataset the operation is about to change. */
export interface SidecarPin {
  readonly typeKey: string;
  readonly typeId: bigint;
  readonly incarnationId: bigint;
  readonly directory: string;
  readonly nativeBranch: string | null;
  /** Published version at capture. */
  readonly expectedVersion: number;
  /** Expected version plus planned native commits; a lower bound where confirmation is required (RC-12). */
  readonly plannedVersion: number;
  /** Set by the confirmation (RC-21). */
  readonly confirmedVersion: number | null;
  /** What the manifest will say about the dataset once the operation is published. */
  readonly entityCountAfter: number;
  readonly fragmentCountAfter: number;
}

/** The commit the operation will publish, on exactly the head it was validated against. */
interface IntendedCommit {
  readonly graphCommitId: string;
  readonly graphManifestVersion: number;
  readonly parentCommitId: string | null;
  readonly mergedParentCommitId: string | null;
  readonly createdAt: number;
  readonly schemaIdentity: string;
}

export interface SidecarOwner {
  readonly host: string;
  readonly pid: number;
}

/** The durable record of an operation, written before its first effect (RC-10 … RC-13). */
export interface Sidecar {
  /** ULID; also the `tx_id` of the commit. */
  readonly operationId: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  /** Null = main. */
  readonly branch: string | null;
  readonly actorId: string | null;
  readonly writerKind: SidecarWriterKind;
  readonly phase: "armed" | "effects_confirmed";
  /** Effects that only a confirmation can prove complete (RC-20). */
  readonly requiresConfirmation: boolean;
  readonly leaseEpoch: number | null;
  /** The process that wrote it; where leases are off, only its end frees the sidecar for others. */
  readonly owner: SidecarOwner | null;
  readonly pins: readonly SidecarPin[];
  readonly intendedCommit: IntendedCommit | null;
}

export function encodeSidecar(sidecar: Sidecar): string {
  const document: Record<string, Json> = {
    schema_version: SIDECAR_VERSION,
    operation_id: sidecar.operationId,
    started_at: sidecar.startedAt,
    branch: sidecar.branch,
    actor_id: sidecar.actorId,
    writer_kind: sidecar.writerKind,
    phase: sidecar.phase,
    requires_confirmation: sidecar.requiresConfirmation,
    lease_epoch: sidecar.leaseEpoch,
    owner: sidecar.owner === null ? null : { host: sidecar.owner.host, pid: sidecar.owner.pid },
    tables: sidecar.pins.map(encodePin),
  };
  if (sidecar.intendedCommit !== null) document["intended_commit"] = encodeIntent(sidecar.intendedCommit, sidecar.operationId);
  return `${compactJson(document)}\n`;
}

/** @throws SidecarUnreadableError for malformed text and for sidecars of a newer engine (RC-14) */
export function decodeSidecar(operationId: string, text: string): Sidecar {
  try {
    const record = JsonRecord.parse(text);
    const version = record.count("schema_version");
    if (version !== SIDECAR_VERSION) throw newerSidecar(operationId, version);
    const intent = record.recordOrNull("intended_commit");
    const owner = record.recordOrNull("owner");
    return {
      operationId: expectOperationId(record.text("operation_id"), operationId),
      startedAt: record.text("started_at"),
      branch: record.textOrNull("branch"),
      actorId: record.textOrNull("actor_id"),
      writerKind: decodeWriterKind(record.text("writer_kind")),
      phase: record.textOrNull("phase") === "effects_confirmed" ? "effects_confirmed" : "armed",
      requiresConfirmation: record.isTrue("requires_confirmation"),
      leaseEpoch: record.countOrNull("lease_epoch"),
      owner: owner === null ? null : { host: owner.text("host"), pid: owner.count("pid") },
      pins: record.records("tables").map(decodePin),
      intendedCommit: intent === null ? null : decodeIntent(intent),
    };
  } catch (error) {
    if (!(error instanceof JsonShapeError)) throw error;
    const hint = "Have an operator review the file; it was kept, and writes are refused while it is there.";
    throw new SidecarUnreadableError(operationId, error.message, hint, error);
  }
}

function newerSidecar(operationId: string, version: number): SidecarUnreadableError {
  const problem = `it has version ${version}, this engine reads version ${SIDECAR_VERSION}`;
  return new SidecarUnreadableError(operationId, problem, "Upgrade omnigraph, or have an operator review the file.");
}

function expectOperationId(stored: string, fromName: string): string {
  if (stored !== fromName) throw new JsonShapeError(`it belongs to operation '${stored}'`);
  return stored;
}

function decodeWriterKind(kind: string): SidecarWriterKind {
  if (kind === "Mutation" || kind === "Load") return kind;
  throw new JsonShapeError(`unknown writer kind '${kind}'`);
}

function encodePin(pin: SidecarPin): Json {
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
  if (pin.confirmedVersion !== null) item["confirmed_version"] = pin.confirmedVersion;
  return item;
}

function decodePin(item: JsonRecord): SidecarPin {
  return {
    typeKey: item.text("table_key"),
    typeId: item.identity("stable_table_id"),
    incarnationId: item.identity("table_incarnation_id"),
    directory: item.text("table_path"),
    nativeBranch: item.textOrNull("table_branch"),
    expectedVersion: item.count("expected_version"),
    plannedVersion: item.count("post_commit_pin"),
    confirmedVersion: item.countOrNull("confirmed_version"),
    entityCountAfter: item.count("row_count"),
    fragmentCountAfter: item.count("fragment_count"),
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
