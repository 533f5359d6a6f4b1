import { describe, expect, test } from "vitest";
import { checkSchemaSource, createAcceptedSchema } from "../../src/compile-schema.js";
import { printDiagnostic } from "../../src/diagnostics/print-diagnostic.js";
import { DIAGNOSTICS_MAX, SCHEMA_PROPERTIES_MAX, SCHEMA_SOURCE_BYTES_MAX } from "../../src/limits.js";
import { makeSchemaGrammar } from "../../src/schema/schema-parser.js";
import { loadChevrotain } from "../../src/source/load-chevrotain.js";
import { expectDiagnostics } from "../../test-support/index.js";
import { DOMAIN } from "./spec-tables.js";

function accepts(source: string): void {
  expectDiagnostics(source, (text) => checkSchemaSource(text).filter((item) => item.severity === "error"), []);
}

function refuses(source: string, found: string): void {
  expectDiagnostics(source, checkSchemaSource, [`SYN ${JSON.stringify(found)}`]);
}

test("grammar and lexer pass the parser library's own validation", () => {
  expect(() => makeSchemaGrammar(loadChevrotain(), { skipValidations: false })).not.toThrow();
});

describe("§2 lexical structure", () => {
  test("§2.1 only four characters are white space", () => {
    accepts("node\tA\r\n{ }");
    for (const character of ["\ufeff", "\f", "\u00a0", "\u2028"]) refuses(`node A {} ${character}`, character);
  });

  test("§2.1 block comments do not nest; line comments end at the line feed", () => {
    refuses("/* /* */ */ node A {}", "*");
    accepts('node A {} // */ { " unclosed');
    accepts("node /* a */ A /**/ { // x\n }");
    refuses("node A {} /*", "/*");
    refuses("node A {} /*/", "/*");
  });

  test("§2.3 strings may span lines; \\u and \\/ are no escapes", () => {
    accepts('node A @description("two\nlines") {}');
    expectDiagnostics('node A @x("\\u0041\\/") {}', checkSchemaSource, ['P01 "\\\\u"', 'P01 "\\\\/"']);
    refuses('node A @x("open) {}', '"');
    refuses('node A @x("open\\") {}', '"');
  });

  test("§2.4 keywords and types match as prefixes", () => {
    const spaced = createAcceptedSchema("interface I {} node Tree implements I { a: String b: I32 } edge E: Tree -> Tree", {
      identityDomain: DOMAIN,
    });
    const tight = createAcceptedSchema("interfaceI{}nodeTree implementsI{a:Stringb:I32}edgeE:Tree->Tree", { identityDomain: DOMAIN });
    expect(tight.irHash).toBe(spaced.irHash);
    accepts("node A { a: DateTimeb: Datec: Boold: Blobe: U64f: Vector(2)g: enum(x)h: [I32]i: I32 }");
    refuses("node A { a: StringB: I32 }", "B");
  });

  test("Q02 bare arguments that begin with a boolean are read as one", () => {
    refuses("node A @tag(falsey) {}", "y");
    refuses("node A { true_name: I32 @unique(true_name) }", "_name");
    accepts("node A @tag(x, true=1, falsey=false) { trueish: I32 }");
  });
});

