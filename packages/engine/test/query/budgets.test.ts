import { CancelledError, type Pacer, systemPacer } from "@omnigraphdb/common";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ResourceLimitExceededError } from "../../src/errors.js";
import type { QueryRows } from "../../src/exec/execute-query.js";
import { QueryGraph, type TestEntity } from "../../test-support/query-graph.js";

const SCHEMA = `
node P { slug: String @key  n: I32  big: I64?  name: String?  tags: [String]? }
edge Knows: P -> P
edge Hub: P -> P
`;

const COUNT = 1_024;

let directory: TempDir;
let graph: QueryGraph;

/** Everybody knows the 128 behind them; so three hops make 2^31 rows, and a triple product 2^30. */
beforeAll(async () => {
  directory = await makeTempDir();
  const idOf = (i: number): string => `p${String(i % COUNT).padStart(5, "0")}`;
  const persons = Array.from({ length: COUNT }, (_, i): TestEntity => {
    return { type: "P", id: idOf(i), cells: { slug: idOf(i), n: i, big: i % 3 === 0 ? null : BigInt(i) << 40n, name: i % 5 === 0 ? null : `name ${i % 700}`, tags: [`t${i}`] } };
  });
  const knows = Array.from({ length: COUNT * 128 }, (_, i): TestEntity => ({ type: "Knows", id: `k${i}`, from: idOf(Math.floor(i / 128)), to: idOf(Math.floor(i / 128) + 1 + (i % 128)), cells: {} }));
  graph = await QueryGraph.create(directory.path, SCHEMA, [...persons, ...knows]);
  await graph.run("query q() { match { $a: P $a knows $b } return { count($b) as n, min($a.n) as m, min($a.big) as b, min($a.name) as s } }");
}, 60_000);

