import { expect, test } from "vitest";
import { decideStaging, type StagingVerdict } from "./staging-reconciler.js";

// The rows of RC-70 that have staged files and no sidecar. a, b, c = schemas; "" = the files do not make one.
const ROWS: readonly (readonly [string, boolean, string, string, string, StagingVerdict])[] = [
  ["died while writing them", false, "", "a", "a", "discard"],
  ["died while removing them, after a rollback", false, "", "a", "b", "discard"],
  ["incomplete, and the accepted files are damaged too", false, "", "", "a", "conflict"],
  ["the same as the accepted ones", true, "a", "a", "a", "discard"],
  ["the same as the accepted ones, which nobody published", true, "b", "b", "a", "discard"],
  ["never published", true, "b", "a", "a", "discard"],
  ["published, not promoted", true, "b", "a", "b", "promote"],
  ["published, some of them promoted", true, "b", "", "b", "promote"],
  ["some of them promoted, never published", true, "b", "", "a", "conflict"],
  ["neither published nor accepted, and the accepted ones are not published either", true, "b", "a", "c", "conflict"],
  ["complete, but they do not belong together", true, "", "a", "a", "conflict"],
];

test.each(ROWS)("RC-70 OP-14 staged files %s", (_name, isComplete, staged, live, published, verdict) => {
  const evidence = { isComplete, staged: staged === "" ? undefined : staged, live: live === "" ? undefined : live, published };
  expect(decideStaging(evidence)).toBe(verdict);
});
