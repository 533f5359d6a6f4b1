import { describe, expect, test } from "vitest";
import { admitSchema, checkSchemaSource, createAcceptedSchema } from "../../src/compile-schema.js";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { printDiagnostic } from "../../src/diagnostics/print-diagnostic.js";
import { SCHEMA_RULES } from "../../src/diagnostics/schema-codes.js";
import { CompileError } from "../../src/errors.js";
import { code, DOMAIN, markerPatterns, rows, section } from "./spec-tables.js";

const cases = rows(section("## Appendix B.")).map(([id = "", source = "", phase = "", rule = ""]) => {
  return { id, source: code(source), phase, rule: rule.split(" ")[0] ?? "" };
});

interface Markers {
  readonly source: readonly RegExp[];
  readonly admission: readonly RegExp[];
}

const markers = new Map<string, Markers>(
  rows(section("### 11.2")).map(([id = "", , source = "", admission = source]) => {
    const onAdmission = markerPatterns(admission === "same" ? source : admission);
    const sameInSource = source === "same as on admission" || source === "not checked";
    return [id, { source: sameInSource ? onAdmission : markerPatterns(source), admission: onAdmission }];
  }),
);

function first(diagnostics: readonly Diagnostic[]): Diagnostic {
  const found = diagnostics.find((item) => item.severity === "error");
  if (found === undefined) throw new Error("the source was accepted");
  return found;
}

function expectMessage({ message }: Diagnostic, patterns: readonly RegExp[]): void {
  for (const pattern of patterns) expect(message).toMatch(pattern);
}

test("Appendix B and §11.2 have all their rows", () => {
  expect(cases).toHaveLength(129);
  expect(markers.size).toBe(54);
  const refused = new Set(cases.map((item) => item.rule));
  expect([...markers.keys()].filter((rule) => !refused.has(rule))).toEqual([]);
});

describe("Appendix B: refused sources", () => {
  test.each(cases)("$id $rule is found by the source check: $source", ({ source, rule }) => {
    const diagnostic = first(checkSchemaSource(source));
    expect(diagnostic.rule).toBe(rule);
    expectMessage(diagnostic, markers.get(rule)?.source ?? []);
  });

  test.each(cases)("$id $rule is found on admission: $source", ({ source, rule, phase }) => {
    const diagnostic = first(admitSchema(source));
    expect(diagnostic.rule).toBe(rule);
    expectMessage(diagnostic, markers.get(rule)?.admission ?? []);
    expect(diagnostic.message.startsWith(phase === "S" || phase === "P" ? "parse error: " : "catalog error: ")).toBe(true);
  });

  test.each(cases)("$id has a span inside the source, a summary, and prints", ({ source, rule }) => {
    expect(SCHEMA_RULES).toHaveProperty([rule]);
    for (const diagnostic of [...checkSchemaSource(source), ...admitSchema(source)]) {
      for (const { span } of [diagnostic, ...(diagnostic.related ?? [])]) {
        expect(span?.end).toBeGreaterThan(span?.start ?? 0);
        expect(span?.end).toBeLessThanOrEqual(source.length);
      }
      expect(printDiagnostic(diagnostic, source, "x.pg")).toMatch(/^x\.pg:\d+:\d+: (error|warning)\[/);
    }
  });

  test.each(cases.filter((item) => item.rule === "SYN"))("$id SYN carries a 1-based position", ({ source }) => {
    expect(first(admitSchema(source)).message).toMatch(/ --> [1-9]\d*:[1-9]\d*$/);
  });
});

describe("markers that are not literal", () => {
  const messageOf = (id: string): string => first(admitSchema(cases.find((item) => item.id === id)?.source ?? "")).message;

  test("P17 names both display types", () => {
    expect(messageOf("X68")).toMatch(/String.*String\?|String\?.*String/);
    expect(messageOf("X69")).toMatch(/String/);
    expect(messageOf("X69")).toMatch(/I32/);
  });

  test("P43, P44 name the display type", () => {
    expect(messageOf("X108")).toContain("Bool");
    expect(messageOf("X109")).toContain("Date");
    expect(messageOf("X110")).toContain("I32");
  });

  test("C04 names both edges, C10 and C11 the property", () => {
    expect(messageOf("X115")).toMatch(/'Ab'.*'AB'/);
    expect(messageOf("X125")).toMatch(/'id'.*A/);
    expect(messageOf("X127")).toMatch(/'src'.*E/);
    expect(messageOf("X128")).toMatch(/'dst'.*E/);
  });
});

test("a refusal is thrown as CompileError with the first problem's message and hint", () => {
  const source = "node Plant { label: String @index(lable) }";
  expect.assertions(3);
  try {
    createAcceptedSchema(source, { identityDomain: DOMAIN });
  } catch (error) {
    expect(error).toBeInstanceOf(CompileError);
    expect((error as CompileError).message).toBe("parse error: @index on Plant names unknown property 'lable'");
    expect((error as CompileError).hint).toBe("did you mean 'label'?");
  }
});

test("§11.1 all problems of the first failing phase are reported, later phases are not", () => {
  const diagnostics = checkSchemaSource("node A { v: Vector(0) w: [Blob] @index(nope) }");
  expect(diagnostics.map((item) => item.rule)).toEqual(["P06", "P05"]);
});
