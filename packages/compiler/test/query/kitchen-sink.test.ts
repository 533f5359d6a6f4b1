import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Catalog, compileQuery, createAcceptedSchema, listQueries, printPlan } from "../../src/index.js";
import { parseQueryFile } from "../../src/query/parse-query.js";
import { printQueryFile } from "../../src/query/print-query.js";
import type { QueryFile } from "../../src/query/query-ast.js";
import { checkRows, fixtureSchema } from "../../test-support/spec-examples.js";

const catalog: Catalog = createAcceptedSchema(fixtureSchema(), { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }).catalog;
const source = readFileSync(new URL("./kitchen-sink.gq", import.meta.url), "utf8");

function parse(text: string): QueryFile {
  const parsed = parseQueryFile(text);
  if ("diagnostic" in parsed) throw new Error(parsed.diagnostic.message);
  return parsed.file;
}

/** Without spans, and with big integers as text. */
function plain(node: unknown): string {
  return `${JSON.stringify(node, (key, value: unknown) => (key === "span" ? undefined : typeof value === "bigint" ? `${value}n` : value), 1)}\n`;
}

describe("kitchen sink", () => {
  it("§3 builds the recorded tree", async () => {
    await expect(plain(parse(source))).toMatchFileSnapshot("../golden/query/kitchen-sink.ast.json");
  });

  it("prints canonically", async () => {
    await expect(printQueryFile(parse(source))).toMatchFileSnapshot("../golden/query/kitchen-sink.printed.gq");
  });

  it("§14 lowers to the recorded plans", async () => {
    const plans = listQueries(source).map(({ name }) => printPlan(compileQuery(source, catalog, name).plan));
    await expect(plans.join("\n")).toMatchFileSnapshot("../golden/query/kitchen-sink.plan.txt");
  });

  it("§15.1 describes the recorded operations", async () => {
    const descriptors = listQueries(source).map(({ name }) => compileQuery(source, catalog, name).descriptor);
    await expect(`${JSON.stringify(descriptors, undefined, 1)}\n`).toMatchFileSnapshot("../golden/query/kitchen-sink.operations.json");
  });

  it("GR-6 carries the annotations", () => {
    expect(compileQuery(source, catalog, "kitchen_sink").annotations).toEqual({
      description: 'all of it, with "quotes"\nand a second line',
      instruction: "call me",
    });
    expect(compileQuery(source, catalog, "write").annotations).toEqual({ description: "" });
  });
});

describe("printQueryFile", () => {
  const accepted = checkRows().filter(({ outcome }) => outcome !== "syntax");

  it.each([["kitchen sink", source], ...accepted.map(({ id, source: text }) => [`row ${id}`, text])])("is undone by the parser: %s", (_, text = "") => {
    const file = parse(text);
    const printed = printQueryFile(file);
    expect(plain(parse(printed))).toBe(plain(file));
    expect(printQueryFile(parse(printed))).toBe(printed);
  });
});

describe("spans", () => {
  it("cover what was written", () => {
    const text = 'query q() { match { $b: Book { title: "x" }  $b cites{1,2} $c  $b.pages = 1 } return { $b.isbn as k, } order { k desc } }';
    const [query] = parse(text).queries;
    if (query?.body.kind !== "Read") throw new Error("expected a read");
    const at = ({ span }: { readonly span: { readonly start: number; readonly end: number } }): string => text.slice(span.start, span.end);
    expect(at(query)).toBe(text);
    expect(query.body.match.clauses.map(at)).toEqual(['$b: Book { title: "x" }', "$b cites{1,2} $c", "$b.pages = 1"]);
    expect(query.body.projections.map(at)).toEqual(["$b.isbn as k"]);
    expect(query.body.orderings.map(at)).toEqual(["k desc"]);
  });
});