describe("§3 grammar rules", () => {
  test("G1 @ and a constraint name before ( is a constraint wherever it stands", () => {
    accepts("node A { code: String @ key /* x */ (code) }");
    accepts("node A { code: String @key\n}");
    expectDiagnostics("node A { code: String @key\n(code) @key }", checkSchemaSource, ['SYN "@"']);
    accepts("node A { a: String @keys(a) @indexed @range }");
  });

  test("G2, G3 constraints stand in bodies of nodes and edges, annotations after a property", () => {
    refuses("interface I { @index(a) }", "@");
    refuses("node A @index(a) {}", "@");
    refuses("node A { @pii a: String }", "@");
    refuses("node A { a: String @index(a) @pii }", "@");
  });

  test("G4 no trailing commas, no empty lists", () => {
    refuses("node A implements I, {}", "{");
    refuses("node A { a: I32 @range() }", ")");
    refuses("node A { a: I32 @index(a,) }", ")");
  });

  test("G5, G6 arguments", () => {
    refuses("node A @x(a, b) {}", ")");
    refuses("node A @x(1, k=bare) {}", "bare");
    refuses("node A @x(Type) {}", "Type");
    accepts("node A @x(1, k=1, k=2) {}");
  });

  test("G7, G8 @card is one token before (min..", () => {
    accepts("node A {} edge E: A -> A @card /* x */ ( 0 .. )");
    accepts("node A {} edge E: A -> A @card @card(3)");
    refuses("node A {} edge E: A -> A @card(0.5)..", ".");
    refuses("node A {} edge E: A -> A @card(-1..2)", "-1");
    refuses("node A @card(0..1) {}", "@card");
  });

  test("G10 nothing follows the body of an edge", () => {
    refuses("node A {} edge E: A -> A {} @card(0..1)", "@card");
    refuses("interface I", "I");
  });

  test("§9 bounds", () => {
    accepts("node A { x: F64 @range(x, -1.5 .. -0.5) @range(x, ..-3) @range(x, 0.5..) @range(x, 1 ..2.5) }");
    for (const [source, found] of [
      ["-5", ")"],
      ["1 . . 2", "."],
      ["1..2..3", ".."],
      ["+1..2", "+"],
      [".5..1", "."],
      ["1...5", "."],
    ] as const) {
      refuses(`node A { x: F64 @range(x, ${source}) }`, found);
    }
    const huge = "9".repeat(400);
    expectDiagnostics(`node A { x: F64 @range(x, 0..${huge}) }`, checkSchemaSource, [`P13 "0..${huge}"`]);
  });

  test("§5.1 a name repeated within one interface is C06, not P17", () => {
    expectDiagnostics("interface I { a: String a: I32 } node A implements I {}", checkSchemaSource, ['C06 "a"']);
  });

  test("characters outside the first plane are reported whole", () => {
    refuses("node A { 😀: I32 }", "😀");
    refuses("node Ä {}", "Ä");
  });

  test("a source that is not well-formed Unicode is refused", () => {
    refuses('node A @x("\ud800") {}', "\ud800");
  });
});

describe("warnings", () => {
  test("Q03 @card that is an ordinary annotation", () => {
    expectDiagnostics("node A {} edge E: A -> A @card(1)", checkSchemaSource, ['~Q03 "@card(1)"']);
    expectDiagnostics("node A {} edge E: A -> A @ card", checkSchemaSource, ['~Q03 "@ card"']);
  });
  test("Q05, Q06 constraints on lists and vectors", () => {
    expectDiagnostics("node A { l: [I32] v: Vector(2) @unique(l) @unique(v) @range(l, 0..1) }", checkSchemaSource, [
      '~Q05 "@unique(l)"',
      '~Q05 "@unique(v)"',
      '~Q06 "@range(l, 0..1)"',
    ]);
  });
  test("Q09 empty range", () => {
    expectDiagnostics("node A { n: I32 @range(n, 9..1) }", checkSchemaSource, ['~Q09 "9..1"']);
  });
  test("Q12 interfaces that no node could implement", () => {
    const source = 'interface I { l: [String] @key d: String @description(" ") e: String @instruction("x") }';
    expectDiagnostics(source, checkSchemaSource, ['~Q12 "@key"', '~Q12 "@description(\\" \\")"', '~Q12 "@instruction(\\"x\\")"']);
    expectDiagnostics(`${source} node A implements I {}`, checkSchemaSource, [
      'P25 "@key"',
      'P23 "@description(\\" \\")"',
      'P28 "@instruction(\\"x\\")"',
    ]);
  });
  test("§10.2 _tombstone cannot be loaded", () => {
    expectDiagnostics("node A { _tombstone: I32 }", checkSchemaSource, ['~10.2 "_tombstone"']);
  });
  test("§10.2 from and to on edges", () => {
    expectDiagnostics("node A { from: I32 } edge E: A -> A { from: I32 to: I32 }", checkSchemaSource, ['~10.2 "from"', '~10.2 "to"']);
  });
});

