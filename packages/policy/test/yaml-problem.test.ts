import { yamlProblem } from "@omnigraphdb/common";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";

test.each([
  ["a: |s3cr3t\n b", "Block scalar header includes extra characters"],
  ["a: |x s3cr3t\n b", "Block scalar header includes extra characters"],
  ['a: "\\us3cr"', "Invalid escape sequence in a quoted text"],
  ["a: 1\n---\nb: s3cr3t", "the file has more than one document; keep one"],
  ["{a b: c d: s3cr3t e: f}", undefined],
  ['a: "b" s3cr3t', "Unexpected scalar at node end"],
])("a problem of the YAML %j quotes nothing of it", (text, expected) => {
  const problems = parseDocument(text, { prettyErrors: false, logLevel: "error" }).errors.map(yamlProblem);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.join("\n")).not.toMatch(/s3cr/);
  if (expected !== undefined) expect(problems).toContain(expected);
});
