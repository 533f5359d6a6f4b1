import { assert, must } from "@omnigraphdb/common";
import type { AcceptedSchema } from "@omnigraphdb/compiler";
import type { BranchState } from "../manifest/manifest.js";
import type { IntendedChange } from "../recovery/intended-publish.js";
import type { IntendedCommit, Sidecar, SidecarOwner, SidecarPin } from "../recovery/sidecar.js";
import type { Durability } from "../storage/durability.js";
import type { EffectPlan, PlannedDataset } from "./plan-effects.js";
import type { StagedWrite } from "./staged-write.js";
import type { WriteView } from "./write-coordinator.js";
import type { LeaseHold } from "./writer-lease.js";

/** What W6 captured: the write is judged against this head and nothing newer. */
export interface CapturedView {
  readonly state: BranchState;
  readonly schema: AcceptedSchema;
  readonly view: WriteView;
}

/** A write on its way through W11 … W15. */
export interface Operation {
  /** ULID; names the sidecar and the transaction of the commit. */
  readonly id: string;
  readonly actorId: string | null;
  readonly captured: CapturedView;
  readonly staged: StagedWrite;
  readonly plan: EffectPlan;
  readonly graphCommitId: string;
  /** Unix time in microseconds. */
  readonly createdAt: number;
  readonly lease: LeaseHold;
}

/** What the operation will publish, as far as it is known before its effects. */
export function intendedChangeOf(operation: Operation): IntendedChange {
  const { plan } = operation;
  return {
    operationId: operation.id,
    actorId: operation.actorId,
    pins: plan.datasets.map(sidecarPin),
    registrations: (plan.schemaChange?.registrations ?? []).map(({ typeKey, typeId, incarnationId, directory }) => ({
      typeKey,
      typeId,
      incarnationId,
      directory,
      version: null,
    })),
    renames: plan.schemaChange?.renames ?? [],
    tombstones: plan.tombstones,
    pointers: plan.pointers,
    intendedCommit: intendedCommitOf(operation),
  };
}

/** The sidecar of W11. */
export function armedSidecarOf(operation: Operation, owner: SidecarOwner, durability: Durability): Sidecar & IntendedChange {
  const { captured, staged, plan, lease } = operation;
  const { writerKind } = staged;
  assert(writerKind !== "Repair", "a repair moves no dataset");
  return {
    ...intendedChangeOf(operation),
    startedAt: new Date(Math.floor(operation.createdAt / 1000)).toISOString(),
    branch: captured.state.branch,
    incarnation: captured.state.head.incarnation,
    writerKind,
    phase: "armed",
    // Without a lease another writer may be about to give the same version to the same dataset. And after a loss of power a version may
    // be there without its content, until the confirmation says that it was synced (ST-21).
    requiresConfirmation: plan.requiresConfirmation || lease.epoch === null || durability === "power",
    leaseEpoch: lease.epoch,
    owner,
  };
}

/** The sidecar of W13: from here a roll-forward needs nothing else (RC-21). */
export function confirmedSidecarOf<T extends Sidecar>(
  sidecar: T,
  versions: { readonly datasets: ReadonlyMap<string, number>; readonly registrations: ReadonlyMap<string, number> },
): T {
  return {
    ...sidecar,
    phase: "effects_confirmed",
    pins: sidecar.pins.map((pin) => ({ ...pin, confirmedVersion: must(versions.datasets.get(pin.typeKey), `${pin.typeKey} was written`) })),
    registrations: sidecar.registrations.map((registration) => ({
      ...registration,
      version: must(versions.registrations.get(registration.typeKey), `${registration.typeKey} was created`),
    })),
  };
}

function sidecarPin(planned: PlannedDataset): SidecarPin {
  const { pin, forkedFrom } = planned;
  return {
    typeKey: pin.typeKey,
    typeId: pin.typeId,
    incarnationId: pin.incarnationId,
    directory: pin.location.directory,
    nativeBranch: pin.location.nativeBranch,
    forkedFrom: forkedFrom === null ? null : { nativeBranch: forkedFrom.nativeBranch, version: pin.publishedVersion },
    expectedVersion: pin.publishedVersion,
    plannedVersion: planned.plannedVersion,
    confirmedVersion: null,
    entityCountAfter: planned.entityCountAfter,
    fragmentCountAfter: planned.fragmentCountAfter,
    revisionFloor: pin.revisionFloor,
  };
}

function intendedCommitOf({ captured, staged, graphCommitId, createdAt }: Operation): IntendedCommit {
  const { state, schema } = captured;
  return {
    graphCommitId,
    graphManifestVersion: state.head.version + 1,
    parentCommitId: state.head.commitId,
    mergedParentCommitId: staged.mergedParentCommitId ?? null,
    createdAt,
    schemaIdentity: (staged.schemaChange?.accepted ?? schema).irHash,
  };
}
