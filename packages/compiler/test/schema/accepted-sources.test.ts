import { describe, expect, test } from "vitest";
import { admitSchema, checkSchemaSource, createAcceptedSchema, openAcceptedSchema } from "../../src/compile-schema.js";
import { parseSchema } from "../../src/schema/parse-schema.js";
import { printSchema } from "../../src/schema/print-schema.js";
import { blocks, code, DOMAIN, rows, section } from "./spec-tables.js";

const appendix = section("## Appendix A.");
const accepted = rows(appendix).map(([id = "", source = ""]) => [id, code(source)] as const);
const cases = [...accepted, ["V55", blocks(appendix, "pg")[0] ?? ""] as const];

test("Appendix A has all its rows", () => {
  expect(cases).toHaveLength(54);
});

describe("Appendix A: accepted sources", () => {
  test.each(cases)("%s is accepted by the source check and by admission: %s", (_, source) => {
    expect(checkSchemaSource(source).filter((item) => item.severity === "error")).toEqual([]);
    expect(admitSchema(source)).toEqual([]);
  });

  test.each(cases)("%s reads back from its documents", (_, source) => {
    const created = createAcceptedSchema(source, { identityDomain: DOMAIN });
    const opened = openAcceptedSchema(created.documents);
    expect(opened.catalog).toEqual(created.catalog);
    expect(opened.documents).toEqual(created.documents);
  });

  test.each(cases)("%s prints to a source of the same meaning", (_, source) => {
    const parsed = parseSchema(source);
    if (!("document" in parsed)) throw new Error("does not parse");
    const printed = printSchema(parsed.document);
    const again = parseSchema(printed);
    if (!("document" in again)) throw new Error(`printed text does not parse: ${printed}`);
    expect(printSchema(again.document)).toBe(printed);
    const hashes = [source, printed].map((text) => createAcceptedSchema(text, { identityDomain: DOMAIN }).irHash);
    expect(hashes[1]).toBe(hashes[0]);
  });
});

describe("the examples of §5 to §10", () => {
  test("§5 to §7 form one accepted schema", () => {
    const text = ["## 5.", "## 6.", "## 7."].flatMap((heading) => blocks(section(heading), "pg")).join("\n");
    expect(admitSchema(text)).toEqual([]);
    const { catalog } = createAcceptedSchema(text, { identityDomain: DOMAIN });
    const plant = catalog.nodeTypeByName.get("Plant");
    expect(plant?.properties.map((property) => property.name)).toEqual([
      "accession",
      "height_cm",
      "image_vec",
      "label",
      "light",
      "note",
      "photo",
      "traits",
    ]);
    expect(plant?.key.map((property) => property.name)).toEqual(["accession"]);
    expect(catalog.edgeTypeByName.get("GrowsIn")?.cardinality).toEqual({ min: 0, max: 1 });
  });

  test("Q18, §10.3: composite keys are ordered by property id", () => {
    const source = blocks(section("### 10.3"), "pg")[0] ?? "";
    const { catalog } = createAcceptedSchema(source, { identityDomain: DOMAIN });
    expect(catalog.nodeTypeByName.get("Shelf")?.key.map((property) => property.name)).toEqual(["bay", "row"]);
  });

  test("Appendix E: the schema of the write examples", () => {
    expect(admitSchema(blocks(section("## Appendix E."), "pg")[0] ?? "")).toEqual([]);
  });
});
