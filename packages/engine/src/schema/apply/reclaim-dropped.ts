import type { Logger } from "@omnigraphdb/common";
import type { ManifestStore } from "../../manifest/manifest-store.js";
import type { DatasetPin } from "../../manifest/manifest.js";
import type { DatasetAdministration, DatasetLocation } from "../../storage/dataset-gateway.js";
import type { StagedWrite } from "../../transaction/staged-write.js";
import type { WriteView } from "../../transaction/write-coordinator.js";
import { branchGate, datasetGate, type WriteGates } from "../../transaction/write-gates.js";
import type { WriterLease } from "../../transaction/writer-lease.js";

export interface ReclaimParts {
  readonly manifest: ManifestStore;
  readonly administration: DatasetAdministration;
  readonly gates: WriteGates;
  readonly lease: WriterLease;
  readonly logger: Logger;
}

/**
 * Removes what a schema apply that allows data loss has dropped: the datasets of dropped types, and the versions of a dataset
 * that still show a dropped property (SA-7, §16.4). Best effort: the apply is committed, and a later cleanup removes the rest.
 */
export async function reclaimDropped(parts: ReclaimParts, before: WriteView, staged: StagedWrite): Promise<void> {
  const { gates, lease, logger } = parts;
  const dropped = (staged.schemaChange?.drops ?? []).flatMap((typeKey) => before.snapshot.entries.get(typeKey)?.location ?? []);
  const narrowed = staged.datasets
    .filter(({ effects }) => effects.some((effect) => effect.kind === "dropColumns"))
    .flatMap(({ typeKey }) => before.snapshot.entries.get(typeKey) ?? []);
  if (dropped.length === 0 && narrowed.length === 0) return;
  try {
    using _gates = await gates.acquire([branchGate(null), ...narrowed.map(({ typeKey, location }) => datasetGate(typeKey, location.nativeBranch))]);
    const hold = await lease.acquire();
    try {
      for (const location of dropped) await parts.administration.drop(location);
      for (const { location } of narrowed) await removeOldVersions(parts, location);
    } finally {
      hold.release();
    }
  } catch (error) {
    logger.warn("dropped data could not be reclaimed; cleanup will do it", { error });
  }
}

/** Everything before the version that main shows. */
async function removeOldVersions({ manifest, administration, logger }: ReclaimParts, location: DatasetLocation): Promise<void> {
  const { commit } = await manifest.readState(null);
  const pin = [...commit.pins.values()].find((candidate) => isSameLocation(candidate, location));
  if (pin === undefined) return;
  const versions = await administration.listVersions(location);
  const published = versions.find(({ version }) => version === pin.publishedVersion);
  // A head that nobody published is for recovery or repair to explain.
  if (published === undefined || versions.at(-1)?.version !== pin.publishedVersion) return;
  const { headVersion } = await administration.prune(location, published.createdAtMs);
  if (headVersion !== pin.publishedVersion) logger.warn("removing old versions moved a dataset", { typeKey: pin.typeKey, headVersion });
}

function isSameLocation(pin: DatasetPin, { directory, nativeBranch }: DatasetLocation): boolean {
  return pin.location.directory === directory && pin.location.nativeBranch === nativeBranch;
}
