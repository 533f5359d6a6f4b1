import { compactJson, type Json } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { buildShape } from "../../src/catalog/build-shape.js";
import { floatText, JSON_POSITIONAL_MIN, SORT_TEXT_POSITIONAL_MIN } from "../../src/catalog/float-text.js";
import { shapeToJson } from "../../src/catalog/shape-json.js";
import { createAcceptedSchema, openAcceptedSchema } from "../../src/compile-schema.js";
import { readSchema } from "../../src/schema/check-schema.js";
import { blocks, code, DOMAIN, rows, section } from "./spec-tables.js";

const appendix = section("## Appendix D.");
const library = blocks(appendix, "pg")[0] ?? "";
const vectors = rows(appendix).map(
  ([source = "", hash = ""]) => [source === "the library below" ? library : code(source), code(hash)] as const,
);

function shapeJson(source: string): string {
  const read = readSchema(source);
  if ("diagnostics" in read) throw new Error(read.diagnostics[0]?.message);
  return compactJson(shapeToJson(buildShape(read.schema)));
}

function hashOf(source: string): string {
  return createAcceptedSchema(source, { identityDomain: DOMAIN }).shapeHash;
}

describe("Appendix D", () => {
  test("has all its vectors", () => {
    expect(vectors).toHaveLength(5);
    expect(library).toContain("lending library");
  });

  test.each(vectors)("§12.3 shape hash of %s", (source, hash) => {
    expect(hashOf(source)).toBe(hash);
    expect(createAcceptedSchema(source, { identityDomain: DOMAIN }).catalog.shapeHash).toBe(hash);
  });

  test("§12.1 excerpts of the library's shape", () => {
    const shape = shapeJson(library);
    const [reader = "", title = ""] = blocks(appendix, "json");
    expect(shape).toContain(reader.trim());
    expect(shape).toContain(title.trim());
    const parsed = JSON.parse(shape) as { nodes: { name: string; constraints: Json[] }[]; edges: { constraints: Json[] }[] };
    const volume = parsed.nodes.find((node) => node.name === "Volume");
    expect(volume?.constraints).toEqual([
      { Check: { property: "isbn", pattern: "^[0-9-]+$" } },
      { Index: ["title"] },
      { Key: ["isbn"] },
      { Range: { property: "pages", min: { Integer: 1 }, max: { Integer: 5000 } } },
    ]);
    expect(parsed.edges[0]?.constraints).toEqual([{ Unique: ["dst", "src"] }]);
  });

  test("§13.2, §13.3 ids, IR hash and a constraint of the accepted document", () => {
    const { irHash, documents, catalog } = createAcceptedSchema(library, { identityDomain: DOMAIN });
    expect(appendix).toContain(`\`${irHash}\``);
    const ir = JSON.parse(documents.ir) as { next_identity_id: number; edges: { constraints: Json[] }[] };
    expect(ir.next_identity_id).toBe(17);
    expect(compactJson(ir.edges[0]?.constraints[0] ?? null)).toBe((blocks(appendix, "json")[2] ?? "").trim());
    const volume = catalog.nodeTypeByName.get("Volume");
    expect([volume?.typeId, volume?.incarnationId]).toEqual([3n, 15n]);
    expect(volume?.properties.map((property) => [property.name, property.propertyId])).toEqual([
      ["cover", 8n],
      ["isbn", 9n],
      ["pages", 10n],
      ["shelf", 11n],
      ["title", 12n],
    ]);
  });
});

