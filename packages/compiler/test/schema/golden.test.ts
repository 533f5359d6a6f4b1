import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { prettyJson } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { buildShape } from "../../src/catalog/build-shape.js";
import { shapeToJson } from "../../src/catalog/shape-json.js";
import { checkSchemaSource, createAcceptedSchema } from "../../src/compile-schema.js";
import { printDiagnostic } from "../../src/diagnostics/print-diagnostic.js";
import { readSchema } from "../../src/schema/check-schema.js";
import { parseSchema } from "../../src/schema/parse-schema.js";
import { printSchema } from "../../src/schema/print-schema.js";
import type { SchemaDocument } from "../../src/schema/schema-ast.js";
import { schemaGrammar } from "../../src/schema/schema-parser.js";
import { KITCHEN_SINK_SCHEMA } from "../../test-support/index.js";
import { DOMAIN } from "./spec-tables.js";

/** Compares with `test/golden/schema/{name}`; `UPDATE_GOLDEN=1` writes it instead. */
function expectGolden(name: string, actual: string): void {
  const path = fileURLToPath(new URL(`../golden/schema/${name}`, import.meta.url));
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  expect(actual).toBe(readFileSync(path, "utf8"));
}

function parse(source: string): SchemaDocument {
  const parsed = parseSchema(source);
  if ("diagnostic" in parsed) throw new Error(parsed.diagnostic.message);
  return parsed.document;
}

/** Spans as `[start, end]`, undefined members left out: short enough to review. */
function astText(document: SchemaDocument): string {
  const text = JSON.stringify(document, (key, value: unknown) => (key === "span" ? Object.values(value as object) : value), 1);
  return `${text.replace(/\[\s+(\d+),\s+(\d+)\s+\]/g, "[$1, $2]")}\n`;
}

describe("golden files", () => {
  test("the grammar", () => {
    expectGolden("grammar.json", `${JSON.stringify(schemaGrammar().parser.getSerializedGastProductions(), null, 1)}\n`);
  });

  test("the kitchen sink: tree", () => {
    expectGolden("kitchen-sink.ast.json", astText(parse(KITCHEN_SINK_SCHEMA)));
  });

  test("the kitchen sink: canonical text", () => {
    const printed = printSchema(parse(KITCHEN_SINK_SCHEMA));
    expectGolden("kitchen-sink.printed.pg", printed);
    expect(printSchema(parse(printed))).toBe(printed);
  });

  test("the kitchen sink: canonical shape", () => {
    const read = readSchema(KITCHEN_SINK_SCHEMA);
    if ("diagnostics" in read) throw new Error(read.diagnostics[0]?.message);
    expectGolden("kitchen-sink.shape.json", `${prettyJson(shapeToJson(buildShape(read.schema)))}\n`);
  });

  test("the kitchen sink: accepted document and state", () => {
    const { documents } = createAcceptedSchema(KITCHEN_SINK_SCHEMA, { identityDomain: DOMAIN });
    expectGolden("kitchen-sink.ir.json", documents.ir);
    expectGolden("kitchen-sink.state.json", documents.state);
  });

  test("diagnostics", () => {
    const broken: readonly string[] = [
      "node Plant {\n    label: Strng\n}",
      "node Plant {\n    label: String,\n}",
      "node Plant {\n    label: String @index(lable)\n    light: Bool @range(light, 0..1)\n}",
      "interface Named {\n    name: String\n}\nnode Plant implements Named {\n    name: String?\n}",
      'node Plant @description("a\\qb") {}',
      "node Plant {\n    a: String @key\n    b: String @key\n}",
      "node Plant {}\nnode Plant {}\nedge Grows: Plant -> Plnt",
      'node Plant { code: String @check(code, "(?=a)b") }',
      "node A {} edge E: A -> A @card(1) { from: I32 }",
      "node A { s: String /* open",
    ];
    const printed = broken.map((source) =>
      checkSchemaSource(source)
        .map((item) => printDiagnostic(item, source, "schema.pg"))
        .join("\n"),
    );
    expectGolden("diagnostics.txt", `${printed.join("\n\n")}\n`);
  });
});
