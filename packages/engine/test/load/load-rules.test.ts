import { beforeAll, describe, expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { contentOf, createGraph, failureOf, ndjson, type TestGraph } from "./load-fixture.js";

const SCHEMA = `
node Item {
    slug: String @key
    flag: Bool?
    small: I32?
    natural: U32?
    big: I64?
    huge: U64?
    single: F32?
    double: F64?
    day: Date?
    moment: DateTime?
    kind: enum(a, b)?
    words: [String]?
    numbers: [I32]?
    vec: Vector(2)?
    file: Blob?
    code: String? @unique
}
node Note { text: String }
node Pair { left: String  right: I32  @key(left, right) }
node Weight { grams: F32 @key }
node Required { slug: String @key  vec: Vector(2)  file: Blob  name: String }
edge Likes: Item -> Item { weight: I32? }
edge Owns: Item -> Note @card(0..2)
`;

const item = (data: object): string => ndjson({ type: "Item", data: { slug: "i1", ...data } });

async function entityOf(graph: Graph, id: string): Promise<Record<string, unknown>> {
  const lines = (await contentOf(graph)).trimEnd().split("\n");
  const found = lines.map((line) => JSON.parse(line) as { data: Record<string, unknown> }).find(({ data }) => data["id"] === id);
  return found?.data ?? {};
}

describe("records that are refused", () => {
  let fixture: TestGraph;
  let before: string;
  beforeAll(async () => {
    fixture = await createGraph(SCHEMA);
    await fixture.graph.load(ndjson({ type: "Item", data: { slug: "old" } }, { type: "Note", data: { id: "n1", text: "t" } }), { mode: "append" });
    before = await contentOf(fixture.graph);
    return () => fixture[Symbol.asyncDispose]();
  });

  const cases: readonly (readonly [rule: string, input: string, ...markers: string[]])[] = [
    ["LD-11", ndjson({ type: "Nope", data: {} }), "record 1: unknown node type 'Nope'"],
    ["LD-11", '{"type":"Note"}', "non-nullable property 'text'"],
    ["LD-12", ndjson({ edge: "Nope", from: "a", to: "b" }), "record 1: unknown edge type 'Nope'"],
    ["LD-12 W08", ndjson({ edge: "Likes", to: "b" }), "record 1: edge missing 'from'"],
    ["LD-12 W08", ndjson({ edge: "Likes", from: "b", to: null }), "record 1: edge missing 'to'"],
    ["LD-12", ndjson({ edge: "Likes", from: 1, to: "b" }), "edge 'from' must be a string"],
    ["LD-13", `${item({})}\n\n{"data":{}}`, "record 2: expected 'type' or 'edge' field", "line 3"],
    ["LD-13", "[1]", "expected 'type' or 'edge' field"],
    ["LD-13", ndjson({ type: "Item", edge: "Likes", data: { slug: "x" } }), "'edge'"],
    ["LD-15", `${item({})}\n{"type":}`, "invalid JSON at record 2:", "line 2"],
    ["LD-15", '{"type":"Item","data":{"slug":"a","slug":"b"}}', "invalid JSON at record 1: duplicate member 'slug'"],
    ["LD-16 W04", ndjson({ edge: "Likes", from: "old", to: "old", data: { id: 7 } }), "id must be a string"],
    ["LD-16 W04", ndjson({ type: "Note", data: { id: null, text: "x" } }), "id must be a string"],
    ["LD-17 W07", item({ nope: 1 }), "record 1: unknown input field 'nope'"],
    ["LD-20 W07", ndjson({ type: "Item", data: { slug: "x" }, extra: 1 }), "unknown record field 'extra'"],
    ["LD-20", ndjson({ type: "Item", data: [] }), "'data' must be an object"],
    ["LD-20 W07", item({ _tombstone: true }), "'_tombstone' is reserved"],
    ["LD-20 W07", item({ _rowid: 1 }), "'_rowid' is reserved"],
    ["LD-20 W07", item({ __h: 1 }), "'__h' is reserved"],
    ["LD-20 W07", ndjson({ edge: "Likes", from: "old", to: "old", data: { src: "x" } }), "'src' is reserved"],
    ["LD-18 W01", ndjson({ type: "Required", data: { slug: "r", vec: [1, 2], file: "base64:" } }), "non-nullable property 'name' has null or invalid values"],
    ["LD-34 W01", ndjson({ type: "Required", data: { slug: "r", vec: null, file: "base64:", name: "n" } }), "non-nullable vector property 'vec' has null values"],
    ["LD-35 W01", ndjson({ type: "Required", data: { slug: "r", vec: [1, 2], name: "n" } }), "non-nullable blob property 'file' has null values"],
    ["W02", ndjson({ type: "Item", data: {} }), "node Item missing @key property 'slug'"],
    ["W02", ndjson({ type: "Item", data: { slug: null } }), "non-nullable property 'slug'"],
    ["W03 ID-4", ndjson({ type: "Pair", data: { id: "x", left: "l", right: 1 } }), "does not match its @key", '["l","1"]'],
    ["LD-30 W10", item({ flag: 1 }), "property 'flag' expects Bool"],
    ["LD-30 W10", item({ slug: 5 }), "property 'slug' expects String"],
    ["LD-30 W10", item({ small: 2 ** 31 }), "exceeds Int32 range", "2147483648"],
    ["LD-30 W10", item({ small: 1.5 }), "property 'small' expects"],
    ["LD-30 W10", '{"type":"Item","data":{"slug":"x","small":1e3}}', "property 'small' expects"],
    ["LD-30 W10", item({ natural: -1 }), "exceeds UInt32 range"],
    ["LD-30 W10", '{"type":"Item","data":{"slug":"x","big":9223372036854775808}}', "exceeds Int64 range"],
    ["LD-30 W10", '{"type":"Item","data":{"slug":"x","huge":-1}}', "exceeds UInt64 range"],
    ["LD-30 W10", '{"type":"Item","data":{"slug":"x","huge":18446744073709551616}}', "exceeds UInt64 range"],
    ["LD-30 W10", '{"type":"Item","data":{"slug":"x","single":3.5e38}}', "exceeds Float32 range"],
    ["LD-30 W10", '{"type":"Item","data":{"slug":"x","double":1e999}}', "exceeds Float64 range"],
    ["LD-31", item({ day: "yesterday" }), "invalid Date literal 'yesterday'"],
    ["LD-31", item({ day: "2023-02-29" }), "invalid Date literal"],
    ["LD-31", item({ day: 2 ** 31 }), "Date value out of range: 2147483648"],
    ["LD-31", item({ day: true }), "property 'day' expects"],
    ["LD-32", item({ moment: "2024-01-01T25:00:00Z" }), "invalid DateTime literal"],
    ["LD-32", '{"type":"Item","data":{"slug":"x","moment":9223372036854775808}}', "DateTime value out of range: 9223372036854775808"],
    ["LD-33", item({ words: "a" }), "list property 'words' expects a JSON array"],
    ["LD-33", item({ words: ["a", null] }), "null or invalid item"],
    ["LD-33", item({ words: [1] }), "null or invalid item"],
    ["LD-33", item({ numbers: [2 ** 40] }), "list value 1099511627776 exceeds Int32 range"],
    ["LD-34", item({ vec: [1] }), "vector property 'vec' expects 2 dimensions, got 1"],
    ["LD-34", item({ vec: "x" }), "expects a JSON array"],
    ["LD-34", item({ vec: [1, "2"] }), "elements must be numeric"],
    ["LD-34", item({ vec: [1, 1e39] }), "exceeds Float32 range"],
    ["LD-35", item({ file: 5 }), "blob property 'file' must be a URI string or base64: prefixed data"],
    ["LD-35", item({ file: "base64:abc" }), "invalid base64 blob data"],
    ["LD-35", item({ file: "base64:ab=c" }), "invalid base64 blob data"],
    ["LD-35 BL-9", item({ file: "s3://user:secret@bucket/x" }), "external blob URI", "s3://…@bucket/x"],
    ["LD-36 VA-11 W13", item({ kind: "c" }), "invalid enum value 'c' for Item.kind (expected: a, b)"],
    ["VA-30 W15", ndjson({ edge: "Likes", from: "old", to: "gone" }), "dst 'gone' not found in Item"],
    ["VA-30 W15", ndjson({ edge: "Likes", from: "gone", to: "old" }), "src 'gone' not found in Item"],
    [
      "VA-40 W16",
      ndjson(...[1, 2, 3].map(() => ({ edge: "Owns", from: "old", to: "n1" }))),
      "@card violation on edge Owns: source 'old' has 3 edges (max 2)",
    ],
    ["VA-21 W14", ndjson({ type: "Item", data: { slug: "x", code: "c" } }, { type: "Item", data: { slug: "y", code: "c" } }), "@unique violation on Item.code", "'c'"],
    ["VA-21 W14", ndjson({ type: "Pair", data: { left: "a", right: 1 } }, { type: "Pair", data: { right: 1, left: "a" } }), "@unique violation on Pair.(left, right)", "('a', '1')"],
  ];

  for (const [i, [rule, input, ...markers]] of cases.entries()) {
    test(`${rule} case ${i + 1}: ${markers[0] ?? ""}`, async () => {
      const error = await failureOf(fixture.graph.load(input, { mode: "merge" }));
      expect(error.category).toBe("invalid");
      expect(error.effects).toBe("none");
      for (const marker of markers) expect(error.message).toContain(marker);
    });
  }

  test("LD-19 LD-45 none of them changed anything, in any mode", async () => {
    for (const mode of ["append", "merge", "overwrite"] as const) {
      await failureOf(fixture.graph.load(`${item({})}\n${item({ slug: "i2", nope: 1 })}`, { mode }));
    }
    expect(await contentOf(fixture.graph)).toBe(before);
    expect(await fixture.graph.listCommits()).toHaveLength(2);
  });

  test("WR-7 an aborted load leaves nothing", async () => {
    const error = await failureOf(fixture.graph.load(item({}), { mode: "merge", signal: AbortSignal.abort() }));
    expect(error.code).toBe("CANCELLED");
    expect(await contentOf(fixture.graph)).toBe(before);
  });
});

describe("values that are accepted", () => {
  test("LD-30 … LD-36 ID-3 values keep every digit", async () => {
    await using fixture = await createGraph(SCHEMA);
    const text = `{"type":"Item","data":{"slug":"i\\u0031","flag":true,"small":-2147483648,"natural":4294967295,"big":-9223372036854775808,
      "huge":18446744073709551615,"single":0.1,"double":-1.7976931348623157e308,"day":"2024-02-29","moment":"2024-03-01T10:00:00.1239+02:00",
      "kind":"b","words":["","ä\\n","\\ud83d\\ude00"],"numbers":[],"vec":[1e-3,-0],"file":"base64:AAEC/w==","code":"c"}}`;
    await fixture.graph.load(text, { mode: "append" });
    const line = await contentOf(fixture.graph);
    expect(line).toBe(
      `{"type":"Item","data":{"id":"i1","big":-9223372036854775808,"code":"c","day":19782,"double":-1.7976931348623157e+308,"file":"base64:AAEC/w==",` +
        `"flag":true,"huge":18446744073709551615,"kind":"b","moment":${Date.parse("2024-03-01T08:00:00.123Z")},"natural":4294967295,"numbers":[],` +
        `"single":0.10000000149011612,"slug":"i1","small":-2147483648,"vec":[0.0010000000474974513,-0],"words":["","ä\\n","😀"]}}\n`,
    );
  });

  test("LD-31 LD-32 dates are read as counts too", async () => {
    await using fixture = await createGraph(SCHEMA);
    await fixture.graph.load(item({ day: -719_528, moment: -1 }), { mode: "append" });
    expect(await entityOf(fixture.graph, "i1")).toMatchObject({ day: -719_528, moment: -1 });
  });

  test("BL-1 null, empty and non-empty blobs are three values; null and empty lists are two", async () => {
    await using fixture = await createGraph(SCHEMA);
    const records = [{ slug: "n", file: null, words: null }, { slug: "e", file: "base64:", words: [] }, { slug: "f", file: "base64:eA==", words: [""] }];
    await fixture.graph.load(ndjson(...records.map((data) => ({ type: "Item", data }))), { mode: "append" });
    for (const record of records) expect(await entityOf(fixture.graph, record.slug)).toMatchObject({ file: record.file, words: record.words });
  });

  test("ID-1 ID-2 ID-3 ids of nodes come from their keys", async () => {
    await using fixture = await createGraph(SCHEMA);
    const weights = ["0", "-0", "16777216", "0.1", "1e-7", "1e21"];
    await fixture.graph.load(
      [ndjson({ type: "Pair", data: { right: 7, left: 'B"' } }), `{"type":"Pair","data":{"id":"[\\"x\\",\\"-1\\"]","left":"x","right":-1}}`].join("\n"),
      { mode: "append" },
    );
    for (const grams of weights) await fixture.graph.load(`{"type":"Weight","data":{"grams":${grams}}}`, { mode: "merge" });
    const ids = (await contentOf(fixture.graph)).trimEnd().split("\n").map((line) => (JSON.parse(line) as { data: { id: string } }).data.id);
    expect(ids).toEqual(['["B\\"","7"]', '["x","-1"]', "0", "0.0000001", "0.1", "1000000000000000000000", "16777216"]);
  });

  test("LD-16 ID-5 missing ids of edges and unkeyed nodes are ascending ULIDs", async () => {
    await using fixture = await createGraph(SCHEMA);
    await fixture.graph.load(ndjson(...Array.from({ length: 200 }, (_, i) => ({ type: "Note", data: { text: String(i) } }))), { mode: "append" });
    const lines = (await contentOf(fixture.graph)).trimEnd().split("\n").map((line) => JSON.parse(line) as { data: { id: string; text: string } });
    for (const { data } of lines) expect(data.id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
    expect(lines.map(({ data }) => data.text)).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
  });

  test("LD-10 pretty-printed, several per line, back to back", async () => {
    await using fixture = await createGraph(SCHEMA);
    const text = `\n{\n  "type": "Item",\n  "data": {\n "slug": "a" }\n}\t{"type":"Item","data":{"slug":"b"}}{"edge":"likes","from":"a","to":"b"}  `;
    const receipt = await fixture.graph.load(text, { mode: "append" });
    expect(receipt).toMatchObject({ nodes: [{ name: "Item", entitiesLoaded: 2 }], edges: [{ name: "Likes", entitiesLoaded: 1 }], totalEntities: 3 });
  });

  test("EX-10 VA-30 edges may stand before their nodes", async () => {
    await using fixture = await createGraph(SCHEMA);
    const records = [{ edge: "Likes", from: "a", to: "b" }, { type: "Item", data: { slug: "b" } }, { type: "Item", data: { slug: "a" } }];
    expect((await fixture.graph.load(ndjson(...records), { mode: "append" })).totalEntities).toBe(3);
  });
});

describe("modes", () => {
  const edge = (id: string, from: string, to: string, weight?: number): object => ({ edge: "Likes", from, to, data: { id, ...(weight === undefined ? {} : { weight }) } });
  const node = (slug: string, data: object = {}): object => ({ type: "Item", data: { slug, ...data } });

  test("LD-41 append of an existing id is a key conflict naming it", async () => {
    await using fixture = await createGraph(SCHEMA);
    await fixture.graph.load(ndjson(node("a"), edge("e1", "a", "a")), { mode: "append" });
    const nodeError = await failureOf(fixture.graph.load(ndjson(node("z"), node("a")), { mode: "append" }));
    expect(nodeError).toMatchObject({ code: "KEY_CONFLICT", category: "conflict", retryable: false, details: { type_name: "Item", entity_id: "a" } });
    const edgeError = await failureOf(fixture.graph.load(ndjson(edge("e1", "a", "a")), { mode: "append" }));
    expect(edgeError).toMatchObject({ code: "KEY_CONFLICT", details: { entity_kind: "edge", entity_id: "e1" } });
  });

  test("LD-1 a load names branch, mode and actor, and its receipt and commit say so", async () => {
    await using fixture = await createGraph(SCHEMA);
    for (const mode of ["append", "merge", "overwrite"] as const) {
      const receipt = await fixture.graph.load(ndjson(node(mode)), { branch: "main", mode, actor: "act-maria" });
      expect(receipt).toMatchObject({ branch: "main", mode, actorId: "act-maria", totalEntities: 1, commit: { actorId: "act-maria", graphBranch: null } });
    }
    expect(await fixture.graph.load("", { mode: "append" })).toMatchObject({ branch: "main", actorId: null, commit: { actorId: null } });
  });

  test("OCC-5 an append prepared again after losing a race is still a strict insert", async () => {
    await using fixture = await createGraph(SCHEMA);
    const { graph } = fixture;
    // The outer load has captured its head before it reads input; the inner one adds the same id to a newer head.
    const input = async function* (): AsyncGenerator<Uint8Array> {
      await graph.load(ndjson(node("a", { small: 1 })), { mode: "append" });
      yield Buffer.from(ndjson(node("a", { small: 2 }), node("b")));
    };
    expect(await failureOf(graph.load(input(), { mode: "append" }))).toMatchObject({ code: "KEY_CONFLICT", details: { entity_id: "a" } });
    expect(await entityOf(graph, "a")).toMatchObject({ small: 1 });
    expect((await graph.snapshot()).entries.get("node:Item")?.entityCount).toBe(1);
  });

  test("VA-41 cardinality counts the edges another handle has added since", async () => {
    await using fixture = await createGraph(SCHEMA);
    const owns = (...ids: readonly string[]): string => ndjson(...ids.map((id) => ({ edge: "Owns", from: "a", to: "n", data: { id } })));
    await fixture.graph.load(`${ndjson(node("a"), { type: "Note", data: { id: "n", text: "t" } })}\n${owns("o1")}`, { mode: "append" });
    await using other = await Graph.open(`${fixture.directory}/g`, { mode: "rw" });
    await other.load(owns("o2"), { mode: "append" });
    const error = await failureOf(fixture.graph.load(owns("o3"), { mode: "append" }));
    expect(error.message).toContain("@card violation on edge Owns: source 'a' has 3 edges (max 2)");
    await other.mutate('query q() { delete Owns where from = "a" }');
    expect((await fixture.graph.load(owns("o3", "o4"), { mode: "append" })).totalEntities).toBe(2);
  });

  test("LD-42 LD-43 merge replaces the whole row and adds new ones", async () => {
    await using fixture = await createGraph(SCHEMA);
    await fixture.graph.load(ndjson(node("a", { small: 1, code: "x" }), node("b", { small: 2 }), edge("e1", "a", "b", 5)), { mode: "append" });
    const receipt = await fixture.graph.load(ndjson(node("a", { flag: true }), node("c", { code: "x" }), edge("e1", "b", "a")), { mode: "merge" });
    expect(receipt.totalEntities).toBe(3);
    expect(await entityOf(fixture.graph, "a")).toMatchObject({ small: null, code: null, flag: true });
    expect(await entityOf(fixture.graph, "b")).toMatchObject({ small: 2 });
    expect(await entityOf(fixture.graph, "c")).toMatchObject({ code: "x" });
    expect(await contentOf(fixture.graph)).toContain('{"edge":"Likes","from":"b","to":"a","data":{"id":"e1","weight":null}}');
    expect((await fixture.graph.snapshot()).entries.get("node:Item")?.entityCount).toBe(3);
  });

  test("LD-44 an explicit id twice: conflict in append and overwrite, the later wins in merge", async () => {
    await using fixture = await createGraph(SCHEMA);
    await fixture.graph.load(ndjson(node("a"), { type: "Note", data: { id: "n", text: "old" } }), { mode: "append" });
    const twice = ndjson({ type: "Note", data: { id: "n", text: "first" } }, { type: "Note", data: { id: "n", text: "second" } });
    for (const mode of ["append", "overwrite"] as const) expect((await failureOf(fixture.graph.load(twice, { mode }))).code).toBe("KEY_CONFLICT");
    expect((await fixture.graph.load(twice, { mode: "merge" })).totalEntities).toBe(1);
    expect(await entityOf(fixture.graph, "n")).toMatchObject({ text: "second" });
    const owned = ndjson(...["n", "n", "n"].map((to) => ({ edge: "Owns", from: "a", to, data: { id: "o" } })));
    expect((await fixture.graph.load(owned, { mode: "merge" })).totalEntities).toBe(1);
    expect((await failureOf(fixture.graph.load(`${ndjson(node("k"))}\n${ndjson(node("k"))}`, { mode: "merge" }))).message).toContain("@unique violation on Item.slug");
  });

  test("LD-40 LD-46 overwrite replaces the named types only", async () => {
    await using fixture = await createGraph(SCHEMA);
    await fixture.graph.load(ndjson(node("a"), node("b"), { type: "Note", data: { id: "n", text: "t" } }), { mode: "append" });
    await fixture.graph.load(ndjson(node("b", { small: 1 }), node("c")), { mode: "overwrite" });
    const ids = (await contentOf(fixture.graph)).trimEnd().split("\n").map((line) => (JSON.parse(line) as { data: { id: string } }).data.id);
    expect(ids).toEqual(["b", "c", "n"]);
    await fixture.graph.load(ndjson({ type: "Weight", data: { grams: 1 } }), { mode: "overwrite" });
    expect((await fixture.graph.snapshot()).entries.get("node:Weight")?.entityCount).toBe(1);
  });

  test("VA-31 overwrite may not take away nodes that a kept edge needs", async () => {
    await using fixture = await createGraph(SCHEMA);
    await fixture.graph.load(ndjson(node("a"), node("b"), edge("e1", "a", "b")), { mode: "append" });
    expect((await failureOf(fixture.graph.load(ndjson(node("b")), { mode: "overwrite" }))).message).toContain("edge Likes: src 'a' not found in Item");
    await fixture.graph.load(ndjson(node("b"), edge("e2", "b", "b")), { mode: "overwrite" });
    expect(await contentOf(fixture.graph)).toContain('"id":"e2"');
  });

  test("VA-40 a moved edge counts for its old and its new source", async () => {
    await using fixture = await createGraph(SCHEMA.replace("@card(0..2)", "@card(1..2)"));
    const note = (id: string): object => ({ type: "Note", data: { id, text: id } });
    const owns = (id: string, from: string): object => ({ edge: "Owns", from, to: "n", data: { id } });
    await fixture.graph.load(ndjson(node("a"), node("b"), note("n"), owns("o1", "a"), owns("o2", "b"), owns("o3", "b")), { mode: "append" });
    expect((await failureOf(fixture.graph.load(ndjson(owns("o1", "b")), { mode: "merge" }))).message).toContain("@card violation on edge Owns: source 'a' has 0 edges (min 1)");
    expect((await fixture.graph.load(ndjson(owns("o2", "a")), { mode: "merge" })).totalEntities).toBe(1);
    expect((await failureOf(fixture.graph.load(ndjson(owns("o4", "a")), { mode: "append" }))).message).toContain("source 'a' has 3 edges (max 2)");
  });

  test("VA-40 LD-40 an overwrite of edges counts for the sources that get no new ones", async () => {
    await using fixture = await createGraph(SCHEMA.replace("@card(0..2)", "@card(1..2)"));
    const note = { type: "Note", data: { id: "n", text: "n" } };
    const owns = (id: string, from: string): object => ({ edge: "Owns", from, to: "n", data: { id } });
    await fixture.graph.load(ndjson(node("a"), node("b"), note, owns("o1", "a"), owns("o2", "b")), { mode: "append" });
    const before = await contentOf(fixture.graph);
    const lacking = await failureOf(fixture.graph.load(ndjson(owns("o3", "b")), { mode: "overwrite" }));
    expect(lacking.message).toContain("@card violation on edge Owns: source 'a' has 0 edges (min 1)");
    expect(await contentOf(fixture.graph)).toBe(before);
    await fixture.graph.load(ndjson(owns("o3", "b"), owns("o4", "a")), { mode: "overwrite" });
    // A source that the same load takes away needs no edge.
    await fixture.graph.load(ndjson(node("b"), owns("o5", "b")), { mode: "overwrite" });
    expect((await fixture.graph.snapshot()).entries.get("edge:Owns")?.entityCount).toBe(1);
  });

  test("LD-44 VA-21 a record that a later one replaces holds no unique value", async () => {
    await using fixture = await createGraph("node Tag { text: String  code: String? @unique }");
    const tag = (id: string, code: string): object => ({ type: "Tag", data: { id, text: "t", code } });
    await fixture.graph.load(ndjson(tag("old", "z")), { mode: "append" });
    expect((await fixture.graph.load(ndjson(tag("a", "x"), tag("a", "x")), { mode: "merge" })).totalEntities).toBe(1);
    await fixture.graph.load(ndjson(tag("a", "x"), tag("b", "y"), tag("a", "y"), tag("b", "x")), { mode: "merge" });
    await fixture.graph.load(ndjson(tag("c", "z"), tag("c", "w")), { mode: "merge" });
    expect(await entityOf(fixture.graph, "a")).toMatchObject({ code: "y" });
    expect(await entityOf(fixture.graph, "c")).toMatchObject({ code: "w" });
    const twice = await failureOf(fixture.graph.load(ndjson(tag("d", "1"), tag("d", "2"), tag("e", "2")), { mode: "merge" }));
    expect(twice.message).toContain("@unique violation on Tag.code: value '2'");
    const once = await failureOf(fixture.graph.load(ndjson(tag("d", "1"), tag("e", "1")), { mode: "merge" }));
    expect(once.message).toContain("record 2: @unique violation on Tag.code: value '1'");
  });

  test("VA-22 a unique value held by another committed entity is refused, a freed one may be taken", async () => {
    await using fixture = await createGraph(SCHEMA);
    await fixture.graph.load(ndjson(node("a", { code: "x" }), node("b", { code: "y" })), { mode: "append" });
    expect((await failureOf(fixture.graph.load(ndjson(node("c", { code: "y" })), { mode: "merge" }))).message).toContain("@unique violation on Item.code: value 'y' held by 'b' and 'c'");
    await fixture.graph.load(ndjson(node("a", { code: "y" }), node("b", { code: "x" })), { mode: "merge" });
    expect(await entityOf(fixture.graph, "a")).toMatchObject({ code: "y" });
  });

  test("LD-5 a load always publishes, also without records and without change", async () => {
    await using fixture = await createGraph(SCHEMA);
    const first = await fixture.graph.load("", { mode: "append" });
    const second = await fixture.graph.load(" \n", { mode: "overwrite" });
    expect(first.totalEntities).toBe(0);
    expect(second.commit.graphManifestVersion).toBe(first.commit.graphManifestVersion + 1);
    await fixture.graph.load(ndjson(node("a")), { mode: "merge" });
    const same = await fixture.graph.load(ndjson(node("a")), { mode: "merge" });
    expect(await fixture.graph.headCommitId()).toBe(same.commit.graphCommitId);
  });

  test("VA-50 the violation reported does not depend on the order of records", async () => {
    await using fixture = await createGraph(SCHEMA);
    const bad = [node("z", { kind: "q" }), node("b", { kind: "q" }), edge("e", "none", "none"), { type: "Item", data: { slug: "d", code: "1" } }, { type: "Item", data: { slug: "e", code: "1" } }];
    const messages = new Set<string>();
    for (const records of [bad, bad.toReversed()]) {
      const error = await failureOf(fixture.graph.load(ndjson(...records), { mode: "append" }));
      messages.add(error.message.replace(/^record \d+: | \(line \d+\)$/g, ""));
      expect(error.details).toMatchObject({ kind: "enum", entity_id: "b" });
    }
    expect(messages.size).toBe(1);
  });
});