afterAll(async () => {
  await graph[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

function firstCount({ columns }: QueryRows): bigint | undefined {
  const values = columns[0]?.values;
  return values?.kind === "i64" ? values.values[0] : undefined;
}

const PRODUCT = "$a: P $b: P $c: P";
const HOPS = "$a: P $a knows $b $b knows $c $c knows $d";

describe("EX-5 G-20 a query that would build 10^9 rows ends with the limit or the answer, and the process goes on", () => {
  test.each([
    ["a product", `query q() { match { ${PRODUCT} } return { $a.slug, $b.slug, $c.slug } }`],
    ["three hops", `query q() { match { ${HOPS} } return { $a.slug, $b.slug, $c.slug, $d.slug } }`],
    ["three hops, sorted", `query q() { match { ${HOPS} } return { $a.slug, $d.slug } order { $d.n desc } }`],
    ["groups of pairs and more", `query q() { match { ${PRODUCT} } return { $a.slug, $b.n, $c.slug, count($a) as n } }`],
    ["groups of numbers", `query q() { match { ${PRODUCT} } return { $a.big, $b.n, $c.big, sum($a.n) as n } }`],
    ["groups of lists", `query q() { match { ${PRODUCT} } return { $a.tags, $b.tags, $c.tags, count($a) as n } }`],
    ["a product inside a product", `query q() { match { $a: P $b: P $b knows $c $c knows $d $a.n != $d.n } return { $a.slug, $d.slug, $c.slug } }`],
  ])("memory: %s", async (_, source) => {
    const failure = graph.run(source, { queryMemoryBytes: 24 << 20, queryTimeoutMs: 60_000 });
    await expect(failure).rejects.toThrow(ResourceLimitExceededError);
    await expect(failure).rejects.toMatchObject({ details: { resource: "query memory bytes", limit: 24 << 20 } });
  });

  test.each([
    ["a conditional count over a product", `query q() { match { ${PRODUCT} $a.n < $b.n $b.n != $c.n } return { count($a) as n } }`],
    ["an aggregate over three hops", `query q() { match { ${HOPS} } return { avg($d.n) as n } }`],
    ["ordering with a limit", `query q() { match { ${PRODUCT} } return { $a.slug, $b.slug, $c.slug } order { $c.n desc, $a.n desc } limit 100 }`],
    ["a negation", "query q() { match { $a: P $b: P not { $c: P $d: P $c.n < $a.n $d.n < $c.n $d.n > $b.n $d.n < 0 } } return { count($a) as n } }"],
    ["a join on equal values", "query q() { match { $a: P $b: P $c: P $d: P $e: P $a.name = $b.name $c.name = $d.name $a.n < $c.n $e.n != $d.n } return { count($a) as n } }"],
    ["reachability of everybody from everybody", "query q() { match { $a: P $a knows{1,1000} $b $b knows{1,1000} $c } return { avg($c.n) as n } }"],
  ])("GAP-8 time: %s", async (_, source) => {
    const started = performance.now();
    const failure = graph.run(source, { queryMemoryBytes: 256 << 20, queryTimeoutMs: 250 });
    await expect(failure).rejects.toMatchObject({ code: "RESOURCE_LIMIT_EXCEEDED", details: { resource: "query time ms", limit: 250 } });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("counts that need no row answer within a small budget", async () => {
    const counted = await graph.run(`query q() { match { ${PRODUCT} } return { count($a) as n } }`, { queryMemoryBytes: 32 << 20 });
    expect(firstCount(counted)).toBe(BigInt(COUNT) ** 3n);
  });

  test("a limit keeps the sort of many rows small, and the rows are the first ones", async () => {
    const rows = await graph.run("query q() { match { $a: P $b: P } return { $a.n, $b.n } order { $b.n desc, $a.n desc } limit 3 }", { queryMemoryBytes: 32 << 20 });
    expect(rows.columns.map(({ values }) => (values.kind === "i32" ? [...values.values] : []))).toEqual([
      [1023, 1022, 1021],
      [1023, 1023, 1023],
    ]);
  });
});

describe("EX-5 a query stops in the middle of an operator", () => {
  test.each([
    ["a hash join is built", "query q() { match { $a: P $b: P $b knows $c $c knows $d $a.n = $d.n } return { count($a) as n } }"],
    ["rows are sorted", "query q() { match { $a: P $b: P $b knows $c } return { $a.slug, $c.slug } order { $c.n desc, $a.n } }"],
    ["groups are numbered", "query q() { match { $a: P $b: P $c: P $c.n < 8 } return { $a.big, $b.name, $c.slug, count($a) as n } order { n desc } }"],
  ])("while %s, an abort is seen at once", async (_, source) => {
    const controller = new AbortController();
    const running = graph.run(source, { signal: controller.signal });
    let abortedMs = Infinity;
    const timer = setTimeout(() => {
      abortedMs = performance.now();
      controller.abort();
    }, 60);
    await expect(running).rejects.toThrow(CancelledError);
    clearTimeout(timer);
    expect(performance.now() - abortedMs).toBeLessThan(2_000);
  });

  test("the words of a long text given to fuzzy are compared in parts", async () => {
    const source = "query q($text: String) { match { $a: P fuzzy($a.name, $text, 1) } return { count($a) as n } }";
    const text = Array.from({ length: 14_000 }, (_, i) => `q${(i * 7_919).toString(36)}`).join(" ");
    let turns = 0;
    let now = 0;
    const pacer: Pacer = { ...systemPacer, nowMs: () => (now += 30), turn: () => (turns++, Promise.resolve()) };
    expect(firstCount(await graph.run(source, { params: { text }, pacer }))).toBeTypeOf("bigint");
    expect(turns).toBeGreaterThan(8);
  });

  test("a limit that is over while data loads is the limit, not a cancellation", async () => {
    const { GraphCaches } = await import("../../src/cache/graph-caches.js");
    const immediate: Pacer = { ...systemPacer, after: (_, action) => (queueMicrotask(action), () => undefined), nowMs: () => (now += 5) };
    let now = 0;
    const failure = graph.run("query q() { match { $a: P $a knows $b } return { $b.slug } }", { caches: new GraphCaches(0), pacer: immediate, queryTimeoutMs: 7 });
    await expect(failure).rejects.toMatchObject({ details: { resource: "query time ms" } });
  });

  test("a timer that runs before the clock shows the limit is the limit, too", async () => {
    const { GraphCaches } = await import("../../src/cache/graph-caches.js");
    const early: Pacer = { ...systemPacer, after: (_, action) => (queueMicrotask(action), () => undefined), nowMs: () => 0 };
    const failure = graph.run("query q() { match { $a: P $a knows $b } return { $b.slug } }", { caches: new GraphCaches(0), pacer: early, queryTimeoutMs: 7 });
    await expect(failure).rejects.toMatchObject({ details: { resource: "query time ms", limit: 7 } });
  });

  test("0 is no limit, and a limit that is not reached changes nothing", async () => {
    const source = "query q() { match { $a: P $a knows $b } return { count($b) as n } }";
    for (const queryTimeoutMs of [0, 60_000]) expect(firstCount(await graph.run(source, { queryTimeoutMs }))).toBe(BigInt(COUNT * 128));
  });
});
