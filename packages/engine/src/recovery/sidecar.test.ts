import { expect, test } from "vitest";
import type { DatasetPin } from "../manifest/manifest.js";
import { SidecarUnreadableError } from "./errors.js";
import { decodeSidecar, encodeSidecar, type Sidecar } from "./sidecar.js";

const ID = "01JZ0V9M3XK7B1N5Q8R2T4W6YZ";

const ARMED: Sidecar = {
  operationId: ID,
  startedAt: "2026-06-15T09:12:44.318Z",
  branch: null,
  incarnation: "main",
  actorId: "act-maria",
  writerKind: "Load",
  phase: "armed",
  requiresConfirmation: true,
  leaseEpoch: 3,
  owner: { host: "h", pid: 42 },
  pins: [
    {
      typeKey: "node:Author",
      typeId: 18446744073709551615n,
      incarnationId: 7n,
      directory: "nodes/ffffffffffffffff-0000000000000007",
      nativeBranch: null,
      forkedFrom: null,
      expectedVersion: 5,
      plannedVersion: 6,
      confirmedVersion: null,
      entityCountAfter: 12,
      fragmentCountAfter: 2,
      revisionFloor: 0,
    },
  ],
  registrations: [],
  renames: [],
  tombstones: [],
  pointers: [],
  intendedCommit: {
    graphCommitId: ID,
    graphManifestVersion: 9,
    parentCommitId: ID,
    mergedParentCommitId: null,
    createdAt: 1780000000123456,
    schemaIdentity: "sha256:00",
  },
  members: [],
};

test("RC-10 RC-13 a sidecar survives encoding, armed and confirmed", () => {
  expect(decodeSidecar(ID, encodeSidecar(ARMED))).toEqual(ARMED);
  const confirmed: Sidecar = {
    ...ARMED,
    phase: "effects_confirmed",
    pins: ARMED.pins.map((pin) => ({ ...pin, nativeBranch: "g1", confirmedVersion: 8 })),
  };
  expect(decodeSidecar(ID, encodeSidecar(confirmed))).toEqual(confirmed);
});

test("RC-10 RC-11 RC-12 the document has the names of the specification", () => {
  const document = JSON.parse(encodeSidecar(ARMED)) as Record<string, unknown>;
  expect(document).toMatchObject({
    schema_version: 1,
    operation_id: ID,
    started_at: "2026-06-15T09:12:44.318Z",
    branch: null,
    actor_id: "act-maria",
    writer_kind: "Load",
    tables: [{ table_key: "node:Author", table_path: "nodes/ffffffffffffffff-0000000000000007", expected_version: 5, post_commit_pin: 6 }],
    intended_commit: { tx_id: ID, graph_commit_id: ID, graph_manifest_version: 9, created_at: 1780000000123456 },
  });
});

const POINTER: DatasetPin = {
  typeKey: "node:Book",
  typeId: 4n,
  incarnationId: 9n,
  location: { directory: "nodes/4", nativeBranch: null },
  publishedVersion: 12,
  entityCount: 3,
  fragmentCount: 1,
  revisionFloor: 11,
};

const EVERYTHING: Sidecar = {
  ...ARMED,
  branch: "review",
  incarnation: ID,
  writerKind: "SchemaApply",
  pins: ARMED.pins.map((pin) => ({ ...pin, nativeBranch: "g2", forkedFrom: { nativeBranch: null, version: 5 }, revisionFloor: 4 })),
  registrations: [{ typeKey: "node:Tag", typeId: 9n, incarnationId: 10n, directory: "nodes/9", version: null }],
  renames: [{ from: "node:Author", to: "node:Writer" }],
  tombstones: [{ typeKey: "node:Shelf", typeId: 3n, incarnationId: 5n, version: 4 }],
  pointers: [POINTER],
  intendedCommit: ARMED.intendedCommit === null ? null : { ...ARMED.intendedCommit, mergedParentCommitId: ID },
};

