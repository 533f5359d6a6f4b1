import { describe, expect, it } from "vitest";
import { type Catalog, CompileError, compileQuery, createAcceptedSchema } from "../../src/index.js";
import { fixtureSchema } from "../../test-support/spec-examples.js";

const catalog: Catalog = createAcceptedSchema(fixtureSchema(), { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }).catalog;

function hintOf(source: string): string | undefined {
  try {
    compileQuery(source, catalog);
  } catch (error) {
    if (error instanceof CompileError) return error.diagnostics[0]?.hint;
    throw error;
  }
  throw new Error("expected a refusal");
}

const read = (clauses: string, rest = "return { $a.name }"): string => `query q($n: I64?) { match { $a: Author ${clauses} } ${rest} }`;

describe("hints for habits of other languages", () => {
  it.each([
    ["or", read('$a.name = "x" or $a.name = "y"'), "there is no 'or'"],
    ["and", read('$a.name = "x" and $a.name = "y"'), "clauses are joined by writing them one after the other"],
    ["in", read('$a.name in ["x"]'), "list first"],
    ["like", read('$a.name like "x"'), "'contains' or 'starts_with'"],
    ["where inside", read('where $a.name = "x"'), "inside the block of 'match'"],
    ["where behind", read("", 'where $a.name = "x" return { $a.name }'), "inside the block of 'match'"],
    ["count(*)", read("", "return { count(*) }"), "count($a)"],
    ["order by", read("", "return { $a.name } order by $a.name"), "order { $a.property desc }"],
    ["limit $n", read("", "return { $a.name } limit $n"), "literal number"],
    ["limit before order", read("", "return { $a.name } limit 1 order { $a.name }"), "'order' stands before 'limit'"],
    ["a misspelt search", read('serch($a.name, "x")'), "did you mean 'search'?"],
    ["a ranking as a condition", read('bm25($a.name, "x")'), "order { … }"],
    ["a ranking as a condition, before another", read('rrf(bm25($a.name, "x"), bm25($a.handle, "y")) $a.name = "z"'), "order { … }"],
    ["{2}", read("$a wrote{2} $b"), "{2,2}"],
    ["names the shell took, in a binding", "query q() { match { : Author } return { .name } }", "single quotes"],
    ["a bare match", "match { $a: Author } return { $a.name }", "query NAME() { … }"],
    ["a bare insert", 'insert Author { handle: "x" }', "query NAME() { … }"],
  ])("§13 %s", (_habit, source, hint) => {
    expect(hintOf(source)).toContain(hint);
  });

  it("T3 T7 a text that stands for a day is told how a day is spelt", () => {
    const spelling = 'write a day as date("YYYY-MM-DD")';
    expect(hintOf(read('$a.born = "2000-01-01"'))).toBe(spelling);
    expect(hintOf('query q() { match { $a: Author { born: "2000-01-01" } } return { $a.name } }')).toBe(spelling);
    expect(hintOf('query q() { insert Author { handle: "x", name: "X", born: "2000-01-01" } }')).toBe(spelling);
  });

  it("CK-20 nodes are compared by their key", () => {
    expect(hintOf(read("$b: Author $a != $b"))).toBe("compare one of its properties, such as 'handle' of its key");
  });
});
