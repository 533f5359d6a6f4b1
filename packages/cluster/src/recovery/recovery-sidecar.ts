/** Intent records of graph operations of the control plane (cluster.md §10). */
import { prettyJson } from "@omnigraphdb/common";
import { type JsonMembers, JsonShapeError, readCount, readOneOf, readText } from "../storage/json-shape.js";

export const SIDECAR_VERSION = 1;

export interface RecoverySidecar {
  /** ULID, also the file name. */
  readonly operationId: string;
  readonly startedAt: string;
  readonly actor: string | null;
  readonly kind: "graph_create" | "schema_apply" | "graph_delete";
  /** Undefined only in records of other implementations: nobody can tell which graph they are about. */
  readonly graphId: string | undefined;
  readonly graphUri: string | undefined;
  readonly observedManifestVersion: number | null;
  readonly expectedManifestVersion: number | null;
  /** Empty for a delete. */
  readonly desiredSchemaDigest: string;
  readonly stateCasBase: string | null;
  readonly approvalId: string | null;
}

/** @throws JsonShapeError; a member that is not known is ignored: a change of meaning raises the version */
export function readSidecar(members: JsonMembers): RecoverySidecar {
  return {
    operationId: members.required("operation_id", readFileName),
    startedAt: members.required("started_at", readText),
    actor: members.optional("actor", readText) ?? null,
    kind: members.required("kind", readOneOf("graph_create", "schema_apply", "graph_delete")),
    graphId: members.optional("graph_id", readText),
    graphUri: members.optional("graph_uri", readText),
    observedManifestVersion: members.optional("observed_manifest_version", readCount) ?? null,
    expectedManifestVersion: members.optional("expected_manifest_version", readCount) ?? null,
    desiredSchemaDigest: members.optional("desired_schema_digest", readText) ?? "",
    stateCasBase: members.optional("state_cas_base", readText) ?? null,
    approvalId: members.optional("approval_id", readFileName) ?? null,
  };
}

/** Ids of operations and approvals name files, so they lead nowhere else. */
function readFileName(value: unknown, place: string): string {
  const text = readText(value, place);
  if (!/^[\w-]+$/.test(text)) throw new JsonShapeError(place, "is no id");
  return text;
}

export function encodeSidecar(sidecar: RecoverySidecar): string {
  return `${prettyJson({
    schema_version: SIDECAR_VERSION,
    operation_id: sidecar.operationId,
    started_at: sidecar.startedAt,
    actor: sidecar.actor,
    kind: sidecar.kind,
    graph_id: sidecar.graphId ?? null,
    graph_uri: sidecar.graphUri ?? null,
    observed_manifest_version: sidecar.observedManifestVersion,
    expected_manifest_version: sidecar.expectedManifestVersion,
    desired_schema_digest: sidecar.desiredSchemaDigest,
    state_cas_base: sidecar.stateCasBase,
    approval_id: sidecar.approvalId,
  })}\n`;
}
