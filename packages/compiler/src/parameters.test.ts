import { describe, expect, it } from "vitest";
import { readSpecification } from "../test-support/spec-examples.js";
import { checkParameterDeclarations } from "./check/rules/parameter-declarations.js";
import { ParameterError } from "./errors.js";
import { bindParameters, parseParametersJson } from "./parameters.js";
import type { ParameterDeclaration } from "./plan/query-plan.js";
import { parseQueryFile } from "./query/parse-query.js";
import { formatDate, formatDateTime } from "./value/date-time-text.js";
import type { Value } from "./value/value.js";

function declare(declarations: string): ParameterDeclaration[] {
  const parsed = parseQueryFile(`query q(${declarations}) { match { $zz: T } return { 1 } }`);
  if ("diagnostic" in parsed) throw new Error(parsed.diagnostic.message);
  return [...checkParameterDeclarations(parsed.file.queries[0]?.parameters ?? []).values()];
}

function bind(declarations: string, json: string): Value | undefined {
  return bindParameters(declare(declarations), parseParametersJson(json)).get("a");
}

function refusal(declarations: string, params: unknown): ParameterError {
  try {
    bindParameters(declare(declarations), params);
  } catch (error) {
    if (error instanceof ParameterError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

/** As §6.2 writes values. */
function show(value: Value | undefined): string {
  switch (value?.kind) {
    case "null":
      return "null";
    case "integer":
      return String(value.value);
    case "float":
      return value.value.toFixed(1);
    case "list":
      return `[${value.items.map(show).join(", ")}]`;
    case "datetime":
      return formatDateTime(value.ms);
    case "date":
      return formatDate(value.days);
    default:
      return value?.kind ?? "absent";
  }
}

describe("§6.2 table", () => {
  const text = readSpecification();
  const section = text.slice(text.indexOf("### 6.2"), text.indexOf("## 7."));
  const rows = [...section.matchAll(/^\| `(\$.*?)` \| `(.*?)` \| (.*) \|$/gm)].map(([, declaration = "", json = "", outcome = ""]) => ({ declaration, json, outcome }));

  it("is complete", () => {
    expect(rows.length).toBe(13);
  });

  it.each(rows.map((row) => [`${row.declaration} ${row.json}`, row] as const))("%s", (_, { declaration, json, outcome }) => {
    if (outcome.startsWith("error")) {
      const error = refusal(declaration, parseParametersJson(json));
      const named = /names `(\w+)`|naming `(\w+)`|: `(\w+)` not/.exec(outcome);
      expect(error.parameter).toBe(named?.[1] ?? named?.[2] ?? named?.[3] ?? "a");
      expect(error.message).toMatch(/^param '\w+': /);
      if (outcome.includes("3 expected, 2 given")) expect(error.message).toMatch(/3 numbers, 2 given/);
      return;
    }
    const expected = outcome === "`b` ignored" ? "string" : outcome.replace(" exactly", "");
    expect(show(bind(declaration, json))).toBe(expected);
  });
});

describe("§6 table of conversions", () => {
  it.each([
    ["String", '"x"', { kind: "string", value: "x" }],
    ["Bool", "true", { kind: "bool", value: true }],
    ["I32", "-2147483648", { kind: "integer", value: -2147483648n }],
    ["I32", '"+12"', { kind: "integer", value: 12n }],
    ["I64", '"-9223372036854775808"', { kind: "integer", value: -9223372036854775808n }],
    ["I64", "9223372036854775807", { kind: "integer", value: 9223372036854775807n }],
    ["I64", '"0000000000000000000000000000000000007"', { kind: "integer", value: 7n }],
    ["U32", "4294967295", { kind: "integer", value: 4294967295n }],
    ["U64", '"+9223372036854775807"', { kind: "integer", value: 9223372036854775807n }],
    ["F32", "0.1", { kind: "float", value: 0.1 }],
    ["F64", "1e3", { kind: "float", value: 1000 }],
    ["Date", '"2024-6-1"', { kind: "date", days: 19875 }],
    ["Blob", '"base64:AQID"', { kind: "blob", source: "base64:AQID" }],
    ["[Date]", '["1970-01-02"]', { kind: "list", items: [{ kind: "date", days: 1 }] }],
    ["[String]", "[]", { kind: "list", items: [] }],
    ["Vector(2)", "[1, 2.5]", { kind: "vector", values: [1, 2.5] }],
  ] as const)("PB-7 %s takes %s", (type, json, expected) => {
    expect(bind(`$a: ${type}`, `{"a": ${json}}`)).toEqual(expected);
  });

  it.each([
    ["String", "1"], ["String", '"a\\ud800b"'], ["[String]", '["\\udc00"]'], ["String", "true"], ["String", "[]"], ["String", '{"b": 1}'],
    ["Bool", "1"], ["Bool", '"true"'],
    ["I32", "3.0"], ["I32", "2147483648"], ["I32", '"x"'], ["I32", "true"], ["I32", '""'], ["I32", '"1.0"'], ["I32", '" 1"'],
    ["I64", "3.0"], ["I64", "1e3"], ["I64", "true"], ["I64", "9223372036854775808"], ["I64", `"${"9".repeat(100_000)}"`],
    ["U32", "-1"], ["U32", "4294967296"], ["U32", '"-0"'], ["U64", "-1"], ["U64", "18446744073709551615"], ["U64", "9223372036854775808"],
    ["F32", '"3"'], ["F64", "true"], ["F64", "1e400"],
    ["Date", "1"], ["Date", '"1.3.2024"'], ["DateTime", "0"], ["DateTime", '"2024-03-01T10:00Z"'],
    ["Blob", "1"], ["Vector(2)", "[1]"], ["Vector(2)", '[1, "2"]'], ["Vector(2)", "[1, null]"], ["Vector(2)", "1"], ["Vector(1)", "[1e400]"],
    ["[I64]", "1"], ["[I64]", "[1, null]"], ["[I64]", '["x"]'], ["[String]", "[[]]"],
  ])("PB-8 %s refuses %.30s", (type, json) => {
    const error = refusal(`$a: ${type}`, parseParametersJson(`{"a": ${json}}`));
    expect(error).toMatchObject({ parameter: "a", code: "PARAMETER_ERROR", category: "invalid" });
    expect(error.message.length).toBeLessThan(250);
  });
});

describe("bindParameters", () => {
  it("PB-1 takes no object as the empty object and nothing else", () => {
    expect(bindParameters([], undefined).size).toBe(0);
    expect(bindParameters([], null).size).toBe(0);
    for (const params of [[], "x", 1, true, parseParametersJson("1")]) {
      expect(refusal("", params)).toMatchObject({ parameter: undefined, message: expect.stringMatching(/^parameters must be one JSON object/) as string });
    }
  });

  it("PB-3 PB-4 PB-5 null and absence depend on the declaration alone", () => {
    expect(bind("$a: I64?", '{"a": null}')).toEqual({ kind: "null" });
    expect(bind("$a: [I64]?", "{}")).toEqual({ kind: "null" });
    expect(refusal("$a: I64", { a: null }).message).toMatch(/^param 'a': must not be null/);
    expect(refusal("$a: I64", {}).message).toMatch(/^param 'a': was not provided/);
    expect(refusal("$limit: I64", { limits: 1 }).hint).toBe("the parameters hold 'limits', which the query does not declare; did you mean 'limit'?");
    // A declared parameter next to it is no misspelling of it.
    expect(refusal("$limit: I64, $limits: I64", { limits: 1 }).hint).toMatch(/^pass a value/);
  });

  it("PB-6 refuses objects under undeclared names, also inside arrays", () => {
    expect(refusal("", { b: { c: 1 } }).parameter).toBe("b");
    expect(refusal("", { b: [1, [[{}]]] }).parameter).toBe("b");
    expect(bindParameters([], { b: [1, [2, null]], c: "x" }).size).toBe(0);
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(bindParameters([], { b: cycle }).size).toBe(0);
  });

  it("PB-9 §6.2 embedders pass plain values; inexact integers are refused with advice", () => {
    const value = (given: unknown): Value | undefined => bindParameters(declare("$a: I64"), { a: given }).get("a");
    expect(value(3)).toEqual({ kind: "integer", value: 3n });
    expect(value(9007199254740993n)).toEqual({ kind: "integer", value: 9007199254740993n });
    expect(refusal("$a: I64", { a: 2 ** 53 }).hint).toMatch(/decimal strings/);
    expect(refusal("$a: I64", { a: 3.5 }).message).toMatch(/expected an integer/);
    expect(refusal("$a: F64", { a: Number.NaN }).message).toMatch(/out of range/);
    expect(bindParameters(declare("$a: F64"), { a: 3n }).get("a")).toEqual({ kind: "float", value: 3 });
  });

  it("reads only own properties of the object", () => {
    expect(refusal("$constructor: String", {}).parameter).toBe("constructor");
    expect(bindParameters(declare("$__proto__: String?"), {}).get("__proto__")).toEqual({ kind: "null" });
  });
});

describe("parseParametersJson", () => {
  it.each(["", "{", '{"a": 1,}', "{'a': 1}", '{"a": 01}', "[".repeat(200_000)])("refuses '%.20s'", (text) => {
    expect(() => parseParametersJson(text)).toThrow(ParameterError);
  });
});
