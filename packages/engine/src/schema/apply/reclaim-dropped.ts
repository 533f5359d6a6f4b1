import type { Logger } from "@omnigraphdb/common";
import type { DatasetPin } from "../../manifest/manifest.js";
import type { DatasetAdministration, DatasetLocation } from "../../storage/dataset-gateway.js";
import type { StagedWrite } from "../../transaction/staged-write.js";
import type { WriteCoordinator, WriteView } from "../../transaction/write-coordinator.js";
import { branchGate, type WriteGates } from "../../transaction/write-gates.js";
import type { WriterLease } from "../../transaction/writer-lease.js";

export interface ReclaimParts {
  readonly writer: WriteCoordinator;
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
    {
      using _gate = await gates.acquire([branchGate(null)]);
      const hold = await lease.acquire();
      try {
        for (const location of dropped) await parts.administration.drop(location);
      } finally {
        hold.release();
      }
    }
    for (const { location } of narrowed) await removeOldVersions(parts, location);
  } catch (error) {
    logger.warn("dropped data could not be reclaimed; cleanup will do it", { error });
  }
}

/** Everything before the version that main shows. Under a sidecar, because the native call may move HEAD (SUB-12). */
async function removeOldVersions({ writer, administration }: ReclaimParts, location: DatasetLocation): Promise<void> {
  await writer.write({ branch: null, actorId: null, operation: "schema apply" }, async ({ state }) => {
    const pin = [...state.commit.pins.values()].find((candidate) => isSameLocation(candidate, location));
    const versions = await administration.listVersions(location);
    const published = versions.find(({ version }) => version === pin?.publishedVersion);
    if (pin === undefined || published === undefined) return { staged: undefined, result: undefined };
    const prune = { kind: "prune", beforeMs: published.createdAtMs, onPruned: () => undefined } as const;
    const dataset = { typeKey: pin.typeKey, strictness: "merge", effects: [prune], entityCountAfter: pin.entityCount } as const;
    return { staged: { writerKind: "Optimize", datasets: [dataset] }, result: undefined };
  });
}

function isSameLocation(pin: DatasetPin, { directory, nativeBranch }: DatasetLocation): boolean {
  return pin.location.directory === directory && pin.location.nativeBranch === nativeBranch;
}
