import type { ClusterProblem } from "../cluster-problem.js";
import { JsonMembers, JsonShapeError, readCount, readFlag, readList, readOneOf, readStrict, readText } from "../storage/json-shape.js";
import { type ApprovalRecord, type EmbeddingProfile, type ExternalBlobPolicy, LEDGER_VERSION, type Ledger, type LedgerResource, type Observation, type RecoveryRecord, RESOURCE_STATUSES, type ResourceStatus } from "./ledger.js";
import { parseStrictJson } from "./strict-json.js";

const LEDGER_PATH = "__cluster/state.json";
const RESTORE = "Restore the ledger from a trusted copy, or move the file away and rebuild it with 'omnigraph cluster import'.";

/** @returns the ledger, or the one problem that makes it unusable: `invalid_state_json`, `unsupported_state_version` or `conflicting_graph_manifest_observation` */
export function parseLedger(text: string): Ledger | ClusterProblem {
  try {
    const members = new JsonMembers(parseStrictJson(text));
    const version = members.required("version", readCount);
    if (version !== LEDGER_VERSION) {
      return { code: "unsupported_state_version", path: LEDGER_PATH, text: `the ledger has version ${version}, this program reads ${LEDGER_VERSION}. Use the program that wrote it.` };
    }
    return readLedger(members);
  } catch (error) {
    if (error instanceof SyntaxError) return { code: "invalid_state_json", path: LEDGER_PATH, text: `the ledger is not JSON. ${RESTORE}` };
    if (error instanceof ObservationConflict) return { code: "conflicting_graph_manifest_observation", path: error.message, text: `'manifest_version' and 'graph_manifest_version' differ. ${RESTORE}` };
    if (!(error instanceof JsonShapeError)) throw error;
    return { code: "invalid_state_json", path: LEDGER_PATH, text: `${error.message}. ${RESTORE}` };
  }
}

export function isLedger(parsed: Ledger | ClusterProblem): parsed is Ledger {
  return "resources" in parsed;
}

class ObservationConflict extends Error {}

const EMPTY: ReadonlyMap<string, never> = new Map<string, never>();

function readLedger(members: JsonMembers): Ledger {
  const ledger: Ledger = {
    stateRevision: members.required("state_revision", readRevision),
    ...members.required(
      "applied_revision",
      readStrict((applied) => ({
        configDigest: applied.optional("config_digest", readText) ?? null,
        resources: applied.required("resources", readMap(readStrict(readResource))),
      })),
    ),
    statuses: members.optional("resource_statuses", readMap(readStrict(readStatus))) ?? EMPTY,
    approvals: members.optional("approval_records", readMap(readStrict(readApproval))) ?? EMPTY,
    recoveries: members.optional("recovery_records", readMap(readStrict(readRecovery))) ?? EMPTY,
    observations: members.optional("observations", readMap(readStrict(readObservation))) ?? EMPTY,
  };
  members.end();
  return ledger;
}

/** The next one has to be a number that can be read, too. */
function readRevision(value: unknown, place: string): number {
  const revision = readCount(value, place);
  if (revision >= Number.MAX_SAFE_INTEGER) throw new JsonShapeError(place, "is too large");
  return revision;
}

function readMap<T>(read: (value: unknown, place: string) => T): (value: unknown, place: string) => ReadonlyMap<string, T> {
  return (value, place) => new JsonMembers(value, place).map(read);
}

function readResource(members: JsonMembers): LedgerResource {
  const appliesTo = members.optional("applies_to", readList(readText));
  const provider = members.optional("embedding_provider", readText);
  const profile = members.optional("embedding_profile", readStrict(readProfile));
  const blobPolicy = members.optional("external_blob_policy", readStrict(readBlobPolicy));
  return {
    digest: members.required("digest", readText),
    ...(appliesTo === undefined ? {} : { applies_to: appliesTo }),
    ...(provider === undefined ? {} : { embedding_provider: provider }),
    ...(profile === undefined ? {} : { embedding_profile: profile }),
    ...(blobPolicy === undefined ? {} : { external_blob_policy: blobPolicy }),
  };
}

function readProfile(members: JsonMembers): EmbeddingProfile {
  const kind = members.required("kind", readText);
  const baseUrl = members.optional("base_url", readText);
  const model = members.optional("model", readText);
  const apiKey = members.optional("api_key", readText);
  return {
    kind,
    ...(baseUrl === undefined ? {} : { base_url: baseUrl }),
    ...(model === undefined ? {} : { model }),
    ...(apiKey === undefined ? {} : { api_key: apiKey }),
  };
}

function readBlobPolicy(members: JsonMembers): ExternalBlobPolicy {
  const readBase = readStrict((base) => ({ uri: base.required("uri", readText), scope: base.required("scope", readOneOf("server_safe", "embedded_only")) }));
  return { mode: members.required("mode", readOneOf("allow")), bases: members.required("bases", readList(readBase)) };
}

function readStatus(members: JsonMembers): ResourceStatus {
  const conditions = members.optional("conditions", readList(readText));
  const message = members.optional("message", readText);
  return {
    status: members.required("status", readOneOf(...RESOURCE_STATUSES)),
    ...(conditions === undefined ? {} : { conditions }),
    ...(message === undefined ? {} : { message }),
  };
}

function readApproval(members: JsonMembers): ApprovalRecord {
  return { consumed_at: members.required("consumed_at", readText), consumed_by_operation: members.required("consumed_by_operation", readText) };
}

function readRecovery(members: JsonMembers): RecoveryRecord {
  return {
    kind: members.required("kind", readText),
    graph_id: members.required("graph_id", readText),
    outcome: members.required("outcome", readText),
    recovered_at: members.required("recovered_at", readText),
    actor: members.optional("actor", readText) ?? null,
  };
}

function readObservation(members: JsonMembers): Observation {
  const kind = members.required("kind", readOneOf("graph", "tombstone"));
  if (kind === "tombstone") {
    return {
      kind,
      deleted_at: members.required("deleted_at", readText),
      approval_id: members.optional("approval_id", readText) ?? null,
      actor: members.optional("actor", readText) ?? null,
    };
  }
  const version = members.optional("graph_manifest_version", readCount);
  // The spelling of the first version.
  const formerVersion = members.optional("manifest_version", readCount);
  if (version !== undefined && formerVersion !== undefined && version !== formerVersion) throw new ObservationConflict(members.placeOf("manifest_version"));
  return {
    kind,
    address: members.required("address", readText),
    graph_uri: members.required("graph_uri", readText),
    observed_at: members.required("observed_at", readText),
    exists: members.required("exists", readFlag),
    graph_manifest_version: version ?? formerVersion ?? null,
    schema_digest: members.optional("schema_digest", readText) ?? null,
    desired_schema_digest: members.optional("desired_schema_digest", readText) ?? null,
    schema_matches_desired: members.optional("schema_matches_desired", readFlag) ?? null,
    error: members.optional("error", readText) ?? null,
  };
}
