import { expect, test } from "vitest";
import { printDiagnostic } from "./print-diagnostic.js";

test("head, source line, caret, related places and hint", () => {
  const source = "node A {\n    a: I32\n    @index(b)\n}\n";
  const start = source.indexOf("b)");
  const diagnostic = {
    rule: "P39",
    severity: "error" as const,
    message: "parse error: unknown",
    span: { start, end: start + 1 },
    related: [{ span: { start: 5, end: 6 }, message: "in this node" }],
    hint: "did you mean 'a'?",
  };
  expect(printDiagnostic(diagnostic, source, "schema.pg")).toBe(
    [
      "schema.pg:3:12: error[P39]: parse error: unknown",
      "  3 |     @index(b)",
      "    |            ^",
      "  1 | node A {",
      "    |      - in this node",
      "  = hint: did you mean 'a'?",
    ].join("\n"),
  );
});

test("a problem of the whole source has no excerpt", () => {
  expect(printDiagnostic({ rule: "R08", severity: "error", message: "m" }, "x")).toBe("error[R08]: m");
  expect(printDiagnostic({ rule: "R08", severity: "error", message: "m" }, "x", "a.pg")).toBe("a.pg: error[R08]: m");
});

test("tabs keep the caret in place, control characters do not reach the terminal", () => {
  const source = "\tnode \u001b[31m {}";
  const printed = printDiagnostic({ rule: "SYN", severity: "error", message: "m", span: { start: 6, end: 7 } }, source);
  expect(printed).toBe("1:7: error[SYN]: m\n  1 | \tnode \u00b7[31m {}\n    | \t     ^");
});

test("long lines are cut around the caret, spans end with their line", () => {
  const source = `${"x".repeat(500)}!${"y".repeat(500)}\nz`;
  const lines = printDiagnostic({ rule: "SYN", severity: "error", message: "m", span: { start: 500, end: 1_003 } }, source).split("\n");
  expect(lines[1]?.length).toBeLessThan(180);
  expect(lines[1]?.[lines[2]?.indexOf("^") ?? 0]).toBe("!");
  expect(printDiagnostic({ rule: "SYN", severity: "error", message: "m", span: { start: 1_001, end: 1_002 } }, source)).toContain(
    "\n    | ",
  );
});
