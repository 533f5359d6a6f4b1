import { joinUri } from "./uri.js";

/** Name of the manifest table inside the root (LAY-5). */
export const MANIFEST_TABLE = "__manifest";
const DATASET_SUFFIX = ".lance";
const STAGING_SUFFIX = ".staging";
const JSON_SUFFIX = ".json";

/** Addresses of every object below one graph root (spec/engine-storage.md §2). Built here only. */
export interface GraphLayout {
  readonly root: string;
  readonly schemaSource: string;
  readonly schemaIr: string;
  readonly schemaState: string;
  readonly schemaSourceStaging: string;
  readonly schemaIrStaging: string;
  readonly schemaStateStaging: string;
  readonly manifestDirectory: string;
  readonly nodesDirectory: string;
  readonly edgesDirectory: string;
  readonly recoveryDirectory: string;
  readonly auditDirectory: string;
  readonly schemasDirectory: string;
  readonly leaseDirectory: string;
  readonly cacheDirectory: string;
  readonly initClaim: string;
  readonly writerLease: string;
  /** Left by a process that waits for the lease (LE-4). */
  readonly writerLeaseWaiting: string;
  /** Held for the moment of a takeover (LE-7). */
  readonly writerLeaseTakeover: string;
  /** `__recovery/<ulid>.json` */
  recoverySidecar(operationId: string): string;
  /** `__audit/<ulid>.json` */
  auditRecord(recordId: string): string;
  /** `__schemas/<hex of the schema identity>.json`: the schemas of older versions (SN-10). */
  archivedSchema(irHash: string): string;
}

/** @param root a normalised root URI */
export function graphLayout(root: string): GraphLayout {
  const at = (child: string): string => joinUri(root, child);
  return {
    root,
    schemaSource: at("_schema.pg"),
    schemaIr: at("_schema.ir.json"),
    schemaState: at("__schema_state.json"),
    schemaSourceStaging: at(`_schema.pg${STAGING_SUFFIX}`),
    schemaIrStaging: at(`_schema.ir.json${STAGING_SUFFIX}`),
    schemaStateStaging: at(`__schema_state.json${STAGING_SUFFIX}`),
    manifestDirectory: at(`${MANIFEST_TABLE}${DATASET_SUFFIX}`),
    nodesDirectory: at("nodes"),
    edgesDirectory: at("edges"),
    recoveryDirectory: at("__recovery"),
    auditDirectory: at("__audit"),
    schemasDirectory: at("__schemas"),
    leaseDirectory: at("__lease"),
    cacheDirectory: at("__cache"),
    initClaim: at("__init_claim.json"),
    writerLease: at("__lease/writer.json"),
    writerLeaseWaiting: at("__lease/waiting.json"),
    writerLeaseTakeover: at("__lease/takeover.json"),
    recoverySidecar: (operationId) => at(`__recovery/${operationId}${JSON_SUFFIX}`),
    auditRecord: (recordId) => at(`__audit/${recordId}${JSON_SUFFIX}`),
    archivedSchema: (irHash) => at(`__schemas/${irHash.replace(/^sha256:/, "")}${JSON_SUFFIX}`),
  };
}

/** The transient object that proves create-if-absent (LAY-12). */
export function createIfAbsentProbe(root: string, probeId: string): string {
  return joinUri(root, `__create_if_absent_probe_${probeId}`);
}

/** The transient object that proves conditional replacement. */
export function conditionalReplaceProbe(root: string, probeId: string): string {
  return joinUri(root, `__conditional_replace_probe_${probeId}`);
}

/** Objects that mean nothing after a restart of the machine: leases, claims, probes. They need not survive one. */
export function isTransientObject(uri: string): boolean {
  return /\/(__lease\/[^/]+|__init_claim\.json|__(create_if_absent|conditional_replace)_probe_[^/]+)$/.test(uri);
}

/** The `<ulid>` of a listed `…/<ulid>.json`; undefined for residue and foreign objects (LAY-14). */
export function parseRecordId(uri: string): string | undefined {
  return /(?:^|\/)([0-9A-HJKMNP-TV-Z]{26})\.json$/.exec(uri)?.[1];
}

export interface DatasetDirectoryParts {
  readonly kind: "node" | "edge";
  readonly typeId: bigint;
  readonly incarnationId: bigint;
}

/** `nodes/<typeId:016x>-<incarnationId:016x>` or `edges/…` (LAY-6), without the suffix `.lance`. */
export function datasetDirectory(parts: DatasetDirectoryParts): string {
  const hex = (value: bigint): string => BigInt.asUintN(64, value).toString(16).padStart(16, "0");
  return `${parts.kind}s/${hex(parts.typeId)}-${hex(parts.incarnationId)}`;
}

export function parseDatasetDirectory(directory: string): DatasetDirectoryParts | undefined {
  const match = /^(node|edge)s\/([0-9a-f]{16})-([0-9a-f]{16})$/.exec(directory);
  if (match === null) return undefined;
  const [, kind, typeId, incarnationId] = match as unknown as [string, "node" | "edge", string, string];
  return { kind, typeId: BigInt(`0x${typeId}`), incarnationId: BigInt(`0x${incarnationId}`) };
}