describe("hints", () => {
  const hintOf = (source: string): string | undefined => checkSchemaSource(source)[0]?.hint;
  test.each([
    ["node A { a: Strng }", "did you mean 'String'?"],
    ["node A { a: int }", "did you mean 'I32' or 'I64'?"],
    ["node A { a: [Vector(3)] }", "lists hold base types only"],
    ["node A { a: I32; }", "body items stand side by side, without separators"],
    ["node A { Name: I32 }", "property names start with a small letter or '_'"],
    ["# note", "comments start with //"],
    ["node A @rename_from(Old) {}", 'quote it: "Old"'],
    ["node A {} edge E: A -> A @card(0..*)", "leave the maximum out for no limit: 0.."],
    ["node A @key(a) { a: I32 }", "'@key(' is a constraint and stands only inside the body of a node or an edge"],
    ["interface Named {} node A implements Naned {}", "did you mean 'Named'?"],
    ["node Plant {} edge E: Plant -> Plent", "did you mean 'Plant'?"],
    ["interface I {} node A {} edge E: A -> I", "'I' is an interface; an edge connects node types"],
    ["node a {}", "type names start with a capital letter"],
  ])("%s: %s", (source, hint) => {
    expect(hintOf(source)).toBe(hint);
  });
});

describe("limits", () => {
  test("a source above the byte limit is one diagnostic", () => {
    expect(checkSchemaSource(" ".repeat(SCHEMA_SOURCE_BYTES_MAX))).toEqual([]);
    expect(checkSchemaSource(" ".repeat(SCHEMA_SOURCE_BYTES_MAX + 1)).map((item) => item.rule)).toEqual(["LIMIT"]);
  });

  test("interfaces do not multiply without bound", () => {
    const properties = Array.from({ length: 2_000 }, (_, index) => `p${index}: I32`).join("\n");
    const nodes = Array.from({ length: SCHEMA_PROPERTIES_MAX / 2_000 + 1 }, (_, index) => `node N${index} implements I {}`).join("\n");
    expect(checkSchemaSource(`interface I { ${properties} } ${nodes}`).map((item) => item.rule)).toEqual(["LIMIT"]);
  });

  test("diagnostics are bounded, and cheap however many there are", () => {
    const body = Array.from({ length: 20_000 }, (_, index) => `p${index}: I32 @index(q${index})`).join("\n");
    expect(checkSchemaSource(`node A { ${body} }`)).toHaveLength(DIAGNOSTICS_MAX);
  });

  const hostile: readonly (readonly [string, string])[] = [
    ["unclosed comments", "/*".repeat(200_000)],
    ["quotes", '"'.repeat(200_000)],
    ["backslashes", `node A @x("${"\\".repeat(200_000)}") {}`],
    ["open brackets", `node A { a: ${"[".repeat(200_000)}`],
    ["one long name", `node ${"A".repeat(500_000)} {}`],
    ["digits", `node A { v: Vector(${"9".repeat(200_000)}) }`],
    ["annotations", `node A ${"@a ".repeat(100_000)}{}`],
    ["enum values", `node A { e: enum(${Array.from({ length: 60_000 }, (_, index) => `v${index}`).join(",")}) }`],
    ["comments before a constraint name", `node A { a: I32 ${"@/* */".repeat(50_000)}`],
  ];
  test.each(hostile)("%s end quickly in diagnostics or success", (_, source) => {
    for (const item of checkSchemaSource(source)) printDiagnostic(item, source);
  });
});
