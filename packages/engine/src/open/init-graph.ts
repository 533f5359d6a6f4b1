import { compactJson } from "@omnigraphdb/common";
import { type AcceptedSchema, createAcceptedSchema, type EntityType } from "@omnigraphdb/compiler";
import { FAILPOINT } from "../failpoints.js";
import { CURRENT_FORMAT_VERSION } from "../manifest/format-version.js";
import { JsonRecord, JsonShapeError } from "../manifest/json-record.js";
import { encodeCommitRow, encodeGraphRow, encodeHeadRow, encodeRegistryRow, implicitRegistry } from "../manifest/manifest-codec.js";
import { type CommitRecord, type DatasetPin, MAIN_INCARNATION } from "../manifest/manifest.js";
import type { DatasetLocation, ManifestRow } from "../storage/dataset-gateway.js";
import { datasetSchemaOf } from "../storage/dataset-schema.js";
import { datasetDirectory } from "../storage/layout.js";
import {
  AlreadyInitializedError,
  InitializationClaimedError,
  InitializationCommittedError,
  InitializationIndeterminateError,
} from "./errors.js";
import { type AccessOptions, accessRoot, type RootAccess } from "./root-access.js";

export interface InitOptions extends AccessOptions {
  /** Replace schema files left at a root without a manifest, and a claim left by a dead process (OP-3). Never a graph. */
  readonly force?: boolean;
}

/** Artefacts of this attempt, to be removed when it fails before the manifest exists (OP-4). */
interface Created {
  hasSchemaFiles: boolean;
  readonly datasets: DatasetLocation[];
}

/**
 * Creates a graph (OP-1 … OP-6): claim, schema files, empty datasets, manifest, in this order. The graph exists from the
 * creation of the manifest on; a failure before leaves nothing behind.
 *
 * @throws CompileError before anything is touched; AlreadyInitializedError, InitializationClaimedError,
 *   InitializationCommittedError, InitializationIndeterminateError
 */
export async function initGraph(uri: string, schemaSource: string, options: InitOptions = {}): Promise<void> {
  const access = await accessRoot(uri, options);
  try {
    const schema = createAcceptedSchema(schemaSource, { identityDomain: access.components.ids.ulid() });
    await refuseExisting(access, options.force === true);
    await access.objects.probeCreateIfAbsent(access.uri);
    await claimRoot(access, options.force === true);
    await createClaimed(access, schema, options.force === true);
  } finally {
    access.storage.close();
  }
}

async function refuseExisting({ storage, schemas, uri }: RootAccess, isForced: boolean): Promise<void> {
  if (await storage.manifest.exists()) throw new AlreadyInitializedError(uri, "its manifest", "Open the graph instead.");
  const [file] = isForced ? [] : await schemas.listExisting();
  if (file !== undefined) {
    throw new AlreadyInitializedError(uri, file.slice(file.lastIndexOf("/") + 1), "Use force to replace schema files that belong to no graph.");
  }
}

async function claimRoot(access: RootAccess, isForced: boolean): Promise<void> {
  const { objects, layout, components, uri } = access;
  const { host, pid } = components.process;
  const claim = compactJson({ claim_id: components.ids.ulid(), host, pid });
  for (;;) {
    if (await objects.writeTextIfAbsent(layout.initClaim, claim)) return;
    const text = await objects.readTextIfExists(layout.initClaim);
    if (text === null) continue;
    if (!isForced || !isClaimOfDeadProcess(text, access)) throw new InitializationClaimedError(uri, describeClaim(text));
    await objects.delete(layout.initClaim);
  }
}

function isClaimOfDeadProcess(text: string, { components }: RootAccess): boolean {
  const claim = readClaim(text);
  if (claim === undefined) return true;
  return claim.host === components.process.host && !components.process.isAlive(claim.pid);
}

function describeClaim(text: string): string {
  const claim = readClaim(text);
  return claim === undefined ? "its claim is damaged" : `process ${claim.pid} on ${claim.host}`;
}

function readClaim(text: string): { readonly host: string; readonly pid: number } | undefined {
  try {
    const record = JsonRecord.parse(text);
    return { host: record.text("host"), pid: record.count("pid") };
  } catch (error) {
    if (error instanceof JsonShapeError) return undefined;
    throw error;
  }
}

