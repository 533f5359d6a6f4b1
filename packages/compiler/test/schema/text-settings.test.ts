import { compactJson } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { createAcceptedSchema, checkSchemaSource, openAcceptedSchema, planMigration } from "../../src/compile-schema.js";
import { describeMigrationStep } from "../../src/migration/describe-step.js";
import { migrationStepToJson } from "../../src/migration/step-json.js";
import { parseSchema } from "../../src/schema/parse-schema.js";
import { printSchema } from "../../src/schema/print-schema.js";
import type { TextAnalysis } from "../../src/types/text-analysis.js";
import { DOMAIN } from "./spec-tables.js";

function schemaWith(...constraints: string[]): string {
  return `node Book { isbn: String @key  title: String  kind: enum(a, b)  tags: [String]?  pages: I32?
    ${constraints.join("\n    ")} }
edge Cites: Book -> Book { note: String? }\n`;
}

function accept(source: string): ReturnType<typeof createAcceptedSchema> {
  return createAcceptedSchema(source, { identityDomain: DOMAIN });
}

function analysisOf(source: string, property = "title"): TextAnalysis | undefined {
  return accept(source).catalog.nodeTypeByName.get("Book")?.propertyByName.get(property)?.textAnalysis;
}

describe("text settings of @index", () => {
  test.each<[string, TextAnalysis]>([
    ["", { tokenizer: "words", language: "english" }],
    ["@index(title)", { tokenizer: "words", language: "english" }],
    ['@index(title, language="german")', { tokenizer: "words", language: "german" }],
    ['@index(title, tokenizer="words", language="russian")', { tokenizer: "words", language: "russian" }],
    ['@index(title, tokenizer="exact")', { tokenizer: "exact" }],
    ['@index(title, tokenizer="icu")', { tokenizer: "icu" }],
    ['@index(title, tokenizer="ngram")', { tokenizer: "ngram", min: 3, max: 3 }],
    ['@index(title, tokenizer="ngram", min=2)', { tokenizer: "ngram", min: 2, max: 3 }],
    ['@index(title, tokenizer="ngram", max=2)', { tokenizer: "ngram", min: 2, max: 2 }],
    ['@index(title, min=1, max=10, tokenizer="ngram")', { tokenizer: "ngram", min: 1, max: 10 }],
    ['@index(title)\n    @index(title, tokenizer="exact")\n    @index(title)', { tokenizer: "exact" }],
  ])("SR-1 %s", (constraint, expected) => {
    expect(analysisOf(schemaWith(constraint))).toEqual(expected);
  });

  test("a key may be searched in another way", () => {
    expect(analysisOf(schemaWith('@index(isbn, tokenizer="exact")'), "isbn")).toEqual({ tokenizer: "exact" });
  });

  test.each<[string, string, string[]]>([
    ["P51", '@check(title, "a", language="german")', ["@check has no settings"]],
    ["P51", '@unique(title, language="german")', ["@unique has no settings"]],
    ["P51", '@index(title, isbn, language="german")', ["several properties"]],
    ["P51", '@index(kind, language="german")', ["Book.kind", "enum(a, b)"]],
    ["P51", '@index(tags, language="german")', ["Book.tags", "[String]?"]],
    ["P51", '@index(pages, tokenizer="exact")', ["Book.pages", "I32?"]],
    ["P51", '@index(title, language="german", isbn)', ["several properties"]],
    ["P51", '@index(title, language="german", title)', ["after the property"]],
    ["P52", '@index(title, lang="german")', ["no setting 'lang'"]],
    ["P52", '@index(title, language="klingon")', ['language="klingon" is not known']],
    ["P52", "@index(title, language=1)", ["language=1 is not known"]],
    ["P52", '@index(title, tokenizer="raw")', ['tokenizer="raw" is not known']],
    ["P52", '@index(title, tokenizer="icu", language="german")', ["'language='", 'tokenizer="words"']],
    ["P52", "@index(title, min=2)", ["'min='", 'tokenizer="ngram"']],
    ["P52", '@index(title, tokenizer="ngram", min=4, max=3)', ["min=4 is above max=3"]],
    ["P52", '@index(title, tokenizer="ngram", min=0)', ["'min='", "length"]],
    ["P52", '@index(title, tokenizer="ngram", max=11)', ["'max='", "length"]],
    ["P52", '@index(title, tokenizer="ngram", max="3")', ["'max='", "length"]],
    ["P52", '@index(title, language="german", language="german")', ["given twice"]],
    ["P53", '@index(title, language="german") @index(title, tokenizer="exact")', ["Book.title", "different text settings"]],
    ["P39", '@index(nope, language="german")', ["unknown property 'nope'"]],
  ])("%s %s", (rule, constraint, markers) => {
    const diagnostics = checkSchemaSource(schemaWith(constraint));
    expect(diagnostics.map((item) => item.rule)).toEqual([rule]);
    for (const marker of markers) expect(diagnostics[0]?.message).toContain(marker);
    if (rule !== "P39") expect(diagnostics[0]?.hint).toBeDefined();
  });

  test("P51 edges have no text indexes", () => {
    const source = `node A { }\nedge E: A -> A { note: String @index(note, tokenizer="exact") }\n`;
    expect(checkSchemaSource(source).map((item) => item.rule)).toEqual(["P51"]);
  });

  test.each(["@index(language=\"german\")", '@index(title, language="german",)', "@index(title, language=)", "@index(title, =1)", '@index(title, language=german)'])("SYN %s", (constraint) => {
    expect(checkSchemaSource(schemaWith(constraint)).map((item) => item.rule)).toEqual(["SYN"]);
  });

  test("what equals the default is not recorded: the shape of a schema without settings does not change", () => {
    const plain = accept(schemaWith("@index(title)"));
    expect(accept(schemaWith('@index(title, tokenizer="words", language="english")')).shapeHash).toBe(plain.shapeHash);
    expect(accept(schemaWith('@index(title, language="german")')).shapeHash).not.toBe(plain.shapeHash);
  });

  test("are printed after the property, and read back", () => {
    const source = schemaWith('@index(title, tokenizer="ngram", min=2, max=4)');
    const parsed = parseSchema(source);
    if ("diagnostic" in parsed) throw new Error(parsed.diagnostic.message);
    expect(printSchema(parsed.document)).toContain('@index(title, tokenizer="ngram", min=2, max=4)');
  });

  test.each(['language="german"', 'tokenizer="exact"', 'tokenizer="icu"', 'tokenizer="ngram", min=2, max=4'])("§13.1 %s survives the accepted document", (settings) => {
    const source = schemaWith(`@index(title, ${settings})`);
    const accepted = accept(source);
    const opened = openAcceptedSchema(accepted.documents);
    expect(opened.catalog.nodeTypeByName.get("Book")?.propertyByName.get("title")?.textAnalysis).toEqual(analysisOf(source));
    expect(opened.catalog.irHash).toBe(accepted.catalog.irHash);
  });
});

