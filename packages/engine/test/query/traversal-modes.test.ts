import { makeTempDir } from "@omnigraphdb/testkit";
import { beforeAll, afterAll, expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import { DEFAULT_TUNING, type QueryTuning } from "../../src/exec/query-tuning.js";
import type { AccessKind, ExecutionTrace } from "../../src/exec/trace.js";
import { cellToJson } from "../../src/result/cell-to-json.js";
import { QueryGraph, type TestEntity } from "../../test-support/query-graph.js";

const SCHEMA = `
node Stop { code: String @key  zone: I32 }
edge Leads: Stop -> Stop { minutes: I32 }
`;

const STOPS = 400;
const name = (i: number): string => `s${String(i).padStart(3, "0")}`;
const edge = (from: number, to: number, minutes: number): TestEntity => ({ type: "Leads", id: `${name(from)}>${name(to)}#${minutes}`, from: name(from), to: name(to), cells: { minutes } });

const ENTITIES: readonly TestEntity[] = [
  ...Array.from({ length: STOPS }, (_, i) => ({ type: "Stop", id: name(i), cells: { code: name(i), zone: i % 7 } })),
  // Two ways on from every stop, some parallel edges and self-loops, and an edge to nowhere.
  ...Array.from({ length: STOPS }, (_, i) => [edge(i, (i * 3 + 1) % STOPS, 1), edge(i, (i * 7 + 2) % STOPS, 2), ...(i % 5 === 0 ? [edge(i, i, 3), edge(i, (i * 3 + 1) % STOPS, 4)] : [])]).flat(),
  { type: "Leads", id: "lost", from: name(0), to: "nowhere", cells: { minutes: 9 } },
];

let graph: QueryGraph;
let directory: Awaited<ReturnType<typeof makeTempDir>>;

beforeAll(async () => {
  directory = await makeTempDir();
  graph = await QueryGraph.create(directory.path, SCHEMA, ENTITIES);
});

afterAll(async () => {
  await graph[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** Rows, and how each traversal reached its edges. */
async function ask(source: string, tuning: Partial<QueryTuning>, caches: GraphCaches = new GraphCaches(1 << 26)): Promise<{ rows: unknown[][]; kinds: AccessKind[] }> {
  const kinds: AccessKind[] = [];
  const trace: ExecutionTrace = {
    access: (at, { kind }) => {
      if (typeof at === "object") kinds.push(kind);
    },
    read: () => undefined,
    enter: () => undefined,
    leave: () => undefined,
    rows: () => undefined,
    memoryPeak: () => undefined,
    restart: () => undefined,
  };
  const result = await graph.run(source, { caches, trace, tuning: { ...DEFAULT_TUNING, ...tuning } });
  return { rows: Array.from({ length: result.rowCount }, (_, row) => result.columns.map((column) => cellToJson(column, row))), kinds };
}

const QUERIES = [
  `query q() { match { $a: Stop { code: "s005" } $a leads $b } return { $b.code } }`,
  `query q() { match { $a: Stop { code: "s005" } $a <leads> $b $b.zone > 2 } return { $b.code, $b.zone } }`,
  `query q() { match { $a: Stop { code: "s000" } $a $e:leads $b $b $f:leads $c } return { $b.code, $e.minutes, $c.code, $f.minutes } }`,
  `query q() { match { $a: Stop { code: "s010" } $a $e:<leads> $b } return { $b.code, $e.minutes } }`,
  `query q() { match { $a: Stop { code: "s010" } $a leads{1,4} $b } return { count($b) as n } }`,
  `query q() { match { $a: Stop { code: "s010" } $a leads{2,3} $b not { $b leads $a } } return { $b.code } }`,
  `query q() { match { $a: Stop { code: "s010" } $a leads $b $b leads{1,3} $c $c leads $d } return { $d.code, $c.code } limit 7 }`,
  `query q() { match { $a: Stop { code: "none" } $a leads $b } return { $b.code } }`,
  `query q() { match { $a: Stop $a.zone = 3 $a leads $a } return { $a.code } }`,
  `query q() { match { $b: Stop { code: "s004" } $a leads $b } return { $a.code } order { $a.zone desc } limit 1 }`,
];

test.each(QUERIES)("EX-39 the same rows by seeks and over the topology: %s", async (source) => {
  const seeked = await ask(source, { traversalMode: "indexed" });
  const built = await ask(source, { traversalMode: "csr" });
  expect(seeked.rows).toEqual(built.rows);
  expect(new Set(seeked.kinds)).toEqual(new Set(["indexedSeek"]));
  expect(new Set(built.kinds)).toEqual(new Set(["csrBuild"]));
});

const ONE_HOP = QUERIES[0] as string;
/** As if edges were many. */
const EXPENSIVE: Partial<QueryTuning> = { loadCellCost: 1 };

test("a cold graph seeks few edges; many origins, many hops and a topology in memory do without seeks", async () => {
  expect((await ask(ONE_HOP, EXPENSIVE)).kinds).toEqual(["indexedSeek"]);
  expect((await ask(ONE_HOP, {})).kinds).toEqual(["csrBuild"]);
  expect((await ask(ONE_HOP, { ...EXPENSIVE, indexedFrontierMax: 0 })).kinds).toEqual(["csrBuild"]);
  expect((await ask(QUERIES[4] as string, { ...EXPENSIVE, indexedHopsMax: 3 })).kinds).toEqual(["csrBuild"]);
  const warm = new GraphCaches(1 << 26);
  await ask(ONE_HOP, { traversalMode: "csr" }, warm);
  expect((await ask(ONE_HOP, EXPENSIVE, warm)).kinds).toEqual(["csr"]);
});

test("seeking is given up at the hop whose frontier is too large", async () => {
  const fourHops = QUERIES[4] as string;
  const { kinds, rows } = await ask(fourHops, { ...EXPENSIVE, indexedFrontierMax: 4 });
  expect(kinds).toEqual(["csrBuild"]);
  expect(rows).toEqual((await ask(fourHops, { traversalMode: "csr" })).rows);
});

test("a process that keeps seeking ends up with the topology", async () => {
  const caches = new GraphCaches(1 << 26);
  const kinds: AccessKind[] = [];
  for (let i = 0; i < 12; i++) kinds.push(...(await ask(ONE_HOP, { loadCellCost: 0.02 }, caches)).kinds);
  expect(kinds[0]).toBe("indexedSeek");
  expect(kinds.at(-1)).toBe("csr");
  expect(kinds.filter((kind) => kind === "csrBuild")).toHaveLength(1);
});
