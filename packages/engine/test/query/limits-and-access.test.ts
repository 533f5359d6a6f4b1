import { CancelledError } from "@omnigraphdb/common";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import { ResourceLimitExceededError } from "../../src/errors.js";
import { QueryRefusedError } from "../../src/exec/errors.js";
import type { DatasetGateway, PinnedDataset, ScanOptions } from "../../src/storage/dataset-gateway.js";
import { QueryGraph, type TestEntity } from "../../test-support/query-graph.js";

const SCHEMA = `
node Person { slug: String @key  age: I32  city: String  bio: String }
edge Knows: Person -> Person
`;

const PERSONS = 30_000;

let directory: TempDir;
let graph: QueryGraph;

beforeAll(async () => {
  directory = await makeTempDir();
  const persons = Array.from({ length: PERSONS }, (_, i): TestEntity => {
    const slug = `p${String((i * 7919) % PERSONS).padStart(6, "0")}`;
    return { type: "Person", id: slug, cells: { slug, age: i % 90, city: `c${i % 50}`, bio: "x".repeat(40) } };
  });
  const knows = Array.from({ length: 2 * PERSONS }, (_, i): TestEntity => {
    const from = persons[i % PERSONS]?.id ?? "";
    const to = persons[(i * 31 + 7) % PERSONS]?.id ?? "";
    return { type: "Knows", id: `k${String(i).padStart(8, "0")}`, from, to, cells: {} };
  });
  graph = await QueryGraph.create(directory.path, SCHEMA, [...persons, ...knows]);
}, 60_000);

