import fc from "fast-check";
import { expect, test } from "vitest";
import { COMPLETE_PIN_SET_INTERVAL, COMPLETE_PIN_SET_TYPES_MAX } from "../limits.js";
import { ManifestCorruptError } from "./errors.js";
import { choosePinBase, decodeCommitRecords, decodeCommitRow, decodeCommitsOf, decodeGraphRow, decodeRegistryRow, encodeCommitRow, encodeGraphRow, encodeRegistryRow } from "./manifest-codec.js";
import type { CommitRecord, DatasetPin } from "./manifest.js";

const STAMP = { txId: "tx", createdAt: 1780000000123456 };

function pin(index: number, publishedVersion: number): DatasetPin {
  const name = `node:T${String(index).padStart(4, "0")}`;
  return {
    typeKey: name,
    typeId: BigInt(index + 1),
    incarnationId: 18446744073709551615n,
    location: { directory: `nodes/${index}`, nativeBranch: index % 7 === 0 ? "g1" : null },
    publishedVersion,
    entityCount: index * 3,
    fragmentCount: index,
    revisionFloor: index % 5,
  };
}

function record(version: number, pins: readonly DatasetPin[], pinBaseKey: string | null = null): CommitRecord {
  return {
    txId: `tx${version}`,
    incarnation: "main",
    commit: {
      graphCommitId: `c${version}`,
      graphBranch: null,
      graphManifestVersion: version,
      parentCommitId: version === 1 ? null : `c${version - 1}`,
      mergedParentCommitId: null,
      actorId: null,
      createdAt: 1780000000123456,
    },
    schemaIdentity: "sha256:0",
    registrations: [],
    tombstones: [{ typeKey: "node:Gone", typeId: 9n, incarnationId: 2n, version: 4 }],
    pins: new Map(pins.map((item) => [item.typeKey, item])),
    pinBaseKey,
    recovery: { operationId: "op", kind: "RolledBack", actorId: "a", writerKind: "Load", outcomes: [{ typeKey: "node:T", fromVersion: 6, toVersion: 5 }] },
  };
}

test("MAN-8 a commit row survives encoding with everything it shows", () => {
  const original = record(4, [pin(0, 3), pin(1, 9)]);
  expect(decodeCommitRow(encodeCommitRow(original, undefined), "main", undefined)).toEqual(original);
});

test("MAN-20 WR-11 the commits of a group survive in one row", () => {
  const first = record(4, [pin(0, 3), pin(1, 9)]);
  const follow = (version: number, pins: readonly DatasetPin[]): CommitRecord => ({ ...record(version, pins), tombstones: [], recovery: null });
  const followers = [follow(5, [pin(0, 3), pin(1, 10)]), follow(6, [pin(0, 4), pin(1, 10)])];
  const row = encodeCommitRow(first, undefined, followers);
  expect(decodeCommitRecords(row, "main", undefined)).toEqual([first, ...followers]);
  expect(decodeCommitsOf(row)).toEqual([first, ...followers].map(({ commit }) => commit));
});

test("MAN-24 a delta-encoded history decodes to the same pin sets, at most two rows each", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(COMPLETE_PIN_SET_TYPES_MAX + 20), { maxLength: 5 }), { minLength: 1, maxLength: COMPLETE_PIN_SET_INTERVAL * 2 }),
      (history) => {
        const initial = Array.from({ length: COMPLETE_PIN_SET_TYPES_MAX + 10 }, (_, index) => pin(index, 1));
        let previous = record(1, initial);
        const complete = new Map([["commit/main/1", previous]]);
        for (const [step, touched] of history.entries()) {
          const version = step + 2;
          const pins = new Map(previous.pins);
          for (const index of touched) pins.set(pin(index, 1).typeKey, pin(index, version));
          if (step % 10 === 9) pins.delete(pin(touched[0] ?? 0, 1).typeKey);
          const pinBaseKey = choosePinBase(previous, { incarnation: "main", pins, version });
          const next = record(version, [...pins.values()], pinBaseKey);
          const base = pinBaseKey === null ? undefined : complete.get(pinBaseKey);
          expect(pinBaseKey === null || base !== undefined).toBe(true);
          const decoded = decodeCommitRow(encodeCommitRow(next, base), "main", base);
          expect(new Set(decoded.pins)).toEqual(new Set(next.pins));
          expect(new Map(decoded.pins)).toEqual(new Map(next.pins));
          if (pinBaseKey === null) complete.set(`commit/main/${version}`, next);
          previous = next;
        }
      },
    ),
    { numRuns: 20, seed: 7 },
  );
});

test("MAN-24 small graphs store every pin set completely", () => {
  const pins = new Map([[pin(1, 2).typeKey, pin(1, 2)]]);
  expect(choosePinBase(record(1, [pin(1, 1)]), { incarnation: "main", pins, version: 2 })).toBeNull();
});

test("MAN-24 the first commit of a branch stands alone, whatever its source", () => {
  const many = Array.from({ length: COMPLETE_PIN_SET_TYPES_MAX + 10 }, (_, index) => pin(index, 1));
  const next = { pins: new Map(many.map((item) => [item.typeKey, item])), version: 2 };
  expect(choosePinBase(record(1, many), { incarnation: "main", ...next })).toBe("commit/main/1");
  expect(choosePinBase(record(1, many), { incarnation: "other", ...next })).toBeNull();
});

test("MIG-1 a graph row without a stamp is of the first format", () => {
  const row = encodeGraphRow({ sequence: 3, formatVersion: 2, graphId: "g", rootUri: "/r" }, STAMP);
  expect(decodeGraphRow(row)).toEqual({ sequence: 3, formatVersion: 2, graphId: "g", rootUri: "/r" });
  expect(decodeGraphRow({ ...row, payload: '{"graph_id":"g","root_uri":"/r"}' }).formatVersion).toBe(1);
});

test("MAN-23 the registry survives encoding, whatever the branch names", () => {
  const branches = new Map([
    ["main", { incarnation: "main", parent: null, forkVersion: null }],
    ["__proto__", { incarnation: "x", parent: "main", forkVersion: 4 }],
  ]);
  expect(decodeRegistryRow(encodeRegistryRow({ sequence: 2, branches }, STAMP))).toEqual({ sequence: 2, branches });
});

test.each(["", "null", "[]", "{}", '{"graph_commit_id":1}'])("a damaged commit row %j is a typed error", (payload) => {
  const row = { ...encodeCommitRow(record(2, []), undefined), payload };
  expect(() => decodeCommitRow(row, "main", undefined)).toThrow(ManifestCorruptError);
});
