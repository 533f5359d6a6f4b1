import { expect, test } from "vitest";
import { forkName } from "./fork-name.js";
import { findViolation } from "./invariants.js";
import type { CommitRecord, DatasetPin } from "./manifest.js";

function pin(typeKey: string, changes: Partial<DatasetPin> = {}): DatasetPin {
  return {
    typeKey,
    typeId: BigInt(typeKey.length),
    incarnationId: 1n,
    location: { directory: typeKey, nativeBranch: null },
    publishedVersion: 5,
    entityCount: 1,
    fragmentCount: 1,
    revisionFloor: 0,
    ...changes,
  };
}

function fork(incarnation: string): DatasetPin["location"] {
  return { directory: "node:A", nativeBranch: forkName(incarnation, OTHER_ULID) };
}

function record(version: number, pins: readonly DatasetPin[], changes: Partial<CommitRecord> = {}): CommitRecord {
  return {
    txId: `tx${version}`,
    incarnation: "main",
    commit: {
      graphCommitId: `c${version}`,
      graphBranch: null,
      graphManifestVersion: version,
      parentCommitId: `c${version - 1}`,
      mergedParentCommitId: null,
      actorId: null,
      createdAt: 1,
    },
    schemaIdentity: "s",
    registrations: [],
    tombstones: [],
    pins: new Map(pins.map((item) => [item.typeKey, item])),
    pinBaseKey: null,
    recovery: null,
    ...changes,
  };
}

const ULID = "01JZ0V9M3XK7B1N5Q8R2T4W6YZ";
const OTHER_ULID = "01JZ0V9M3XK7B1N5Q8R2T4W6Z0";
const A = pin("node:A");
const LONG = pin("node:Long");
const CURRENT = record(3, [A, LONG]);
const MOVED = pin("node:A", { publishedVersion: 6 });

test("a proper successor violates nothing", () => {
  expect(findViolation({ current: CURRENT, next: record(4, [MOVED, LONG]), updatedTypeKeys: ["node:A"] })).toBeUndefined();
  expect(findViolation({ current: CURRENT, next: record(4, [A, LONG]), updatedTypeKeys: [] })).toBeUndefined();
});

test("a version of a fork may be lower than the one of the lineage it leaves", () => {
  const incarnation = ULID;
  const forked = pin("node:A", { publishedVersion: 4, location: { directory: "node:A", nativeBranch: forkName(incarnation, OTHER_ULID) } });
  const next = record(4, [forked, LONG], { incarnation });
  expect(findViolation({ current: CURRENT, next, updatedTypeKeys: ["node:A"] })).toBeUndefined();
  const back = record(5, [pin("node:A", { publishedVersion: 9 }), LONG], { incarnation });
  expect(findViolation({ current: next, next: back, updatedTypeKeys: ["node:A"] })).toBeUndefined();
});

test("a renamed type keeps its coordinate, also when two types swap their names", () => {
  const swapped = [pin("node:A", { typeId: LONG.typeId }), pin("node:Long", { typeId: A.typeId })];
  expect(findViolation({ current: CURRENT, next: record(4, swapped), updatedTypeKeys: ["node:A", "node:Long"] })).toBeUndefined();
  const behind = [pin("node:B", { typeId: A.typeId, publishedVersion: 4 }), LONG];
  expect(findViolation({ current: CURRENT, next: record(4, behind), updatedTypeKeys: ["node:B"] })).toContain("go back");
});

const TOMBSTONE = { typeKey: "node:A", typeId: A.typeId, incarnationId: 1n, version: 6 };

test.each([
  ["G-5 a gap in the versions", record(5, [MOVED, LONG]), ["node:A"], "does not follow"],
  ["G-5 another parent", record(4, [MOVED, LONG], { commit: { ...record(4, []).commit, parentCommitId: "c9" } }), ["node:A"], "parent"],
  ["MAN-6 one coordinate twice", record(4, [MOVED, pin("node:B")]), ["node:A"], "pinned twice"],
  ["MAN-6 a pin filed under another name", record(4, [], { pins: new Map([["node:X", LONG]]) }), [], "filed under"],
  ["a zero identity", record(4, [pin("node:A", { typeId: 0n })]), ["node:A"], "zero identity"],
  ["a version that goes back", record(4, [pin("node:A", { publishedVersion: 4 }), LONG]), ["node:A"], "go back from version 5 to 4"],
  ["BR-5 a fork on main", record(4, [pin("node:A", { location: fork(ULID) }), LONG]), ["node:A"], "of somebody else"],
  ["BR-4 a fork of another branch", record(4, [pin("node:A", { location: fork(ULID) }), LONG], { incarnation: OTHER_ULID }), ["node:A"], "of somebody else"],
  ["MAN-7 an unchanged entry", record(4, [A, LONG]), ["node:A"], "unchanged"],
  ["MAN-5 a tombstone of something invisible", record(4, [A, LONG], { tombstones: [{ ...TOMBSTONE, incarnationId: 9n }] }), [], "not visible"],
  ["MAN-5 a tombstone with another version", record(4, [LONG], { tombstones: [{ ...TOMBSTONE, version: 9 }] }), [], "has version 9"],
  ["MAN-5 a tombstone that hides nothing", record(4, [A, LONG], { tombstones: [TOMBSTONE] }), [], "still visible"],
  ["MAN-5 a type that vanishes", record(4, [LONG]), [], "'node:A' would vanish"],
  ["MAN-6 a type renamed onto another one", record(4, [pin("node:Long", { typeId: A.typeId })]), ["node:Long"], "'node:Long' would vanish"],
  ["an operation id used again", record(4, [MOVED, LONG], { txId: "tx3" }), ["node:A"], "operation id"],
  ["a commit id used again", record(4, [MOVED, LONG], { commit: { ...record(4, []).commit, graphCommitId: "c3" } }), ["node:A"], "commit id"],
])("%s is named", (_name, next, updatedTypeKeys, violation) => {
  expect(findViolation({ current: CURRENT, next, updatedTypeKeys })).toContain(violation);
});