afterAll(async () => {
  await graph[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const CROSS = "query q() { match { $x: Person $y: Person $x.age < $y.age } return { count($x) as n } }";

/** Runs `action` and returns the scans it caused. */
async function scansOf(action: () => Promise<unknown>): Promise<ScanOptions[]> {
  const scans: ScanOptions[] = [];
  const { datasets } = graph.storage;
  const openPinned = datasets.openPinned.bind(datasets);
  const counting: DatasetGateway["openPinned"] = async (location, version) => {
    const pinned = await openPinned(location, version);
    const scan = (options: ScanOptions): ReturnType<PinnedDataset["scan"]> => {
      scans.push(options);
      return pinned.scan(options);
    };
    return Object.create(pinned, { scan: { value: scan } }) as PinnedDataset;
  };
  Object.defineProperty(datasets, "openPinned", { value: counting, configurable: true });
  try {
    await action();
  } finally {
    Reflect.deleteProperty(datasets, "openPinned");
  }
  return scans;
}

describe("EX-5 GAP-8 budgets", () => {
  test("a query that needs more memory than its budget fails with the typed limit and returns nothing", async () => {
    const failure = graph.run("query q() { match { $x: Person $y: Person } return { $x.slug, $y.slug } }", { queryMemoryBytes: 8 << 20 });
    await expect(failure).rejects.toThrow(ResourceLimitExceededError);
    await expect(failure).rejects.toMatchObject({ code: "RESOURCE_LIMIT_EXCEEDED", category: "limit", details: { resource: "query memory bytes", limit: 8 << 20 } });
  });

  test("G-20 a limit keeps a huge product within the budget, and the rows are the first ones", async () => {
    const result = await graph.run("query q() { match { $x: Person $x.age < 3 $y: Person } return { $x.slug, $y.slug } limit 2 }", { queryMemoryBytes: 64 << 20 });
    expect(result.rowCount).toBe(2);
  }, 60_000);

  test("an aborted signal stops a long query between batches", async () => {
    const controller = new AbortController();
    const running = graph.run(CROSS, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(running).rejects.toThrow(CancelledError);
  });

  test("an aborted signal stops a long negation between groups of outer rows", async () => {
    const slow = graph.run("query q() { match { $x: Person not { $y: Person $y.age > $x.age $y.slug != $x.slug $x.age > 88 } } return { count($x) as n } }", { signal: AbortSignal.timeout(100) });
    await expect(slow).rejects.toThrow(CancelledError);
  });

  test("an aborted signal stops a negation that is long for a single outer row", async () => {
    const source = 'query q() { match { $x: Person { slug: "p000001" } not { $x knows $a $y: Person $z: Person $y.age > $z.age $z.age > $a.age $a.age > $y.age } } return { $x.slug } }';
    await expect(graph.run(source, { signal: AbortSignal.timeout(100) })).rejects.toThrow(CancelledError);
  });

  test("a signal aborted beforehand stops the query before any read", async () => {
    const scans = await scansOf(() => expect(graph.run(CROSS, { signal: AbortSignal.abort(), caches: new GraphCaches(0) })).rejects.toThrow(CancelledError));
    expect(scans).toEqual([]);
  });
});

describe("refusals come before any read", () => {
  test.each([
    ["SR-22 null query", "query q($q: String?) { match { $p: Person } return { $p.slug } order { bm25($p.bio, $q) } }", QueryRefusedError],
    ["OR-4 unknown ordering", "query q() { match { $p: Person } return { $p.slug } order { nosuch } }", QueryRefusedError],
    ["EX-55 nested aggregate", "query q() { match { $p: Person } return { sum(count($p)) } }", QueryRefusedError],
  ])("%s", async (_, source, failure) => {
    const scans = await scansOf(() => expect(graph.run(source, { caches: new GraphCaches(0) })).rejects.toThrow(failure));
    expect(scans).toEqual([]);
  });

  test("PB-10 an unreadable date parameter is refused by its text", async () => {
    const scans = await scansOf(() =>
      expect(graph.run("query q($d: DateTime) { match { $p: Person now() > $d } return { $p.slug } }", { params: { d: "yesterday" } })).rejects.toThrow(/yesterday/),
    );
    expect(scans).toEqual([]);
  });
});

describe("EX-39 access paths", () => {
  const POINT = "query q($slug: String) { match { $p: Person { slug: $slug } } return { $p.slug, $p.age } }";

  test("a cold point lookup is one seek of the columns it returns", async () => {
    const scans = await scansOf(async () => {
      const result = await graph.run(POINT, { params: { slug: "p000123" }, caches: new GraphCaches(1 << 28) });
      expect(result.rowCount).toBe(1);
    });
    expect(scans.map(({ columns, filter }) => [columns, filter])).toEqual([
      [["id", "slug", "age"], { kind: "compare", column: "id", operator: "=", value: { kind: "string", value: "p000123" } }],
    ]);
  });

  test("columns that only the result shows are read for its rows", async () => {
    const scans = await scansOf(async () => {
      const result = await graph.run("query q() { match { $p: Person } return { $p.slug as slug, $p.bio as bio, $p.city as city } order { $p.age desc } limit 3 }", {
        caches: new GraphCaches(1 << 28),
      });
      expect(result.columns[1]?.values.length).toBe(3);
    });
    expect(scans.map(({ columns, filter }) => [columns, filter?.kind])).toEqual([
      [["age", "id"], undefined],
      [["id", "bio", "city", "slug"], "in"],
    ]);
  });

  test("many point lookups make the table warm; from then on nothing is read", async () => {
    const caches = new GraphCaches(1 << 28);
    const ask = (i: number): Promise<unknown> => graph.run(POINT, { params: { slug: `p${String(i).padStart(6, "0")}` }, caches });
    for (let i = 0; i < 12; i++) await ask(i);
    expect(await scansOf(() => ask(999))).toEqual([]);
  });

  test("a key list is one seek; a cold filter is pushed down; a null constant reads nothing", async () => {
    const cold = (source: string, params = {}): Promise<ScanOptions[]> => scansOf(() => graph.run(source, { params, caches: new GraphCaches(0) }));
    const [listScan] = await cold("query q() { match { $p: Person [\"p000001\", \"p000002\"] contains $p.slug } return { $p.age } }");
    expect(listScan?.filter).toMatchObject({ kind: "in", column: "id" });
    const [filterScan] = await cold("query q($a: I64) { match { $p: Person { city: \"c7\" } $p.age >= $a } return { $p.slug } }", { a: 80 });
    expect(filterScan?.filter).toEqual({
      kind: "and",
      predicates: [
        { kind: "compare", column: "city", operator: "=", value: { kind: "string", value: "c7" } },
        { kind: "compare", column: "age", operator: ">=", value: { kind: "integer", value: 80n } },
      ],
    });
    expect(await cold("query q($a: I64?) { match { $p: Person { age: $a } } return { $p.slug } }")).toEqual([]);
  });

  test("EX-33 a far key is looked up instead of scanning the near side", async () => {
    const far = await graph.run("query q() { match { $x: Person $x knows $y $y knows $z $z: Person { slug: \"p000500\" } } return { count($x) as n } }");
    const near = await graph.run("query q() { match { $z: Person { slug: \"p000500\" } $y knows $z $x knows $y } return { count($x) as n } }");
    expect(far.columns).toEqual(near.columns);
  });

  test("CA-2 the caches stay within their budget and concurrent first reads share one load", async () => {
    const caches = new GraphCaches(1 << 20);
    const scans = await scansOf(() =>
      Promise.all([1, 2, 3].map(() => graph.run("query q() { match { $p: Person $p knows $q } return { count($q) as n } }", { caches }))),
    );
    expect(scans.map(({ columns }) => columns.join())).toEqual(expect.arrayContaining(["__sh,__dh", "__h"]));
    expect(scans).toHaveLength(2);
    expect(caches.byteCount).toBeLessThanOrEqual((1 << 20) + 2 * PERSONS * 16);
  });
});

test("CA-1 a version of a dataset is held under its own key, and superseded ones leave", async () => {
  const caches = new GraphCaches(1 << 28);
  const source = "query q() { match { $p: Person { city: \"c1\" } $p knows $q } return { count($q) as n } }";
  const answers: unknown[] = [];
  const heldBytes: number[] = [];
  for (let i = 0; i < 4; i++) {
    const entry = graph.snapshot.entries.get("node:Person");
    if (entry === undefined) throw new Error("no persons");
    const nativeVersion = await graph.storage.datasets.applyEffect(entry.location, { kind: "deleteByIds", ids: [`p${String(i).padStart(6, "0")}`] }, entry.publishedVersion + i);
    const entries = new Map(graph.snapshot.entries).set("node:Person", { ...entry, publishedVersion: nativeVersion, entityCount: PERSONS - i - 1 });
    const result = await graph.run(source, { caches, snapshot: { ...graph.snapshot, entries } });
    answers.push(result.rowCount);
    heldBytes.push(caches.byteCount);
  }
  expect(answers).toEqual([1, 1, 1, 1]);
  expect(heldBytes[3]).toBeLessThanOrEqual(heldBytes[1] as number);
  const before = await graph.run("query q() { match { $p: Person } return { count($p) as n } }");
  expect(before.columns[0]?.values).toMatchObject({ values: BigInt64Array.of(BigInt(PERSONS)) });
});
