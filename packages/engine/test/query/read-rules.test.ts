import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

/** Rows as lists of cells in projection order. */
async function rows(body: string, options: RunOptions & { readonly declare?: string } = {}): Promise<unknown[][]> {
  const result = await graph.run(`query q(${options.declare ?? ""}) { ${body} }`, options);
  return [...resultRows(result)].map((row) => Object.values(row));
}

const books = (condition: string, options: RunOptions & { readonly declare?: string } = {}): Promise<unknown[]> =>
  rows(`match { $b: Book ${condition} } return { $b.isbn }`, options).then((found) => found.flat());

describe("EX-22 EX-23 EX-24 EX-25 EX-26 EX-27 comparisons", () => {
  test("EX-20 a binding without condition is every node of its type", async () => {
    expect(await rows("match { $b: Book } return { $b.isbn }")).toEqual([["b1"], ["b2"], ["b3"], ["b4"]]);
  });

  test.each([
    ["$b.pages = 310.0", ["b1"]],
    ["$b.pages = 2.7", []],
    ["$b.pages > 309.5", ["b1"]],
    ["$b.pages != 310.5", ["b1", "b2", "b4"]],
    ["$b.pages < 3000000000", ["b1", "b2", "b4"]],
    ["$b.pages > 9223372036854775807", []],
    ["$b.copies > 2.5", ["b1", "b4"]],
    ["$b.copies = 3.5", []],
    ["3 = $b.copies", ["b1"]],
    ["2 < $b.copies", ["b1", "b4"]],
    ["$b.price = 12.5", ["b1"]],
    ["$b.price >= 8", ["b1", "b3"]],
    ["$b.pages = $b.pages", ["b1", "b2", "b4"]],
    ["$b.pages > $b.copies", ["b1", "b2", "b4"]],
    ["$b.title contains \"eep W\"", ["b1"]],
    ["$b.title contains \"deep\"", []],
    ["$b.title starts_with \"Deep\"", ["b1", "b3"]],
    ["$b.title starts_with \"\"", ["b1", "b2", "b3", "b4"]],
    ["$b.blurb contains \"\"", ["b1", "b3", "b4"]],
    ["$b.blurb contains \"%\"", []],
    ["\"Deep Water and more\" starts_with $b.title", ["b1"]],
    ["$b.tags contains \"sea\"", ["b1"]],
    ["[45, 120.0, 7] contains $b.pages", ["b2", "b4"]],
    ["[\"b3\", \"b1\", \"b3\"] contains $b.isbn", ["b1", "b3"]],
    ["$b.genre < \"novel\"", ["b3", "b4"]],
    ["$b.released > datetime(\"2001-03-04T00:00:00Z\")", ["b2", "b4"]],
    ["1 = 1.0", ["b1", "b2", "b3", "b4"]],
    ["1 = 2", []],
  ])("%s", async (condition, expected) => {
    expect(await books(condition)).toEqual(expected);
  });

  test("EX-22 a null parameter satisfies no comparison, not even with null", async () => {
    for (const condition of ["$b.pages = $n", "$b.pages != $n", "$n = $n", "$b.tags contains $t", "$b.title starts_with $t"]) {
      expect(await books(condition, { declare: "$n: I64?, $t: String?" })).toEqual([]);
    }
  });

  test("EX-24 an F32 property finds the rounded constant, from a literal, a parameter and a list", async () => {
    expect(await books("$b.price = $p", { declare: "$p: F64", params: { p: 3.25 } })).toEqual(["b4"]);
    expect(await books("$b.price > $p", { declare: "$p: F64", params: { p: 12.5 + 1e-9 } })).toEqual([]);
    expect(await books("$b.price >= $p", { declare: "$p: F64", params: { p: 12.5 + 1e-9 } })).toEqual(["b1"]);
    expect(await books("[8.000000001] contains $b.price")).toEqual(["b3"]);
  });
});

