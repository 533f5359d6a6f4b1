import { describe, expect, it } from "vitest";
import { type Catalog, compileQuery, createAcceptedSchema, findRefusal } from "../../src/index.js";
import { fixtureSchema, HEADER } from "../../test-support/spec-examples.js";

const catalog: Catalog = createAcceptedSchema(fixtureSchema(), { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }).catalog;

function ruleOf(body: string): string | undefined {
  return findRefusal(compileQuery(`query q(${HEADER}, $k: I64?) { ${body} }`, catalog).plan)?.rule;
}

const MATCH = "match { $b: Book $a: Author $a wrote $b }";

describe("findRefusal", () => {
  it.each([
    ["EX-44", `${MATCH} return { $b.isbn as x, x }`],
    ["EX-44", `${MATCH} return { nosuch }`],
    ["EX-44", `${MATCH} return { count(search($b.title, "x")) }`],
    ["EX-44", `${MATCH} return { max(bm25($b.title, "x")) }`],
    ["EX-44", `${MATCH} return { count(nosuch) }`],
    ["EX-55", `${MATCH} return { sum(count($a)) }`],
    ["EX-55", `${MATCH} return { sum($a) }`],
    ["EX-55", `${MATCH} return { avg($a) }`],
    ["OR-4", `${MATCH} return { $b.isbn } order { nosuch }`],
    ["OR-4", `${MATCH} return { $b.isbn } order { 1 }`],
    ["OR-4", `${MATCH} return { $b.isbn } order { $b }`],
    ["OR-4", `${MATCH} return { $b.isbn } order { $s }`],
    ["OR-4", `${MATCH} return { $b.isbn } order { now() }`],
    ["OR-4", `${MATCH} return { $b.isbn } order { count($b) }`],
    ["OR-4", `${MATCH} return { $b.isbn } order { search($b.title, "x") }`],
    ["OR-5", `${MATCH} return { $a.name, count($b) as n } order { $a.born }`],
    ["OR-5", `${MATCH} return { $a.name as x, count($b) as n } order { $a.name }`],
    ["OR-6", `${MATCH} return { $b.isbn } order { $b.isbn, bm25($b.title, "x") }`],
    ["OR-6", `${MATCH} return { bm25($b.title, "x") as s } order { $b.isbn, s }`],
    ["SR-5", `match { $b: Book search("x", "y") } return { 1 }`],
    ["SR-5", `match { $b: Book search($b.title, $b.blurb) } return { 1 }`],
    ["SR-5", `match { $b: Book fuzzy($b.title, "x", $b.pages) } return { 1 }`],
    ["SR-5", `match { $b: Book not { match_text($s, $b.title) } } return { 1 }`],
    ["SR-5", `match { $b: Book } return { search($b.title, $b.blurb) }`],
    ["SR-8", `match { $b: Book bm25($b.title, "x") > 1.0 } return { 1 }`],
    ["SR-8", `match { $b: Book nearest($b.vec, $v) < 1.0 } return { 1 }`],
    ["SR-8", `match { $b: Book search($b.title, "x") != true } return { 1 }`],
    ["SR-8", `match { $b: Book true = search($b.title, "x") } return { 1 }`],
    ["SR-8", `match { $b: Book not { $b.price > bm25($b.title, "x") } } return { 1 }`],
    ["SR-16", `match { $b: Book } return { $b } order { nearest($b.vec, $b.title) } limit 1`],
    ["SR-16", `match { $b: Book } return { nearest($b.vec, $b.vec) }`],
    ["SR-22", `match { $b: Book } return { $b } order { bm25($b.title, $b.title) }`],
    ["SR-22", `match { $b: Book } return { bm25("x", "x") }`],
    ["SR-25", `match { $b: Book $c: Book } return { $b } order { rrf(nearest($b.vec, $v), bm25($c.title, "x")) } limit 1`],
    ["SR-25", `match { $b: Book } return { rrf(bm25($b.blurb, "x"), bm25($b.title, "x"), $b.pages) }`],
    ["PB-10", `match { $a: Author { born: date("whatever") } } return { 1 }`],
    ["PB-10", `match { $a: Author [date("2024-01-01"), date("x")] contains $a.born } return { 1 }`],
    ["PB-10", `match { $a: Author } return { datetime("x") }`],
    ["PB-10", `update Author set { born: date("2023-02-29") } where handle = "x"`],
    ["PB-10", `delete Wrote where since = date("")`],
    ["MU-2", `insert Author { handle: "x", name: "X" } delete Author where handle = "y"`],
    ["MU-2", `delete Author where handle = "y" update Author set { name: "X" } where handle = "x"`],
  ])("%s refuses %s", (rule, body) => {
    expect(ruleOf(body)).toBe(rule);
  });

  it.each([
    ["EX-44", `${MATCH} return { $b, $b.isbn, $s, 1, now(), count($b) as n }`.replace(", 1, now()", "")],
    ["EX-53", `${MATCH} return { min($a), max($a.name), count(1), count($s), count(now()) }`],
    ["OR-4", `${MATCH} return { $b.isbn as x, $b, $s } order { x, b, s, $a.name desc }`],
    ["OR-4", `${MATCH} return { search($b.title, "x") as hit } order { hit desc }`],
    ["OR-5", `${MATCH} return { $a.name, $b.isbn as x, count($b) as n } order { n desc, $a.name, x }`],
    ["OR-6", `${MATCH} return { bm25($b.title, "x") as s } order { s, $b.isbn }`],
    ["SR-14", `${MATCH} return { $a.name, count($b) as n } order { bm25($b.title, "x"), n }`],
    ["SR-16", `match { $b: Book } return { nearest($b.vec, [1, 2, 3]) as d, nearest($b.vec, "x") } order { d } limit 3`],
    ["SR-25", `match { $b: Book } return { rrf(bm25($b.blurb, "x"), bm25($b.title, $s), $k) }`],
    ["MU-2", `delete Wrote where from = "ada" delete Author where handle = "ada"`],
    ["MU-2", `insert Author { handle: "x", name: "X" } update Author set { name: "Y" } where handle = "x"`],
  ])("%s lets pass %s", (_, body) => {
    expect(ruleOf(body)).toBeUndefined();
  });
});
