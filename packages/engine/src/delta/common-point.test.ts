import { describe, expect, test } from "vitest";
import type { DatasetPin } from "../manifest/manifest.js";
import type { ForkState } from "../storage/dataset-gateway.js";
import { CommonPoints } from "./common-point.js";

const fork = (nativeBranch: string, parent: string | null, parentVersion: number): ForkState => ({ nativeBranch, parent, parentVersion, isComplete: true });
/** main ─5→ a ─8→ b, main ─6→ c */
const FORKS = [fork("a", null, 5), fork("b", "a", 8), fork("c", null, 6)];

function pin(nativeBranch: string | null, publishedVersion: number, revisionFloor = 0, directory = "nodes/1"): DatasetPin {
  return { typeKey: "node:T", typeId: 1n, incarnationId: 1n, location: { directory, nativeBranch }, publishedVersion, entityCount: 1, fragmentCount: 0, revisionFloor };
}

describe("MG-44 the last version two states have in common", () => {
  test.each<[string, DatasetPin, DatasetPin, { nativeBranch: string | null; version: number } | undefined]>([
    ["one lineage", pin(null, 9), pin(null, 7), { nativeBranch: null, version: 7 }],
    ["a fork and its origin", pin("a", 7), pin(null, 5), { nativeBranch: null, version: 5 }],
    ["a fork and a later version of its parent", pin("a", 7), pin(null, 9), { nativeBranch: null, version: 5 }],
    ["a fork and an earlier version of its parent", pin("a", 7), pin(null, 3), { nativeBranch: null, version: 3 }],
    ["a fork of a fork and its parent", pin("b", 12), pin("a", 10), { nativeBranch: "a", version: 8 }],
    ["a fork of a fork and the main lineage", pin("b", 12), pin(null, 10), { nativeBranch: null, version: 5 }],
    ["two forks", pin("a", 12), pin("c", 12), { nativeBranch: null, version: 5 }],
    ["a fork that is gone", pin("x", 12), pin(null, 10), undefined],
    ["two directories", pin(null, 12), pin(null, 10, 0, "nodes/2"), undefined],
    ["versions of foreign hands after the point", pin("a", 12, 9), pin(null, 9), undefined],
    ["versions of foreign hands before it", pin(null, 12, 4), pin(null, 5), { nativeBranch: null, version: 5 }],
  ])("%s", async (_name, left, right, point) => {
    const points = new CommonPoints(() => Promise.resolve(FORKS));
    expect(await points.find(left, right)).toEqual(point);
    expect(await points.find(right, left)).toEqual(point);
  });
});