describe("EX-30 … EX-38 traversals", () => {
  test("EX-30 an undirected hop gives a pair stored both ways, and a self-loop, once", async () => {
    expect(await rows("match { $b: Book { isbn: \"b3\" } $b <cites> $c } return { $c.isbn }")).toEqual([["b1"], ["b2"], ["b3"]]);
  });
  test("EX-34 EX-35 bounded reachability reports shortest distances and the origin only through its self-loop", async () => {
    const reach = (start: string, hops: string): Promise<unknown[][]> => rows(`match { $b: Book { isbn: "${start}" } $b cites${hops} $c } return { $c.isbn }`);
    expect(await reach("b3", "{1,1}")).toEqual([["b1"], ["b2"], ["b3"]]);
    expect(await reach("b3", "{2,3}")).toEqual([]);
    expect(await reach("b1", "{1,9}")).toEqual([["b2"], ["b3"]]);
    expect(await reach("b1", "{2,2}")).toEqual([["b2"], ["b3"]]);
    expect(await reach("b1", "{3,4294967295}")).toEqual([]);
  });
  test("EX-36 a traversal between different types never goes beyond one hop", async () => {
    expect(await rows("match { $a: Author { handle: \"cy\" } $a wrote{1,5} $b } return { $b.isbn }")).toEqual([["b3"]]);
    expect(await rows("match { $a: Author $a wrote{2,5} $b } return { $b.isbn }")).toEqual([]);
    expect(await rows("match { $a: Author $b: Book $a wrote{2,5} $b } return { $b.isbn }")).toEqual([]);
  });
  test("EX-37 an edge variable gives one row per stored edge, null where a property is unset", async () => {
    expect(await rows("match { $b: Book { isbn: \"b2\" } $k $w:wrote $b } return { $k.handle, $w.role, $w.since }")).toEqual([
      ["ada", "editor", null],
      ["bo", "author", "2009-02-02"],
    ]);
  });
  test("EX-38 several traversals close on one variable; with an edge variable once per edge", async () => {
    expect(await rows("match { $x: Book $x cites $y $y cites $x $x cites $x } return { $x.isbn, $y.isbn }")).toEqual([["b3", "b1"], ["b3", "b3"]]);
    expect(await rows("match { $a: Author $a wrote $b $a $w:wrote $b } return { $a.handle, $b.isbn, $w.role } order { $w.role }")).toEqual([
      ["cy", "b3", null],
      ["ada", "b1", "author"],
      ["bo", "b2", "author"],
      ["ada", "b2", "editor"],
      ["ada", "b1", "translator"],
    ]);
    expect(await rows("match { $x: Author { handle: \"ada\" } $y: Author { handle: \"cy\" } $x follows{2,3} $y } return { $y }")).toEqual([["cy"]]);
  });
  test("EX-33 a far condition on a key starts there, and finds the same rows", async () => {
    expect(await rows("match { $a: Author $a wrote $b $b cites $c $c: Book { isbn: \"b1\" } } return { $a.handle, $b.isbn }")).toEqual([["ada", "b2"], ["bo", "b2"], ["cy", "b3"]]);
  });
});

describe("EX-10 … EX-13, EX-40 … EX-43 rows and negation", () => {
  test("EX-11 equal projected values stay apart", async () => {
    expect(await rows("match { $b: Book { genre: \"essay\" } } return { $b.genre }")).toEqual([["essay"], ["essay"]]);
  });
  test("EX-12 components combine as a product, and an equality between them joins", async () => {
    expect(await rows("match { $a: Author $b: Book } return { count($a) as n }")).toEqual([[16n]]);
    expect(await rows("match { $x: Author $y: Author $x.rating = $y.rating } return { $x.handle, $y.handle }")).toEqual([
      ["ada", "ada"],
      ["ada", "dee"],
      ["cy", "cy"],
      ["dee", "ada"],
      ["dee", "dee"],
    ]);
  });
  test("EX-43 negations are independent and correlate by the whole row", async () => {
    expect(await rows("match { $x: Author $y: Author not { $x follows $y } not { $y follows $x } } return { $x.handle, $y.handle }")).toEqual([
      ["ada", "ada"],
      ["bo", "bo"],
      ["bo", "dee"],
      ["cy", "cy"],
      ["cy", "dee"],
      ["dee", "bo"],
      ["dee", "cy"],
      ["dee", "dee"],
    ]);
  });
  test("EX-3 a negation written first sees variables bound after it", async () => {
    expect(await rows("match { $a: Author not { $a wrote $b } $b: Book { isbn: \"b1\" } } return { $a.handle }")).toEqual([["bo"], ["cy"], ["dee"]]);
    expect(await rows("match { $b: Book { isbn: \"b1\" } $a: Author not { $a wrote $b } } return { $a.handle }")).toEqual([["bo"], ["cy"], ["dee"]]);
  });
});

