import type { Pacer } from "@omnigraphdb/common";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import type { ExplainStep } from "../../src/explain/explanation.js";
import { QueryGraph, type TestEntity } from "../../test-support/query-graph.js";

const SCHEMA = `
node Person { slug: String @key  age: I32  city: enum(rome, oslo, lima, bonn)  bio: String }
node Firm { slug: String @key  name: String }
edge Knows: Person -> Person
edge WorksAt: Person -> Firm
`;
const PERSONS = 20_000;

let directory: TempDir;
let graph: QueryGraph;
beforeAll(async () => {
  directory = await makeTempDir();
  const cities = ["rome", "oslo", "lima", "bonn"];
  const persons = Array.from({ length: PERSONS }, (_, i): TestEntity => ({ type: "Person", id: `p${i}`, cells: { slug: `p${i}`, age: i % 80, city: cities[i % 4] ?? "", bio: "x" } }));
  const firms = Array.from({ length: 100 }, (_, i): TestEntity => ({ type: "Firm", id: `f${i}`, cells: { slug: `f${i}`, name: `firm ${i}` } }));
  const knows = persons.flatMap(({ id }, i): TestEntity[] => [1, 2, 3].map((step) => ({ type: "Knows", id: `k${i}-${step}`, from: id, to: `p${(i + step) % PERSONS}`, cells: {} })));
  const works = persons.slice(0, 10_000).map(({ id }, i): TestEntity => ({ type: "WorksAt", id: `w${i}`, from: id, to: `f${i % 100}`, cells: {} }));
  graph = await QueryGraph.create(directory.path, SCHEMA, [...persons, ...firms, ...knows, ...works]);
}, 60_000);
afterAll(async () => {
  await graph[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const cold = (): GraphCaches => new GraphCaches(1 << 28);

function estimates(steps: readonly ExplainStep[]): readonly (readonly [string, number])[] {
  return steps.map(({ operator, estimatedRows }) => [operator, Math.round(estimatedRows * 100) / 100]);
}

describe("estimates", () => {
  test.each<[string, string, readonly (readonly [string, number])[]]>([
    ["a key", '$p: Person { slug: "p7" }', [["scan", 1], ["sort", 1], ["project", 1]]],
    ["a list of keys", '$p: Person ["p7", "p8", "p9"] contains $p.slug', [["scan", 3], ["sort", 3], ["project", 3]]],
    ["an enum", '$p: Person { city: "rome" }', [["scan", 5_000], ["sort", 5_000], ["project", 5_000]]],
    ["a range", "$p: Person $p.age > 30", [["scan", 6_000], ["sort", 6_000], ["project", 6_000]]],
    ["degree |E| / |V|, out", '$p: Person { slug: "p7" } $p knows $q', [["scan", 1], ["expand", 3], ["sort", 3], ["project", 3]]],
    ["degree |E| / |V|, in", '$f: Firm { slug: "f7" } $p worksAt $f', [["scan", 1], ["expand", 100], ["sort", 100], ["project", 100]]],
    ["one to three hops", '$p: Person { slug: "p7" } $p knows{1,3} $q', [["scan", 1], ["expand", 39], ["sort", 39], ["project", 39]]],
    ["hops never pass everybody", '$p: Person { slug: "p7" } $p knows{1,30} $q', [["scan", 1], ["expand", PERSONS], ["sort", PERSONS], ["project", PERSONS]]],
    ["a product", '$p: Person { slug: "p7" } $f: Firm', [["scan", 1], ["cross", 100], ["sort", 100], ["project", 100]]],
    ["a join on a key", "$f: Firm $g: Firm $f.slug = $g.slug", [["scan", 100], ["cross", 100], ["filter", 100], ["sort", 100], ["project", 100]]],
    ["a closing traversal", '$p: Person { slug: "p7" } $p knows $q $q knows $p', [["scan", 1], ["expand", 3], ["close", 0], ["sort", 0], ["project", 0]]],
    ["a negation", "$f: Firm not { $p worksAt $f }", [["scan", 100], ["antiJoin", 0], ["sort", 0], ["project", 0]]],
  ])("%s", async (_, match, expected) => {
    const first = match.slice(1, 2);
    const { steps, measured } = await graph.explain(`query q() { match { ${match} } return { $${first}.slug } }`, false, { caches: cold() });
    expect(estimates(steps)).toEqual(expected);
    expect(measured).toBeNull();
  });

  test("groups are bounded by the values of their keys, and a limit by itself", async () => {
    const { steps } = await graph.explain("query q() { match { $p: Person } return { $p.city, count($p) as n } order { n desc } limit 3 }", false);
    expect(estimates(steps)).toEqual([["scan", PERSONS], ["aggregate", 4], ["sort", 4], ["limit", 3], ["project", 3]]);
    const whole = await graph.explain("query q() { match { $p: Person } return { count($p) as n } }", false);
    expect(estimates(whole.steps)).toEqual([["scan", PERSONS], ["aggregate", 1], ["project", 1]]);
  });
});

describe("access paths", () => {
  const accesses = (steps: readonly ExplainStep[]): readonly (string | undefined)[] => steps.flatMap(({ access }) => (access === null ? [] : [access.kind]));

  test("what a cold and a warm run choose is what explain says before, and analyze after", async () => {
    const caches = cold();
    const point = 'query q() { match { $p: Person { slug: "p7" } } return { $p.age } }';
    const filtered = 'query q() { match { $p: Person { city: "oslo" } $p.age = 3 } return { $p.slug } }';
    const walk = 'query q() { match { $p: Person { slug: "p7" } $p knows $q } return { $q.slug } }';
    const nothing = "query q($c: String?) { match { $p: Person { bio: $c } } return { $p.slug } }";
    for (const [source, expected] of [[point, ["keySeek"]], [filtered, ["pushedFilter"]], [nothing, ["nothing"]]] as const) {
      expect(accesses((await graph.explain(source, false, { caches })).steps)).toEqual(expected);
      expect(accesses((await graph.explain(source, true, { caches: cold() })).steps)).toEqual(expected);
    }
    const paths: string[] = [];
    let bytesRead = 0;
    for (let i = 0; i < 6 && paths.at(-1) !== "memory csr"; i++) {
      const before = await graph.explain(walk, false, { caches });
      const { steps, measured } = await graph.explain(walk, true, { caches });
      expect(accesses(before.steps)).toEqual(accesses(steps));
      paths.push(accesses(steps).join(" "));
      bytesRead += measured?.bytesRead ?? 0;
      if (i === 0) expect(bytesRead, "edges and nodes that were sought").toBeGreaterThan(20);
      if (paths.at(-1) === "memory csr") expect(measured).toMatchObject({ bytesRead: 0, cacheMisses: 0 });
    }
    expect([...new Set(paths)]).toEqual(["keySeek indexedSeek", "columnLoad csrBuild", "memory csr"]);
    expect(bytesRead).toBeGreaterThan(PERSONS * 4);
  });

  test("explain without analyze fills no cache", async () => {
    const caches = cold();
    await graph.explain("query q() { match { $p: Person $p knows $q } return { $q.slug } }", false, { caches });
    expect(caches.byteCount).toBe(0);
  });
});

describe("analyze", () => {
  test("rows in and out of every step, and times that add up", async () => {
    const caches = cold();
    const source = 'query q() { match { $p: Person { city: "rome" } $p knows $q $q.age < 40 not { $q worksAt $f $f.slug = "f1" } } return { $p.slug, $q.age } order { $q.age desc } limit 5 }';
    const rows = await graph.run(source, { caches });
    const { steps, measured } = await graph.explain(source, true, { caches });
    expect(measured?.rowCount).toBe(rows.rowCount);
    const flow = steps.flatMap((step) => (step.measured === null ? [] : [[step.operator, step.measured.inputRows, step.measured.outputRows] as const]));
    expect(flow.slice(0, 3)).toEqual([["scan", 1, 5_000], ["expand", 5_000, 15_000], ["filter", 15_000, 7_500]]);
    expect(flow.at(-1)).toEqual(["project", 5, 5]);
    const total = steps.reduce((sum, step) => sum + (step.measured?.elapsedMs ?? 0), 0);
    expect(total).toBeLessThanOrEqual((measured?.elapsedMs ?? 0) + 1e-6);
    expect(measured?.memoryPeakBytes).toBeGreaterThan(0);
  });

  test("the time of inner steps is not counted again for the step around them", async () => {
    let now = 0;
    const counting: Pacer = { nowMs: () => ++now, turn: () => Promise.resolve(), after: () => () => undefined };
    const source = "query q() { match { $f: Firm $g: Firm not { $p worksAt $f $p worksAt $x $x.name = $g.name $x.slug != $f.slug } } return { count($f) as n } }";
    await graph.run(source);
    const { steps, measured } = await graph.explain(source, true, { pacer: counting });
    const sumOf = (all: readonly ExplainStep[]): number => all.reduce((sum, step) => sum + (step.measured?.elapsedMs ?? 0) + sumOf(step.children), 0);
    expect(sumOf(steps)).toBeLessThanOrEqual(measured?.elapsedMs ?? 0);
    expect(steps.find(({ operator }) => operator === "antiJoin")?.children[0]?.measured?.elapsedMs).toBeGreaterThan(0);
  });
});
