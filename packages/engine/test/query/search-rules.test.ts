import type { Embedder } from "@omnigraphdb/common";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphEmbeddings } from "../../src/embedding/graph-embeddings.js";
import { QueryRefusedError } from "../../src/exec/errors.js";
import { ResourceLimitExceededError } from "../../src/errors.js";
import { resultRows } from "../../src/result/result-rows.js";
import type { QueryGraph, RunOptions } from "../../test-support/query-graph.js";
import { createSpecGraph } from "../../test-support/spec-fixture.js";

let directory: TempDir;
let graph: QueryGraph;

beforeAll(async () => {
  directory = await makeTempDir();
  graph = await createSpecGraph(directory.path);
});

afterAll(async () => {
  await graph[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** Cells of the rows, in order. */
async function cells(body: string, options: RunOptions & { readonly declared?: string } = {}): Promise<unknown[][]> {
  const rows = resultRows(await graph.run(`query q(${options.declared ?? ""}) { ${body} }`, options));
  return [...rows].map((row) => Object.values(JSON.parse(JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value))) as Record<string, unknown>));
}

async function isbns(body: string, options: RunOptions & { readonly declared?: string } = {}): Promise<unknown[]> {
  return (await cells(body, options)).map(([isbn]) => isbn);
}

async function ruleOf(body: string, declared: string, params: unknown): Promise<string | undefined> {
  const failure: unknown = await cells(body, { declared, params }).catch((error: unknown) => error);
  return failure instanceof QueryRefusedError ? failure.rule : undefined;
}

const ORDERED = "return { $b.isbn } order { $b.isbn }";

describe("text predicates (§9.1)", () => {
  test.each([
    ["SR-1 case, accents and punctuation do not matter", 'search($b.title, "DEEP!")', ["b1", "b3"]],
    ["SR-1 stems", 'search($b.title, "gardens")', ["b2"]],
    ["SR-2 match_text needs no adjacency", 'match_text($b.title, "water deep")', ["b1", "b3"]],
    ["SR-3 the default distance is 2", 'fuzzy($b.title, "watr")', ["b1"]],
    ["SR-3 distance 0 is equality of words", 'fuzzy($b.title, "garden", 0)', ["b2"]],
    ["SR-4 only stop words are no words", 'search($b.title, "the and")', []],
    ["SR-4 an empty text has no words", 'search($b.title, "")', []],
    ["SR-7 two predicates are a conjunction", 'search($b.title, "deep") search($b.blurb, "quiet")', ["b1"]],
    ["SR-8 = true", 'search($b.blurb, "voyage") = true', ["b1", "b3"]],
    ["SR-8 = false leaves null fields out", 'search($b.blurb, "quiet") = false', ["b3", "b4"]],
    ["SR-8 = false of a query without words", 'search($b.blurb, "") = false', ["b1", "b3", "b4"]],
  ])("%s", async (_, predicate, expected) => {
    expect(await isbns(`match { $b: Book ${predicate} } ${ORDERED}`)).toEqual(expected);
  });

  test("SR-4 a null query matches nothing, and its negation every text", async () => {
    const options = { declared: "$q: String?", params: {} };
    expect(await isbns(`match { $b: Book search($b.blurb, $q) } ${ORDERED}`, options)).toEqual([]);
    expect(await isbns(`match { $b: Book search($b.blurb, $q) = false } ${ORDERED}`, options)).toEqual(["b1", "b3", "b4"]);
  });

  test("SR-3 a null distance is the default, a negative one is refused", async () => {
    expect(await isbns(`match { $b: Book fuzzy($b.title, "watr", $n) } ${ORDERED}`, { declared: "$n: I64?", params: {} })).toEqual(["b1"]);
    expect(await ruleOf(`match { $b: Book fuzzy($b.title, "x", $n) } ${ORDERED}`, "$n: I64", { n: -1 })).toBe("SR-3");
    expect(await ruleOf(`match { $b: Book not { fuzzy($b.title, "x", $n) } } ${ORDERED}`, "$n: I64", { n: -1 })).toBe("SR-3");
  });

  test("SR-6 on variables of traversals, and inside not on inner and outer ones", async () => {
    const authors = "return { $a.handle } order { $a.handle }";
    expect(await isbns(`match { $a: Author $a wrote $b search($b.title, "deep") } ${authors}`)).toEqual(["ada", "cy"]);
    expect(await isbns(`match { $a: Author not { $a wrote $b search($b.title, "deep") } } ${authors}`)).toEqual(["bo", "dee"]);
    expect(await isbns(`match { $b: Book not { $b cites $c search($b.title, "deep") } } ${ORDERED}`)).toEqual(["b2", "b4"]);
    expect(await isbns(`match { $b: Book not { $b cites $c not { search($c.title, "deep") } } } ${ORDERED}`)).toEqual(["b1", "b2", "b4"]);
  });

  test("SR-7 with filters of several variables", async () => {
    const rows = await cells('match { $x: Book $y: Book search($x.title, "deep") search($y.title, "night static") $x.copies > $y.copies } return { $x.isbn, $y.isbn } order { $x.isbn, $y.isbn }');
    expect(rows).toEqual([["b1", "b2"]]);
  });
});

describe("ranking (§9.2 … 9.5)", () => {
  test("SR-10 the result is the best of the complete match, not what is left of a list", async () => {
    expect(await isbns("match { $b: Book not { $b cites $_ } } return { $b.isbn } order { nearest($b.vec, [1, 0, 0]) } limit 1")).toEqual(["b4"]);
    expect(await isbns('match { $b: Book $b.pages < 100 } return { $b.isbn } order { bm25($b.blurb, "voyage signals") } limit 1')).toEqual(["b4"]);
  });

  test("SR-11 ties are ordered by the other keys, then by ids", async () => {
    expect(await isbns("match { $b: Book } return { $b.isbn } order { nearest($b.vec, [1, 0, 0]), $b.copies desc } limit 4")).toEqual(["b1", "b3", "b4", "b2"]);
    expect(await isbns("match { $b: Book } return { $b.isbn } order { nearest($b.vec, [1, 0, 0]) } limit 4")).toEqual(["b1", "b3", "b2", "b4"]);
  });

  test.each(["", " asc", " desc"])("SR-12 a direction has no effect on bm25 and rrf:%s", async (direction) => {
    expect(await isbns(`match { $b: Book } return { $b.isbn } order { bm25($b.blurb, "voyage")${direction} }`)).toEqual(["b1", "b3"]);
    const fused = `rrf(nearest($b.vec, [0, 1, 0]), bm25($b.blurb, "voyage"))${direction}`;
    expect(await isbns(`match { $b: Book } return { $b.isbn } order { ${fused} } limit 4`)).toEqual(["b1", "b3", "b2", "b4"]);
  });

  test("SR-13 the limit counts rows", async () => {
    const rows = await cells("match { $b: Book $a $w:wrote $b } return { $b.isbn, $w.role } order { nearest($b.vec, [1, 0, 0]), $w.role } limit 2");
    expect(rows).toEqual([["b1", "author"], ["b1", "translator"]]);
  });

  test("SR-14 groups come in order of their best-ranked row; what has no rank does not contribute", async () => {
    const byGenre = (order: string): Promise<unknown[][]> => cells(`match { $b: Book } return { $b.genre, count($b) as n } order { ${order} } limit 9`);
    expect(await byGenre("nearest($b.vec, [0, 0, 1])")).toEqual([["essay", 2], ["novel", 1], ["poetry", 1]]);
    expect(await byGenre('bm25($b.blurb, "voyage")')).toEqual([["novel", 1], ["essay", 1]]);
    expect(await byGenre('rrf(nearest($b.vec, [0, 1, 0]), bm25($b.blurb, "voyage"))')).toEqual([["novel", 1], ["essay", 2], ["poetry", 1]]);
    expect(await cells('match { $b: Book } return { count($b) as n } order { bm25($b.blurb, "nosuchword") }')).toEqual([[0]]);
  });

  test.each([
    ["SR-16", "nearest($b.vec, $q)", "$q: Vector(3)?", {}],
    ["SR-16", "nearest($b.vec, $q)", "$q: String?", {}],
    ["SR-16", `nearest($b.vec, [${"9".repeat(40)}.0, 0, 0])`, "", {}],
    ["SR-22", "bm25($b.blurb, $q)", "$q: String?", { q: null }],
    ["SR-25", 'rrf(bm25($b.blurb, "a"), bm25($b.title, "b"), $q)', "$q: I64", { q: 0 }],
    ["SR-22", "rrf(bm25($b.blurb, $q), nearest($b.vec, [1, 0, 0]))", "$q: String?", {}],
  ])("%s refuses %s with (%s)", async (rule, ranking, declared, params) => {
    expect(await ruleOf(`match { $b: Book } return { $b.isbn } order { ${ranking} } limit 2`, declared, params)).toBe(rule);
    // SR-34: as a column too.
    expect(await ruleOf(`match { $b: Book } return { ${ranking} }`, declared, params)).toBe(rule);
  });

  test("SR-25 a null k is 60", async () => {
    const score = (k: string): Promise<unknown[]> => isbns(`match { $b: Book { isbn: "b4" } } return { rrf(nearest($b.vec, [0, 1, 0]), bm25($b.blurb, "x")${k}) }`, { declared: "$k: I64?", params: {} });
    expect(await score(", $k")).toEqual(await score(""));
    expect(await score(", 1")).toEqual([0.5]);
  });

  test("SR-27 an entity in several rows occupies one position", async () => {
    const rows = await cells('match { $b: Book $a $w:wrote $b } return { $b.isbn, $w.role, rrf(nearest($b.vec, [0, 1, 0]), bm25($b.blurb, "voyage")) as s } order { s, $w.role } limit 4');
    expect(rows).toEqual([
      ["b1", "author", 1 / 63 + 1 / 61],
      ["b1", "translator", 1 / 63 + 1 / 61],
      ["b3", null, 1 / 62 + 1 / 62],
      ["b2", "author", 1 / 61],
    ]);
  });

  test("SR-28 entities of one score come in the order of the first arm, with all their rows; then the limit applies", async () => {
    const [towardsB1, towardsB3] = ["nearest($b.vec, [1, 0, 0])", "nearest($b.vec, [0, 1, 0])"];
    const ranked = (pattern: string, first: string, second: string): Promise<unknown[]> =>
      isbns(`match { $b: Book search($b.title, "deep") ${pattern} } return { $b.isbn } order { rrf(${first}, ${second}) } limit 2`);
    expect(await ranked("", towardsB1, towardsB3)).toEqual(["b1", "b3"]);
    expect(await ranked("", towardsB3, towardsB1)).toEqual(["b3", "b1"]);
    expect(await ranked("$a $w:wrote $b", towardsB1, towardsB3)).toEqual(["b1", "b1"]);
  });

  test("EX-5 a ranking holds its rows within the memory of the query", async () => {
    const body = 'match { $a: Book $b: Book $c: Book $d: Book } return { $a.isbn } order { rrf(bm25($a.blurb, "voyage"), bm25($a.title, "deep")) } limit 1';
    await expect(cells(body, { queryMemoryBytes: 2_000 })).rejects.toThrow(ResourceLimitExceededError);
  });
});

describe("score columns (§9.6)", () => {
  test("SR-31 entities without a value: false for a predicate, null for a ranking", async () => {
    const rows = await cells('match { $b: Book { isbn: "b2" } } return { $b.isbn, search($b.blurb, "voyage") as hit, bm25($b.blurb, "voyage") as score, rrf(bm25($b.blurb, "voyage"), bm25($b.title, "deep")) as fused }');
    expect(rows).toEqual([["b2", false, null, null]]);
  });

  test("SR-30 RS-1 default names are those of the functions", async () => {
    const result = await graph.run('query q() { match { $b: Book } return { search($b.title, "x"), fuzzy($b.title, "x"), match_text($b.title, "x"), nearest($b.vec, [1, 0, 0]), bm25($b.title, "x") } limit 1 }');
    expect(result.columns.map(({ name }) => name)).toEqual(["search", "fuzzy", "match_text", "nearest", "bm25"]);
    expect(result.columns.map(({ type }) => type.base.kind)).toEqual(["Bool", "Bool", "Bool", "F64", "F64"]);
  });

  test("SR-32 an rrf that only shows takes all of its nearest arm without a limit", async () => {
    const rows = await cells('match { $b: Book } return { $b.isbn, rrf(nearest($b.vec, [0, 1, 0]), bm25($b.blurb, "voyage")) as s } order { $b.isbn }');
    expect(rows).toEqual([["b1", 1 / 63 + 1 / 61], ["b2", 1 / 61], ["b3", 1 / 62 + 1 / 62], ["b4", 1 / 64]]);
    const cut = await cells('match { $b: Book } return { $b.isbn, rrf(nearest($b.vec, [0, 1, 0]), bm25($b.blurb, "voyage")) as s } order { $b.isbn desc } limit 1');
    expect(cut).toEqual([["b4", null]]);
  });

  test("SR-33 the alias of a predicate orders as a truth value", async () => {
    const rows = await cells('match { $b: Book } return { $b.isbn, search($b.title, "deep") as hit } order { hit desc, $b.isbn desc }');
    expect(rows).toEqual([["b3", true], ["b1", true], ["b4", false], ["b2", false]]);
  });

  test("SR-34 a null query is false for a predicate", async () => {
    expect(await cells("match { $b: Book } return { $b.isbn, search($b.title, $q) as hit } limit 1", { declared: "$q: String?", params: {} })).toEqual([["b1", false]]);
  });

  test("OR-7 limit 0 gives the columns and no rows", async () => {
    const result = await graph.run('query q() { match { $b: Book } return { nearest($b.vec, [1, 0, 0]) as d, search($b.title, "x") } limit 0 }');
    expect([result.rowCount, result.columns.map(({ name }) => name)]).toEqual([0, ["d", "search"]]);
  });
});

describe("texts given to nearest (§10)", () => {
  class AxisEmbedder implements Embedder {
    readonly provider = "test";
    readonly model = "axes";
    readonly texts: string[] = [];

    embed(texts: readonly string[]): Promise<readonly Float32Array[]> {
      this.texts.push(...texts);
      return Promise.resolve(texts.map((text) => Float32Array.from([0, 1, 2], (axis) => (Number(text) === axis ? 1 : 0))));
    }
  }

  test("SR-16 EM-1 are embedded once per text, wherever they stand", async () => {
    const embedder = new AxisEmbedder();
    const embeddings = new GraphEmbeddings(() => embedder);
    const body = 'match { $b: Book } return { $b.isbn, nearest($b.vec, "2") as d } order { rrf(nearest($b.vec, $q), nearest($b.vec, "2")) } limit 2';
    expect(await cells(body, { declared: "$q: String", params: { q: "0" }, embeddings })).toEqual([["b1", 2], ["b4", 0]]);
    expect(embedder.texts.sort()).toEqual(["0", "2"]);
  });
});
