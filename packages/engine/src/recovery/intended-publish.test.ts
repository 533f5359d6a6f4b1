import { expect, test } from "vitest";
import type { BranchState, DatasetPin } from "../manifest/manifest.js";
import { type IntendedChange, intendedPublish, intendedPublishes } from "./intended-publish.js";
import type { SidecarPin } from "./sidecar.js";

function shown(typeKey: string, typeId: bigint, changes: Partial<DatasetPin> = {}): DatasetPin {
  return {
    typeKey,
    typeId,
    incarnationId: 1n,
    location: { directory: `nodes/${typeId}`, nativeBranch: null },
    publishedVersion: 5,
    entityCount: 10,
    fragmentCount: 2,
    revisionFloor: 0,
    ...changes,
  };
}

const A = shown("node:A", 1n);
const B = shown("node:B", 2n);
const C = shown("node:C", 3n);

const STATE: BranchState = {
  branch: "review",
  graph: { sequence: 1, formatVersion: 3, graphId: "g", rootUri: "/g" },
  registry: { sequence: 1, branches: new Map() },
  head: { incarnation: "i", version: 7, commitId: "c7", commitKey: "commit/i/7" },
  commit: {
    txId: "t7",
    incarnation: "i",
    commit: {
      graphCommitId: "c7",
      graphBranch: "review",
      graphManifestVersion: 7,
      parentCommitId: "c6",
      mergedParentCommitId: null,
      actorId: null,
      createdAt: 1,
    },
    schemaIdentity: "old",
    registrations: [],
    tombstones: [],
    pins: new Map([A, B, C].map((pin) => [pin.typeKey, pin])),
    pinBaseKey: null,
    recovery: null,
  },
};

const NOTHING: IntendedChange = {
  operationId: "op",
  actorId: "act-a",
  pins: [],
  registrations: [],
  renames: [],
  tombstones: [],
  pointers: [],
  members: [],
  intendedCommit: {
    graphCommitId: "c8",
    graphManifestVersion: 8,
    parentCommitId: "c7",
    mergedParentCommitId: "s1",
    createdAt: 42,
    schemaIdentity: "new",
  },
};

function written({ typeKey, typeId, incarnationId, location, publishedVersion }: DatasetPin, changes: Partial<SidecarPin> = {}): SidecarPin {
  return {
    typeKey,
    typeId,
    incarnationId,
    directory: location.directory,
    nativeBranch: location.nativeBranch,
    forkedFrom: null,
    expectedVersion: publishedVersion,
    plannedVersion: publishedVersion + 1,
    confirmedVersion: null,
    entityCountAfter: 11,
    fragmentCountAfter: 3,
    revisionFloor: 0,
    ...changes,
  };
}

test("RC-35 RC-36 the commit keeps its id, time, actor and both parents, on exactly the head it is given", () => {
  expect(intendedPublish(NOTHING, STATE, new Map(), null)).toEqual({
    branch: "review",
    txId: "op",
    commit: { graphCommitId: "c8", mergedParentCommitId: "s1", actorId: "act-a", createdAt: 42 },
    updates: [],
    tombstones: [],
    schemaIdentity: "new",
    recovery: null,
    on: { kind: "exact", incarnation: "i", headCommitId: "c7" },
  });
});

test("RC-35 a dataset is published at its actual version, a fork at its own place, an entry at the version it is pointed to", () => {
  const fork = written(B, { nativeBranch: "g1", forkedFrom: { nativeBranch: null, version: 5 }, revisionFloor: 4 });
  const change = { ...NOTHING, pins: [written(A), fork], pointers: [{ ...C, publishedVersion: 9 }] };
  const { updates } = intendedPublish(change, STATE, new Map([["node:A", 8], ["node:B", 6]]), null);
  const after = { entityCount: 11, fragmentCount: 3 };
  expect(updates).toEqual([
    { pin: { ...C, publishedVersion: 9 }, expectedVersion: 5 },
    { pin: { ...A, publishedVersion: 8, ...after }, expectedVersion: 5 },
    { pin: { ...B, location: { ...B.location, nativeBranch: "g1" }, publishedVersion: 6, revisionFloor: 4, ...after }, expectedVersion: 5 },
  ]);
});

test("MAN-7 an entry that already shows what the operation wants is left out", () => {
  const same = written(A, { entityCountAfter: A.entityCount, fragmentCountAfter: A.fragmentCount });
  expect(intendedPublish({ ...NOTHING, pins: [same], pointers: [C] }, STATE, new Map([["node:A", 5]]), null).updates).toEqual([]);
});

test("SA-5 names are swapped, types appear and disappear, and the coordinates stay", () => {
  const change: IntendedChange = {
    ...NOTHING,
    pins: [written(A)],
    renames: [
      { from: "node:A", to: "node:B" },
      { from: "node:B", to: "node:A" },
    ],
    registrations: [{ typeKey: "node:C", typeId: 9n, incarnationId: 8n, directory: "nodes/9", version: 3 }],
    tombstones: [{ typeKey: "node:C", typeId: 3n, incarnationId: 1n, version: 6 }],
  };
  const { updates, tombstones } = intendedPublish(change, STATE, new Map([["node:A", 6]]), null);
  const first: DatasetPin = {
    ...shown("node:C", 9n),
    incarnationId: 8n,
    publishedVersion: 3,
    entityCount: 0,
    fragmentCount: 0,
  };
  expect(updates).toEqual([
    { pin: { ...A, typeKey: "node:B", publishedVersion: 6, entityCount: 11, fragmentCount: 3 }, expectedVersion: 5, replaces: "node:A" },
    { pin: { ...B, typeKey: "node:A" }, expectedVersion: 5, replaces: "node:B" },
    { pin: first, expectedVersion: 0 },
  ]);
  expect(tombstones).toEqual(change.tombstones);
});

test("RC-35 registrations and tombstones that are published already are skipped", () => {
  const change: IntendedChange = {
    ...NOTHING,
    registrations: [{ typeKey: "node:A", typeId: 1n, incarnationId: 1n, directory: "nodes/1", version: 5 }],
    tombstones: [{ typeKey: "node:D", typeId: 4n, incarnationId: 1n, version: 6 }],
  };
  expect(intendedPublish(change, STATE, new Map(), null)).toMatchObject({ updates: [], tombstones: [] });
});

test("WR-11 every member of a group publishes its own versions, each on top of the one before", () => {
  const pins = [{ ...written(A), plannedVersion: 6 }];
  const member = (operationId: string, plannedVersion: number): IntendedChange["members"][number] => ({
    operationId,
    actorId: `act-${operationId}`,
    graphCommitId: `c-${operationId}`,
    createdAt: plannedVersion,
    pins: [{ ...written(A), expectedVersion: plannedVersion - 1, plannedVersion, entityCountAfter: plannedVersion }],
  });
  const requests = intendedPublishes({ ...NOTHING, pins, members: [member("m1", 6), member("m2", 7)] }, STATE, new Map([["node:A", 7]]), null);
  expect(requests.map(({ txId, commit, updates }) => ({ txId, ...commit, updates: updates.map(({ pin, expectedVersion }) => [pin.publishedVersion, expectedVersion, pin.entityCount]) }))).toEqual([
    { txId: "m1", graphCommitId: "c-m1", mergedParentCommitId: "s1", actorId: "act-m1", createdAt: 6, updates: [[6, 5, 6]] },
    { txId: "m2", graphCommitId: "c-m2", mergedParentCommitId: "s1", actorId: "act-m2", createdAt: 7, updates: [[7, 6, 7]] },
  ]);
});