describe("changing text settings", () => {
  test.each<[string, string, string, string]>([
    [
      "new settings",
      "@index(title)",
      '@index(title, language="german")',
      '{"kind":"update_index","type_kind":"node","type_name":"Book","constraint":{"Index":["title"],"text":{"tokenizer":"words","language":"german"}}}',
    ],
    ["back to the default", '@index(title, tokenizer="exact")', "@index(title)", '{"kind":"update_index","type_kind":"node","type_name":"Book","constraint":{"Index":["title"]}}'],
    [
      "a new index",
      "",
      '@index(title, tokenizer="ngram", min=2)',
      '{"kind":"add_constraint","type_kind":"node","type_name":"Book","constraint":{"Index":["title"],"text":{"tokenizer":"ngram","min":2,"max":3}}}',
    ],
  ])("§14.2 %s is one metadata step", (_, before, after, expected) => {
    const { supported, steps } = planMigration(accept(schemaWith(before)), schemaWith(after));
    expect(supported).toBe(true);
    expect(steps.map((step) => compactJson(migrationStepToJson(step)))).toEqual([expected]);
  });

  test("§15.2 as text", () => {
    const { steps } = planMigration(accept(schemaWith("@index(title)")), schemaWith('@index(title, tokenizer="ngram", min=2)'));
    expect(steps.map(describeMigrationStep)).toEqual([`change index to @index(title, tokenizer="ngram", min=2, max=3) on node 'Book'`]);
  });

  test("§14.3 equal settings are no change", () => {
    const { steps } = planMigration(accept(schemaWith("@index(title)")), schemaWith('@index(title, language="english")'));
    expect(steps).toEqual([]);
  });
});
