import { expect, test } from "vitest";
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
  const decode = (): Sidecar => decodeSidecar(ID, encodeSidecar(ARMED).replace('"schema_version":1', '"schema_version":2'));
  expect(decode).toThrow(/version 2.*version 1/);
  try {
    decode();
  } catch (error) {
    expect((error as SidecarUnreadableError).hint).toMatch(/[Uu]pgrade omnigraph/);
  }
});
