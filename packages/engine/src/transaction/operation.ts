import { assert, must } from "@omnigraphdb/common";
import type { AcceptedSchema } from "@omnigraphdb/compiler";
import type { BranchState } from "../manifest/manifest.js";
import type { IntendedChange } from "../recovery/intended-publish.js";
import type { IntendedCommit, Sidecar, SidecarMember, SidecarOwner, SidecarPin } from "../recovery/sidecar.js";
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

/** Operations that share one sidecar and one publish, in the order of their commits (WR-11); nearly always one. */
export type OperationGroup = readonly [Operation, ...Operation[]];

/** Native versions after the effects of one operation, by type key. */
export interface PerformedEffects {
  readonly datasets: ReadonlyMap<string, number>;
  readonly registrations: ReadonlyMap<string, number>;
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
    members: [],
  };
}

/** The sidecar of W11. */
export function armedSidecarOf(operations: OperationGroup, owner: SidecarOwner, durability: Durability): Sidecar & IntendedChange {
  const [operation, ...others] = operations;
  const { captured, staged, plan, lease } = operation;
  const { writerKind } = staged;
  assert(writerKind !== "Repair", "a repair moves no dataset");
  const change = intendedChangeOf(operation);
  return {
    ...change,
    ...(others.length === 0 ? {} : { pins: joinPins(operations), members: operations.map(sidecarMember), actorId: commonActor(operations) }),
    startedAt: new Date(Math.floor(operation.createdAt / 1000)).toISOString(),
    branch: captured.state.branch,
    incarnation: captured.state.head.incarnation,
    writerKind,
    phase: "armed",
    // How far a group has come, versions do not say. Without a lease another writer may be about to give the same version to the same dataset. And after a loss of power a version may
    // be there without its content, until the confirmation says that it was synced (ST-21).
    requiresConfirmation: others.length > 0 || plan.requiresConfirmation || lease.epoch === null || durability === "power",
    leaseEpoch: lease.epoch,
    owner,
  };
}

/**
 * The sidecar of W13: from here a roll-forward needs nothing else (RC-21).
 *
 * @param versions after the effects, for each operation in order
 */
export function confirmedSidecarOf<T extends Sidecar>(sidecar: T, versions: readonly [PerformedEffects, ...PerformedEffects[]]): T {
  const final = new Map(versions.flatMap(({ datasets }) => [...datasets]));
  return {
    ...sidecar,
    phase: "effects_confirmed",
    pins: sidecar.pins.map((pin) => confirmedPin(pin, final)),
    registrations: sidecar.registrations.map((registration) => ({
      ...registration,
      version: must(versions[0].registrations.get(registration.typeKey), `${registration.typeKey} was created`),
    })),
    members: sidecar.members.map((member, index) => {
      const own = must(versions[index], "every member was performed").datasets;
      return { ...member, pins: member.pins.map((pin) => confirmedPin(pin, own)) };
    }),
  };
}

function confirmedPin(pin: SidecarPin, versions: ReadonlyMap<string, number>): SidecarPin {
  return { ...pin, confirmedVersion: must(versions.get(pin.typeKey), `${pin.typeKey} was written`) };
}

/** What the members of a group do to each dataset together. */
function joinPins(operations: OperationGroup): readonly SidecarPin[] {
  const joined = new Map<string, SidecarPin>();
  for (const pin of operations.flatMap(({ plan }) => plan.datasets.map(sidecarPin))) {
    const { expectedVersion } = joined.get(pin.typeKey) ?? pin;
    joined.set(pin.typeKey, { ...pin, expectedVersion });
  }
  return [...joined.values()].sort((left, right) => (left.typeKey < right.typeKey ? -1 : 1));
}

function sidecarMember({ id, actorId, graphCommitId, createdAt, plan }: Operation): SidecarMember {
  return { operationId: id, actorId, graphCommitId, createdAt, pins: plan.datasets.map(sidecarPin) };
}

function commonActor(operations: OperationGroup): string | null {
  const [{ actorId }] = operations;
  return operations.every((operation) => operation.actorId === actorId) ? actorId : null;
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
