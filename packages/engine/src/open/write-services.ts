import { CommitGraph } from "../commit-graph/commit-graph.js";
import { BranchOperations } from "../branches/branch-operations.js";
import { BranchRegistryStore } from "../manifest/branch-registry.js";
import { Publisher } from "../manifest/publisher.js";
import { RecoveryAuditLog } from "../recovery/recovery-audit.js";
import { Recovery } from "../recovery/recover.js";
import { SidecarStore } from "../recovery/sidecar-store.js";
import type { SchemaApplyParts } from "../schema/apply/apply-schema.js";
import { SchemaLock } from "../schema/apply/schema-lock.js";
import { BackgroundWork } from "../transaction/background-work.js";
import { CommitWriter } from "../transaction/commit-writer.js";
import { NativeEffects } from "../transaction/native-effects.js";
import { OperationPerformer } from "../transaction/operation-performer.js";
import { joinRoot, type RootCoordination } from "../transaction/root-coordination.js";
import { noLease, ObjectWriterLease, type WriterLease } from "../transaction/writer-lease.js";
import type { RootAccess } from "./root-access.js";

/** What only a read-write handle has. */
export interface WriteServices {
  readonly coordination: RootCoordination;
  readonly recovery: Recovery;
  readonly writer: CommitWriter;
  readonly branches: BranchOperations;
  readonly registry: BranchRegistryStore;
  readonly schemaApply: SchemaApplyParts;
  readonly background: BackgroundWork;
}

export function makeWriteServices(access: RootAccess): WriteServices {
  const { components, storage, objects, layout, manifest, format, schemas } = access;
  const { clock, ids, logger, failpoints } = components;
  const coordination = joinRoot(coordinationIdentity(access), () => makeLease(access));
  const { gates, lease } = coordination;
  const { datasets, administration } = storage;
  const sidecars = new SidecarStore(objects, layout, failpoints);
  const audits = new RecoveryAuditLog(objects, layout, failpoints);
  const publisher = new Publisher({ table: storage.manifest, store: manifest, format, failpoints });
  const registry = new BranchRegistryStore({ table: storage.manifest, store: manifest, format, clock });
  const recovery = new Recovery({
    sidecars,
    audits,
    manifest,
    publisher,
    registry,
    schemaLocks: coordination.schemaLocks,
    running: coordination.running,
    administration,
    schemas,
    gates,
    lease,
    process: components.process,
    clock,
    ids,
    logger,
    failpoints,
  });
  const background = new BackgroundWork(logger);
  const owner = { host: components.process.host, pid: components.process.pid };
  const performer = new OperationPerformer({
    manifest,
    publisher,
    schemas,
    sidecars,
    effects: new NativeEffects({ datasets, administration, sidecars, ids, logger, failpoints }),
    running: coordination.running,
    owner,
    durability: access.durability,
    logger,
    failpoints,
  });
  const writer = new CommitWriter({
    manifest,
    format,
    schemas,
    datasets,
    sidecars,
    recovery,
    performer,
    running: coordination.running,
    gates,
    lease,
    schemaLocks: coordination.schemaLocks,
    background,
    compactManifest: (keepMs) => storage.manifest.compact(keepMs),
    clock,
    ids,
    failpoints,
  });
  const compactManifest = (): Promise<unknown> => writer.compactManifest();
  const branches = new BranchOperations({ manifest, commits: new CommitGraph(manifest), registry, recovery, sidecars, administration, gates, lease, background, compactManifest, ids, logger, failpoints });
  const lock = new SchemaLock({ registry, manifest, held: coordination.schemaLocks, owner, ids, logger });
  const schemaApply = { writer, lock, schemas, manifest, administration, gates, lease, logger };
  return { coordination, recovery, writer, branches, registry, schemaApply, background };
}

/** Tests simulate several processes in one, each with its own identity: those must not share gates. */
function coordinationIdentity({ identity, components }: RootAccess): string {
  return `${components.process.host}:${components.process.pid}:${identity}`;
}

function makeLease(access: RootAccess): WriterLease {
  const { objects, layout, settings, components } = access;
  if (!settings.lease.isEnabled) return noLease;
  return new ObjectWriterLease({
    objects,
    layout,
    settings: settings.lease,
    waitMs: settings.writerWaitMs,
    clock: components.leaseClock,
    ids: components.ids,
    process: components.process,
    failpoints: components.failpoints,
    logger: components.logger,
  });
}
