import { expect, test } from "vitest";
import { SUGGESTION_CANDIDATES_MAX } from "../limits.js";
import { closest, didYouMean } from "./did-you-mean.js";

test.each([
  ["lable", ["label", "table"], "label"],
  ["String", ["string"], "string"],
  ["descripton", ["description", "instruction"], "description"],
  ["a", ["b"], undefined],
  ["ID", ["id"], "id"],
  ["colour", ["row", "bay"], undefined],
  ["", ["x"], undefined],
  ["name", [], undefined],
  ["same", ["sane", "sama"], "sane"],
] as const)("closest to %s among %j is %s", (word, candidates, expected) => {
  expect(closest(word, candidates)).toBe(expected);
  expect(didYouMean(word, candidates)).toBe(expected === undefined ? undefined : `did you mean '${expected}'?`);
});

test("only so many candidates are compared", () => {
  const candidates = [...Array.from({ length: SUGGESTION_CANDIDATES_MAX }, (_, index) => `other${index}`), "needle"];
  expect(closest("neelde", candidates)).toBeUndefined();
  expect(closest("neelde", candidates.slice(1))).toBe("needle");
});