/** From the claim on: nobody else creates a graph here. */
async function createClaimed(access: RootAccess, schema: AcceptedSchema, isForced: boolean): Promise<void> {
  const { components, objects, layout, storage, uri } = access;
  const created: Created = { hasSchemaFiles: false, datasets: [] };
  let isManifestAttempted = false;
  try {
    // Another init may have finished between the first look and the claim.
    await refuseExisting(access, isForced);
    const pins = await createArtefacts(access, schema, created);
    const rows = genesisRows(access, schema, pins);
    isManifestAttempted = true;
    await storage.manifest.create(rows);
  } catch (error) {
    if (!isManifestAttempted || !(await isManifestThere(access, error))) {
      await removeArtefacts(access, created);
      throw error;
    }
  }
  try {
    await components.failpoints.hit(FAILPOINT.initAfterGenesis);
    await objects.delete(layout.initClaim);
  } catch (cause) {
    throw new InitializationCommittedError(uri, cause);
  }
}

async function createArtefacts(access: RootAccess, schema: AcceptedSchema, created: Created): Promise<readonly DatasetPin[]> {
  const { schemas, storage, components } = access;
  created.hasSchemaFiles = true;
  await schemas.create(schema, () => components.failpoints.hit(FAILPOINT.initAfterSchemaSource));
  await components.failpoints.hit(FAILPOINT.initAfterSchemaContract);
  const pins: DatasetPin[] = [];
  for (const type of [...schema.catalog.edgeTypes, ...schema.catalog.nodeTypes]) {
    const location = locationOf(type);
    created.datasets.push(location);
    // A dataset at a root without manifest belongs to no graph; its directory is named by fresh ids of this one.
    if (await storage.administration.exists(location)) await storage.administration.drop(location);
    const publishedVersion = await storage.administration.createEmpty(location, datasetSchemaOf(type));
    const { typeKey, typeId, incarnationId } = type;
    pins.push({ typeKey, typeId, incarnationId, location, publishedVersion, entityCount: 0, fragmentCount: 0, revisionFloor: 0 });
  }
  return pins;
}

function locationOf(type: EntityType): DatasetLocation {
  const { kind, typeId, incarnationId } = type;
  return { directory: datasetDirectory({ kind, typeId, incarnationId }), nativeBranch: null };
}

/** All first rows, written by one create: there is never a manifest without its genesis commit (MAN-34). */
function genesisRows({ components, identity }: RootAccess, schema: AcceptedSchema, pins: readonly DatasetPin[]): readonly ManifestRow[] {
  const { ids, clock } = components;
  const stamp = { txId: ids.ulid(), createdAt: clock.nowMicros() };
  const record: CommitRecord = {
    txId: stamp.txId,
    incarnation: MAIN_INCARNATION,
    commit: {
      graphCommitId: ids.ulid(),
      graphBranch: null,
      graphManifestVersion: 1,
      parentCommitId: null,
      mergedParentCommitId: null,
      actorId: null,
      createdAt: stamp.createdAt,
    },
    schemaIdentity: schema.irHash,
    registrations: pins.map((pin) => pin.typeKey),
    tombstones: [],
    pins: new Map(pins.map((pin) => [pin.typeKey, pin])),
    pinBaseKey: null,
    recovery: null,
  };
  const graph = { sequence: 1, formatVersion: CURRENT_FORMAT_VERSION, graphId: ids.ulid(), rootUri: identity };
  return [
    encodeGraphRow(graph, stamp),
    encodeRegistryRow({ ...implicitRegistry(), sequence: 1 }, stamp),
    encodeHeadRow(record, stamp),
    encodeCommitRow(record, undefined),
  ];
}

/** @throws InitializationIndeterminateError when even that cannot be told; then the claim stays (OP-5) */
async function isManifestThere({ storage, uri }: RootAccess, createError: unknown): Promise<boolean> {
  try {
    return await storage.manifest.exists();
  } catch {
    throw new InitializationIndeterminateError(uri, createError);
  }
}

/** Removes what this attempt created. Failures are logged; the caller reports the original error (OP-4). */
async function removeArtefacts(access: RootAccess, created: Created): Promise<void> {
  const { objects, layout, storage, components } = access;
  const removals = created.datasets.map((location) => () => storage.administration.drop(location));
  if (created.hasSchemaFiles) {
    for (const uri of [layout.schemaState, layout.schemaIr, layout.schemaSource]) removals.push(() => objects.delete(uri));
  }
  removals.push(() => objects.delete(layout.initClaim));
  for (const remove of removals) {
    try {
      await remove();
    } catch (error) {
      components.logger.warn("clean-up after a failed init failed", { error });
    }
  }
}
