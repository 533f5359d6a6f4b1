import { expect, test } from "vitest";
import { classifyDrift } from "./classify-drift.js";

test.each([
  [[], "no_drift"],
  [["Rewrite"], "verified_maintenance"],
  [["ReserveFragments", "Rewrite"], "verified_maintenance"],
  [["ReserveFragments", "Rewrite", "CreateIndex"], "suspicious"],
  [["CreateIndex"], "suspicious"],
  [["Append"], "suspicious"],
  [["Delete", "Rewrite"], "suspicious"],
  [["Restore"], "suspicious"],
  [["Rewrite", undefined], "unverifiable"],
  [["Append", undefined], "unverifiable"],
] as const)("MT-45 MT-46 %j is %s", (operations, expected) => {
  expect(classifyDrift(operations)).toBe(expected);
});
