import fc from "fast-check";
import { expect, test } from "vitest";
import type { LocatedCommit } from "../commit-graph/commit-graph.js";
import { findMergeBase } from "./merge-base.js";

/** Each commit names its parents by their numbers; number 0 is the genesis commit. */
type Parents = readonly (readonly number[])[];

const idOf = (index: number): string => String(index).padStart(4, "0");

function located(parents: Parents, index: number): LocatedCommit {
  const [first, second] = parents[index] as readonly number[];
  const version = first === undefined ? 1 : versionOf(parents, first) + 1;
  return {
    incarnation: "main",
    commit: {
      graphCommitId: idOf(index),
      graphBranch: null,
      graphManifestVersion: version,
      parentCommitId: first === undefined ? null : idOf(first),
      mergedParentCommitId: second === undefined ? null : idOf(second),
      actorId: null,
      createdAt: 0,
    },
  };
}

function versionOf(parents: Parents, index: number): number {
  const [first] = parents[index] as readonly number[];
  return first === undefined ? 1 : versionOf(parents, first) + 1;
}

function distances(parents: Parents, from: number): ReadonlyMap<number, number> {
  const found = new Map([[from, 0]]);
  for (const [index, distance] of found) for (const parent of parents[index] as readonly number[]) if (!found.has(parent)) found.set(parent, distance + 1);
  return found;
}

/** MG-20 word by word. */
function baseByDefinition(parents: Parents, source: number, target: number): number {
  const [fromSource, fromTarget] = [distances(parents, source), distances(parents, target)];
  const candidates = [...fromSource.keys()].filter((index) => fromTarget.has(index));
  const sum = (index: number): number => (fromSource.get(index) ?? 0) + (fromTarget.get(index) ?? 0);
  candidates.sort((a, b) => sum(a) - sum(b) || versionOf(parents, b) - versionOf(parents, a) || b - a);
  return candidates[0] as number;
}

const history: fc.Arbitrary<Parents> = fc.array(fc.tuple(fc.nat(), fc.option(fc.nat(), { nil: undefined })), { minLength: 1, maxLength: 40 }).map((steps) => {
  const parents: number[][] = [[]];
  for (const [first, second] of steps) {
    const own = first % parents.length;
    const merged = second === undefined ? undefined : second % parents.length;
    parents.push(merged === undefined || merged === own ? [own] : [own, merged]);
  }
  return parents;
});

test("MG-20 MG-21 the merge base of any two commits of any history", async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.nat(), fc.nat(), async (parents, a, b) => {
      const [source, target] = [a % parents.length, b % parents.length];
      let readCount = 0;
      const ancestry = {
        parentsOf: ({ commit }: LocatedCommit): Promise<readonly LocatedCommit[]> => {
          readCount++;
          return Promise.resolve((parents[Number(commit.graphCommitId)] as readonly number[]).map((index) => located(parents, index)));
        },
      };
      const base = await findMergeBase(located(parents, source), located(parents, target), ancestry);
      expect(base.commit.graphCommitId).toBe(idOf(baseByDefinition(parents, source, target)));
      expect(readCount).toBeLessThanOrEqual(2 * parents.length);
    }),
    { numRuns: 500 },
  );
});

test("MG-20 two heads that are near do not cost their whole history", async () => {
  const parents: Parents = [...Array.from({ length: 10_000 }, (_, index) => (index === 0 ? [] : [index - 1])), [9_990]];
  let readCount = 0;
  const at = (index: number): LocatedCommit => ({ incarnation: "main", commit: { ...located([[]], 0).commit, graphCommitId: idOf(index), graphManifestVersion: index + 1 } });
  const ancestry = {
    parentsOf: ({ commit }: LocatedCommit): Promise<readonly LocatedCommit[]> => {
      readCount++;
      return Promise.resolve((parents[Number(commit.graphCommitId)] as readonly number[]).map(at));
    },
  };
  const base = await findMergeBase(at(10_000), at(9_999), ancestry);
  expect(base.commit.graphCommitId).toBe("9990");
  expect(readCount).toBeLessThan(30);
});
