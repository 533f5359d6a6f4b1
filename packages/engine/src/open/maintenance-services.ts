import { BLOB_COMPACTION_IS_SAFE } from "../limits.js";
import { Cleaner } from "../maintenance/cleanup.js";
import { Optimizer } from "../maintenance/optimize.js";
import { OrphanForks } from "../maintenance/orphan-forks.js";
import { Repairer } from "../maintenance/repair.js";
import { runningReads } from "../maintenance/running-reads.js";
import type { CommitGraph } from "../commit-graph/commit-graph.js";
import { SidecarStore } from "../recovery/sidecar-store.js";
import type { RootAccess } from "./root-access.js";
import type { WriteServices } from "./write-services.js";

export interface MaintenanceServices {
  readonly optimizer: Optimizer;
  readonly repairer: Repairer;
  readonly cleaner: Cleaner;
}

/** Cheap, and rarely needed: made per call. */
export function makeMaintenanceServices(access: RootAccess, { writer, coordination }: WriteServices, commits: CommitGraph): MaintenanceServices {
  const { components, storage, objects, layout, manifest, settings, identity } = access;
  const { logger, failpoints } = components;
  const { datasets, administration } = storage;
  const sidecars = new SidecarStore(objects, layout, failpoints);
  const concurrency = settings.maintenanceConcurrency;
  const compactManifest = writer.compactManifest.bind(writer);
  const optimizer = new Optimizer({
    writer,
    sidecars,
    manifest,
    datasets,
    administration,
    compactsBlobs: BLOB_COMPACTION_IS_SAFE,
    compactManifest: () => compactManifest(),
    concurrency,
  });
  const repairer = new Repairer({ writer, sidecars, datasets, administration, concurrency });
  const cleaner = new Cleaner({
    writer,
    optimizer,
    orphanForks: new OrphanForks({ manifest, commits, sidecars, administration, logger, failpoints }),
    lease: coordination.lease,
    manifest,
    commits,
    sidecars,
    datasets,
    administration,
    objects,
    layout,
    compactManifest,
    runningReads: () => runningReads(identity),
    clock: components.leaseClock,
    concurrency,
    logger,
    failpoints,
  });
  return { optimizer, repairer, cleaner };
}
