import { must } from "@omnigraphdb/common";
import { isSamePin } from "../manifest/manifest-codec.js";
import type { BranchState, DatasetPin, RecoveryNote } from "../manifest/manifest.js";
import type { DatasetUpdate, PublishRequest } from "../manifest/publisher.js";
import type { IntendedCommit, Sidecar, SidecarMember, SidecarPin, SidecarRegistration } from "./sidecar.js";

/** What an operation makes of the branch: the part of its sidecar that the publish needs. */
export interface IntendedChange
  extends Pick<Sidecar, "operationId" | "actorId" | "pins" | "registrations" | "renames" | "tombstones" | "pointers" | "members"> {
  readonly intendedCommit: IntendedCommit;
}

/**
 * The publish of an operation whose effects are done: the same for the writer itself and for a roll-forward (RC-35), so what
 * recovery finishes cannot differ from what the writer would have published.
 *
 * The request holds on exactly `state`. Entries that already show what the operation wants are left out (MAN-7), so a
 * repeated attempt is harmless.
 *
 * @param actualVersions HEAD of each pin's dataset after the effects, by the type key of the pin. Registrations carry theirs.
 * @param recovery set by a roll-forward
 */
export function intendedPublish(
  change: IntendedChange,
  state: BranchState,
  actualVersions: ReadonlyMap<string, number>,
  recovery: RecoveryNote | null,
): PublishRequest {
  const { intendedCommit: intended } = change;
  const { pins } = state.commit;
  const newKeys = new Map(change.renames.map(({ from, to }) => [from, to]));
  const moved = new Map<string, DatasetPin>();
  for (const pointer of change.pointers) moved.set(pointer.typeKey, pointer);
  for (const pin of change.pins) {
    const actual = must(actualVersions.get(pin.typeKey), `the version of ${pin.typeKey} is known`);
    moved.set(pin.typeKey, pinAfter(pin, actual));
  }
  // A rename without a change of the dataset shows the same version under another key.
  for (const from of newKeys.keys()) {
    const shown = pins.get(from);
    if (shown !== undefined && !moved.has(from)) moved.set(from, shown);
  }
  const updates = [...moved]
    .map(([typeKey, pin]) => updateOf(typeKey, pin, newKeys.get(typeKey), pins))
    .filter(({ pin }) => !isSamePin(pin, pins.get(pin.typeKey)));
  const registered = change.registrations.filter((registration) => !isShown(registration, pins));
  return {
    branch: state.branch,
    txId: change.operationId,
    commit: {
      graphCommitId: intended.graphCommitId,
      mergedParentCommitId: intended.mergedParentCommitId,
      actorId: change.actorId,
      createdAt: intended.createdAt,
    },
    updates: [...updates, ...registered.map((registration) => ({ pin: firstPin(registration), expectedVersion: 0 }))],
    tombstones: change.tombstones.filter((tombstone) => isShown(tombstone, pins)),
    schemaIdentity: intended.schemaIdentity,
    recovery,
    on: { kind: "exact", incarnation: state.head.incarnation, headCommitId: state.head.commitId },
  };
}

/**
 * The publishes of an operation in their order: one, or one for each member of a group (WR-11). The versions of members are those of
 * their own pins.
 *
 * @param actualVersions, recovery as for {@link intendedPublish}; of a group the first commit carries the note
 */
export function intendedPublishes(
  change: IntendedChange,
  state: BranchState,
  actualVersions: ReadonlyMap<string, number>,
  recovery: RecoveryNote | null,
): readonly [PublishRequest, ...PublishRequest[]] {
  const [first, ...others] = change.members;
  if (first === undefined) return [intendedPublish(change, state, actualVersions, recovery)];
  const pins = new Map(state.commit.pins);
  const publish = (member: SidecarMember, note: RecoveryNote | null): PublishRequest => {
    const { operationId, actorId, graphCommitId, createdAt } = member;
    const base: BranchState = { ...state, commit: { ...state.commit, pins } };
    const intendedCommit = { ...change.intendedCommit, graphCommitId, createdAt };
    const versions = new Map(member.pins.map((pin) => [pin.typeKey, pin.confirmedVersion ?? pin.plannedVersion]));
    const request = intendedPublish({ ...change, operationId, actorId, pins: member.pins, intendedCommit }, base, versions, note);
    for (const { pin } of request.updates) pins.set(pin.typeKey, pin);
    return request;
  };
  return [publish(first, recovery), ...others.map((member) => publish(member, null))];
}

function updateOf(typeKey: string, pin: DatasetPin, newKey: string | undefined, pins: ReadonlyMap<string, DatasetPin>): DatasetUpdate {
  const expectedVersion = pins.get(typeKey)?.publishedVersion ?? 0;
  return newKey === undefined ? { pin, expectedVersion } : { pin: { ...pin, typeKey: newKey }, expectedVersion, replaces: typeKey };
}

function pinAfter(pin: SidecarPin, publishedVersion: number): DatasetPin {
  return {
    typeKey: pin.typeKey,
    typeId: pin.typeId,
    incarnationId: pin.incarnationId,
    location: { directory: pin.directory, nativeBranch: pin.nativeBranch },
    publishedVersion,
    entityCount: pin.entityCountAfter,
    fragmentCount: pin.fragmentCountAfter,
    revisionFloor: pin.revisionFloor,
  };
}

function firstPin(registration: SidecarRegistration): DatasetPin {
  const { typeKey, typeId, incarnationId, directory } = registration;
  const publishedVersion = must(registration.version, `the version of the new dataset of ${typeKey} is known`);
  return {
    typeKey,
    typeId,
    incarnationId,
    location: { directory, nativeBranch: null },
    publishedVersion,
    entityCount: 0,
    fragmentCount: 0,
    revisionFloor: 0,
  };
}

function isShown(coordinate: { readonly typeId: bigint; readonly incarnationId: bigint }, pins: ReadonlyMap<string, DatasetPin>): boolean {
  return [...pins.values()].some((pin) => pin.typeId === coordinate.typeId && pin.incarnationId === coordinate.incarnationId);
}
