import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { hookGraphStorage } from "../../test-support/stores/faulty-graph-storage.js";
import { contentOf, failureOf, ndjson } from "./load-fixture.js";

const SCHEMA = `
node Zebra { name: String @key  age: I32? }
node Ant { name: String @key }
node Note { text: String  tag: String? }
edge Likes: Zebra -> Ant
`;

interface RecordedGraph extends AsyncDisposable {
  readonly graph: Graph;
  /** Native effects since the last call, as `<directory of the type> <kind>`. */
  takeEffects(): readonly string[];
}

async function recordedGraph(): Promise<RecordedGraph> {
  const directory = await makeTempDir();
  let effects: { readonly directory: string; readonly kind: string }[] = [];
  const graph = await Graph.init(`${directory.path}/g`, SCHEMA, {
    components: {
      wrapStorage: (storage) =>
        hookGraphStorage(storage, {
          beforeEffect: ({ kind }, location) => {
            effects.push({ directory: location.directory, kind });
          },
        }),
    },
  });
  const typeKeys = new Map([...(await graph.snapshot()).entries].map(([typeKey, { location }]) => [location.directory, typeKey]));
  return {
    graph,
    takeEffects() {
      const taken = effects.map((effect) => `${typeKeys.get(effect.directory) ?? "?"} ${effect.kind}`);
      effects = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      await graph.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const zebra = (name: string, age: number | null = null): object => ({ type: "Zebra", data: { name, age } });
const ant = (name: string): object => ({ type: "Ant", data: { name } });
const likes = (id: string, from: string, to: string): object => ({ edge: "Likes", from, to, data: { id } });

test("AC-6 new rows are appended, also those of an upsert; a strict insert of a known id touches nothing", async () => {
  await using fixture = await recordedGraph();
  const { graph, takeEffects } = fixture;
  await graph.load(ndjson(zebra("a"), zebra("b")), { mode: "append" });
  expect(takeEffects()).toEqual(["node:Zebra append"]);
  await graph.load(ndjson(zebra("c"), zebra("d")), { mode: "merge" });
  expect(takeEffects()).toEqual(["node:Zebra append"]);
  await graph.load(ndjson(zebra("a", 5), zebra("e")), { mode: "merge" });
  expect(takeEffects()).toEqual(["node:Zebra upsert", "node:Zebra append"]);
  const before = await contentOf(graph);
  expect(await failureOf(graph.load(ndjson(zebra("f"), zebra("a")), { mode: "append" }))).toMatchObject({ code: "KEY_CONFLICT", effects: "none" });
  expect(takeEffects()).toEqual([]);
  expect(await contentOf(graph)).toBe(before);
});

test("AC-3 rows that are new and rows that replace share one write of their type", async () => {
  await using fixture = await recordedGraph();
  const { graph, takeEffects } = fixture;
  await graph.load(ndjson({ type: "Note", data: { id: "n", text: "old" } }), { mode: "append" });
  takeEffects();
  const receipt = await graph.mutate('query q() { insert Note { text: "new" } update Note set { tag: "t" } where text = "old" }');
  expect(takeEffects()).toEqual(["node:Note upsert", "node:Note append"]);
  expect(receipt.affectedNodes).toBe(2);
  expect((await graph.snapshot()).entries.get("node:Note")?.entityCount).toBe(2);
  const content = await contentOf(graph);
  expect(content).toContain('"tag":null,"text":"new"');
  expect(content).toContain('"tag":"t","text":"old"');
});

test("AC-7 types are written in the order of their keys, whatever the order of the records", async () => {
  const records = [zebra("z"), ant("a"), likes("e", "z", "a"), { type: "Note", data: { id: "n", text: "t" } }];
  const contents = new Set<string>();
  for (const order of [records, records.toReversed(), [2, 0, 3, 1].map((index) => records[index])]) {
    await using fixture = await recordedGraph();
    await fixture.graph.load(ndjson(...order), { mode: "append" });
    expect(fixture.takeEffects()).toEqual(["edge:Likes append", "node:Ant append", "node:Note append", "node:Zebra append"]);
    contents.add(await contentOf(fixture.graph));
  }
  expect(contents.size).toBe(1);
});

test("WR-5 AC-5 a write adds the versions of its rows and none for an index", async () => {
  await using fixture = await recordedGraph();
  const { graph } = fixture;
  const versionOf = async (typeKey: string): Promise<number> => (await graph.snapshot()).entries.get(typeKey)?.publishedVersion ?? 0;
  const base = await versionOf("node:Zebra");
  await graph.load(ndjson(zebra("a"), zebra("b")), { mode: "append" });
  expect(await versionOf("node:Zebra")).toBe(base + 1);
  await graph.mutate('query q() { update Zebra set { age: 1 } where name = "a" }');
  expect(await versionOf("node:Zebra")).toBe(base + 2);
  await graph.mutate('query q() { delete Zebra where name = "b" }');
  expect(await versionOf("node:Zebra")).toBe(base + 3);
});