test("RC-12 RC-13 forks, registrations, renames, tombstones and pointers survive encoding", () => {
  expect(decodeSidecar(ID, encodeSidecar(EVERYTHING))).toEqual(EVERYTHING);
  const nested = { ...EVERYTHING, pins: EVERYTHING.pins.map((pin) => ({ ...pin, forkedFrom: { nativeBranch: "g1", version: 5 } })) };
  expect(decodeSidecar(ID, encodeSidecar(nested))).toEqual(nested);
  const confirmed = { ...EVERYTHING, registrations: EVERYTHING.registrations.map((item) => ({ ...item, version: 3 })) };
  expect(decodeSidecar(ID, encodeSidecar(confirmed))).toEqual(confirmed);
});

test("RC-11 RC-12 they have the names of the specification", () => {
  expect(JSON.parse(encodeSidecar(EVERYTHING))).toMatchObject({
    branch: "review",
    tables: [{ table_key: "node:Author", table_branch: "g2", expected_version: 5 }],
    additional_registrations: [{ table_key: "node:Tag", table_path: "nodes/9" }],
    tombstones: [{ table_key: "node:Shelf", tombstone_version: 4 }],
    merge_source_commit_id: ID,
  });
});

test("WR-11 RC-14 the members of a group survive encoding, in a version of their own", () => {
  const member = (operationId: string, actorId: string | null): Sidecar["members"][number] => ({ operationId, actorId, graphCommitId: `c-${operationId}`, createdAt: 7, pins: ARMED.pins });
  const group: Sidecar = { ...ARMED, actorId: null, members: [member(ID, "act-maria"), member("01JZ0V9M3XK7B1N5Q8R2T4W6Z0", null)] };
  expect(decodeSidecar(ID, encodeSidecar(group))).toEqual(group);
  expect(JSON.parse(encodeSidecar(group))).toMatchObject({ schema_version: 2, members: [{ tx_id: ID, actor_id: "act-maria" }, { actor_id: null }] });
});

test.each(["Mutation", "Load", "BranchMerge", "SchemaApply", "EnsureIndices", "Optimize"] as const)("RC-2 a sidecar of a %s is read", (writerKind) => {
  expect(decodeSidecar(ID, encodeSidecar({ ...ARMED, writerKind })).writerKind).toBe(writerKind);
});

test("RC-13 a sidecar without extensions follows the seed rules", () => {
  const text = JSON.stringify({
    schema_version: 1,
    operation_id: ID,
    started_at: "2026-06-15T09:12:44Z",
    branch: null,
    actor_id: null,
    writer_kind: "Mutation",
    tables: [],
  });
  expect(decodeSidecar(ID, text)).toMatchObject({ phase: "armed", requiresConfirmation: false, leaseEpoch: null, owner: null, intendedCommit: null });
});

test.each([
  ["", "JSON"],
  ["{", "in JSON"],
  ["[]", "not a JSON object"],
  ["{}", "schema_version"],
  [encodeSidecar(ARMED).replace('"Load"', '"Teleport"'), "unknown writer kind 'Teleport'"],
  [encodeSidecar(ARMED).replace(`"operation_id":"${ID}"`, '"operation_id":"other"'), "belongs to operation 'other'"],
  [encodeSidecar(ARMED).replace('"expected_version":5', '"expected_version":-1'), "expected_version"],
])("RC-14 unreadable text %j is refused, naming the sidecar", (text, problem) => {
  const decode = (): Sidecar => decodeSidecar(ID, text);
  expect(decode).toThrow(SidecarUnreadableError);
  expect(decode).toThrow(`__recovery/${ID}.json`);
  expect(decode).toThrow(problem);
});

test("RC-14 a newer version is refused with both numbers and advice", () => {
  const decode = (): Sidecar => decodeSidecar(ID, encodeSidecar(ARMED).replace('"schema_version":1', '"schema_version":3'));
  expect(decode).toThrow(/version 3.*up to 2/);
  try {
    decode();
  } catch (error) {
    expect((error as SidecarUnreadableError).hint).toMatch(/[Uu]pgrade omnigraph/);
  }
});