describe("EX-44 … EX-60 projection and aggregation", () => {
  test("EX-45 EX-46 EX-47 ids, parameters, null and literals project on every row", async () => {
    const declare = "$p: U64, $o: String?, $d: Date, $l: [I64], $f: F32";
    const params = { p: "9223372036854775807", d: "2024-02-29", l: [1, "2"], f: 0.5 };
    expect(await rows("match { $a: Author { handle: \"bo\" } } return { $a, $p, $o, $d, $l, $f, true as yes, [1, 2] as two }", { declare, params })).toEqual([
      ["bo", 9223372036854775807n, null, "2024-02-29", [1n, 2n], 0.5, true, [1n, 2n]],
    ]);
  });
  test("EX-50 EX-51 null keys form one group; count skips null values", async () => {
    expect(await rows("match { $b: Book } return { $b.released, count($b.pages) as n, count($b) as all } order { n }")).toEqual([
      [null, 0n, 1n],
      ["2001-03-04T00:00:00.000Z", 1n, 1n],
      ["2010-07-01T12:30:00.000Z", 1n, 1n],
      ["2020-01-01T00:00:00.000Z", 1n, 1n],
    ]);
  });
  test("EX-52 EX-53 EX-54 aggregates of nothing but nulls, and of no rows", async () => {
    expect(await rows("match { $b: Book { isbn: \"b3\" } } return { sum($b.pages), avg($b.pages), min($b.pages), count($b.pages) }")).toHaveLength(1);
    expect(await rows("match { $b: Book { isbn: \"b3\" } } return { sum($b.pages) as s, min($b.pages) as m, max($b) as x }")).toEqual([[null, null, "b3"]]);
    expect(await rows("match { $b: Book $b.pages > 1000 } return { sum($b.pages) as s, count(1) as n, max($b) as x }")).toEqual([[null, 0n, null]]);
  });
  test("EX-56 groups without order come in the order of their first rows", async () => {
    expect(await rows("match { $a: Author $a wrote $b } return { $b.genre, count($a) as n }")).toEqual([["novel", 1n], ["poetry", 2n], ["essay", 1n]]);
  });
  test("EX-60 now() is the instant of the request everywhere", async () => {
    const nowMs = Date.UTC(2010, 6, 1, 12, 30);
    expect(await rows("match { $b: Book $b.released <= now() } return { $b.isbn, now() }", { nowMs })).toEqual([
      ["b1", "2010-07-01T12:30:00.000Z"],
      ["b2", "2010-07-01T12:30:00.000Z"],
    ]);
  });
});

describe("OR-1 … OR-7 order and limit", () => {
  test("OR-1 OR-3 without order rows follow the ids of the variables by name", async () => {
    expect(await rows("match { $b: Book $a wrote $b } return { $b.isbn, $a.handle }")).toEqual([["b1", "ada"], ["b2", "ada"], ["b3", "cy"], ["b2", "bo"]].sort());
  });
  test("OR-2 null is first ascending and last descending; lists compare item by item, shorter first", async () => {
    const sorted = (order: string): Promise<unknown[][]> => rows(`match { $b: Book } return { $b.isbn } order { ${order} }`);
    expect(await sorted("$b.pages")).toEqual([["b3"], ["b4"], ["b2"], ["b1"]]);
    expect(await sorted("$b.pages desc")).toEqual([["b1"], ["b2"], ["b4"], ["b3"]]);
    expect(await sorted("$b.tags")).toEqual([["b4"], ["b3"], ["b2"], ["b1"]]);
    expect(await sorted("$b.vec desc")).toEqual([["b1"], ["b3"], ["b2"], ["b4"]]);
  });
  test("OR-7 limits keep the first rows, from none to all", async () => {
    const limited = (count: number | bigint): Promise<unknown[][]> => rows(`match { $b: Book } return { $b.isbn } order { $b.copies } limit ${count}`);
    expect(await limited(0)).toEqual([]);
    expect(await limited(1)).toEqual([["b3"]]);
    expect(await limited(3)).toEqual([["b3"], ["b2"], ["b1"]]);
    expect(await limited(18446744073709551615n)).toHaveLength(4);
  });
  test("OR-5 a group key without alias orders groups", async () => {
    expect(await rows("match { $b: Book } return { $b.genre, count($b) as n } order { $b.genre desc } limit 2")).toEqual([["poetry", 1n], ["novel", 1n]]);
  });
});

test("RS-3 of two columns with one name a row object holds the later, `columns` both", async () => {
  const result = await graph.run("query q() { match { $b: Book { isbn: \"b1\" } } return { $b.isbn as x, $b.pages as x, $b.copies as __proto__ } }");
  expect(result.columns.map(({ name }) => name)).toEqual(["x", "x", "__proto__"]);
  const [row] = [...resultRows(result)];
  expect(Object.entries(row ?? {})).toEqual([["x", 310], ["__proto__", 3]]);
});