describe("§12.2, §12.3 what the hash depends on", () => {
  const same: readonly (readonly [string, string, string])[] = [
    ["comments and layout", "node A { a: I32 }", "/* c */ node A\n{\na:I32 // d\n}"],
    ["order of declarations and properties", "node A { a: I32 b: I32 } node B {}", "node B {} node A { b: I32 a: I32 }"],
    ["order of enum values", "node A { a: enum(x, y) }", "node A { a: enum(y, x) }"],
    [
      "order and repetition of constraint columns",
      "node A { a: I32 b: I32 @index(a, b) }",
      "node A { a: I32 b: I32 @index(b, a, a) @index(a, b) }",
    ],
    ["rename hints", "node A { a: I32 }", 'node A @rename_from("Z") { a: I32 @rename_from(z) }'],
    ["repeated custom annotations", "node A @x(1) {}", 'node A @x(1) @x("1") {}'],
    [
      "order of interfaces",
      "interface I {} interface J {} node A implements I, J {}",
      "interface I {} interface J {} node A implements J, I, J {}",
    ],
    ["the order of keyword arguments", "node A @x(1, b=1, a=2) {}", "node A @x(1, a=2, b=1) {}"],
  ];
  test.each(same)("not on %s", (_, left, right) => {
    expect(hashOf(right)).toBe(hashOf(left));
  });

  const different: readonly (readonly [string, string, string])[] = [
    ["custom annotations", "node A {}", "node A @x {}"],
    ["descriptions", "node A {}", 'node A @description("x") {}'],
    ["the set of interfaces", "interface I {} node A {}", "interface I {} node A implements I {}"],
    ["the spelling of a constraint (§12.2, Q15)", "node A { a: I32 @index }", "node A { a: I32 @index(a) }"],
    ["integer and float bounds", "node A { a: F64 @range(a, 0..1) }", "node A { a: F64 @range(a, 0.0..1) }"],
    ["@range(p, ..N) as a maximum", "node A { a: F64 @range(a, ..9) }", "node A { a: F64 @range(a, 9..) }"],
  ];
  test.each(different)("on %s", (_, left, right) => {
    expect(hashOf(right)).not.toBe(hashOf(left));
  });
});

test("§12.1 floats: shortest, positional or with an exponent", () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [1, "1.0", "1.0"],
    [0, "0.0", "0.0"],
    [-0, "-0.0", "-0.0"],
    [0.5, "0.5", "0.5"],
    [5e-5, "0.00005", "5e-5"],
    [1e-5, "0.00001", "1e-5"],
    [1e-6, "1e-6", "1e-6"],
    [1e15, "1000000000000000.0", "1000000000000000.0"],
    [1.5e16, "1.5e16", "1.5e16"],
    [-2.25e-7, "-2.25e-7", "-2.25e-7"],
    [18446744073709551615, "1.8446744073709552e19", "1.8446744073709552e19"],
  ];
  for (const [value, json, sort] of cases) {
    expect(floatText(value, JSON_POSITIONAL_MIN)).toBe(json);
    expect(floatText(value, SORT_TEXT_POSITIONAL_MIN)).toBe(sort);
  }
});

test("§9 an integer bound beyond 64 bits is kept as a float", () => {
  expect(shapeJson("node A { n: U64 @range(n, -9223372036854775808..9223372036854775808) }")).toContain(
    '"min":{"Integer":-9223372036854775808},"max":{"Float":9.223372036854776e18}',
  );
  expect(shapeJson("node A { n: I32 @range(n, 007..-0) }")).toContain('"min":{"Integer":7},"max":{"Integer":0}');
});

test("§2.3, §8 values of annotations end up as text", () => {
  expect(shapeJson('node A @w(3) @v("3") @f(true) @n(bare) @q("a\\n\\"b\\\\") @k(1.50, z="1", a=2, z=false) {}')).toContain(
    '"annotations":[{"name":"f","value":"true"},{"name":"k","value":"1.50","kwargs":{"a":"2","z":"false"}},{"name":"n","value":"bare"},{"name":"q","value":"a\\n\\"b\\\\"},{"name":"v","value":"3"},{"name":"w","value":"3"}]',
  );
});

test("a keyword named like a property of objects is recorded and read back", () => {
  const created = createAcceptedSchema('node A @x(1, __proto__="p", constructor="c") {}', { identityDomain: DOMAIN });
  expect(compactJson(JSON.parse(created.documents.ir) as Json)).toContain('"kwargs":{"__proto__":"p","constructor":"c"}');
  expect(openAcceptedSchema(created.documents).catalog).toEqual(created.catalog);
});
