import { beforeAll, describe, expect, test } from "vitest";
import type { Graph } from "../../src/graph.js";
import { contentOf, createGraph, failureOf, ndjson, type TestGraph } from "../load/load-fixture.js";

const SCHEMA = `
node Doc {
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
    words: [String]?
    numbers: [I32]?
    vec: Vector(2)?
    file: Blob?
    code: String? @unique
}
node Note { text: String }
node Pair { left: String  right: F64  @key(left, right) }
edge Cites: Doc -> Doc { weight: I32? }
edge About: Note -> Doc @card(0..1)
`;

const DOCS = [
  { type: "Doc", data: { slug: "a", small: 1, single: 0.1, file: "base64:AAEC", words: ["x"], vec: [1, 2], big: 7, code: "ca" } },
  { type: "Doc", data: { slug: "b", small: 2, double: 2.5, code: "cb" } },
  { type: "Doc", data: { slug: "c", moment: "2024-01-01T00:00:00Z", day: "2024-01-01" } },
  { type: "Note", data: { id: "n1", text: "hello" } },
  { edge: "Cites", from: "a", to: "b", data: { id: "e1", weight: 1 } },
  { edge: "Cites", from: "a", to: "a", data: { id: "e2" } },
  { edge: "About", from: "n1", to: "a", data: { id: "e3" } },
];

async function documents(): Promise<TestGraph> {
  const fixture = await createGraph(SCHEMA);
  await fixture.graph.load(ndjson(...DOCS), { mode: "append" });
  return fixture;
}

async function entityOf(graph: Graph, id: string): Promise<Record<string, unknown> | undefined> {
  const lines = (await contentOf(graph)).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as { data: Record<string, unknown> }).find(({ data }) => data["id"] === id)?.data;
}

describe("values that do not fit", () => {
  let fixture: TestGraph;
  beforeAll(async () => {
    fixture = await documents();
    return () => fixture[Symbol.asyncDispose]();
  });

  const set = (parameter: string, property: string): string => `query q($v: ${parameter}) { update Doc set { ${property}: $v } where slug = "a" }`;

  test.each<[rule: string, source: string, params: Record<string, unknown>, ...markers: string[]]>([
    ["MU-21", set("I64", "small"), { v: 2_147_483_648 }, "Doc.small", "2147483648", "exceeds Int32 range"],
    ["MU-21", set("I64", "natural"), { v: -1 }, "exceeds UInt32 range"],
    ["MU-21", set("I64", "huge"), { v: -1 }, "exceeds UInt64 range"],
    ["MU-21", set("F64", "single"), { v: 1e300 }, "Doc.single", "must be finite"],
    ["§11.4", set("[I64]", "numbers"), { v: [1, 2 ** 40] }, "Doc.numbers", "exceeds Int32 range"],
    ["PB-10", set("Date", "day"), { v: "2024-13-01" }, "2024-13-01"],
    ["PB-10", 'query q() { update Doc set { small: 1 } where day = date("2024-02-30") }', {}, "2024-02-30"],
    ["MU-23", set("Blob", "file"), { v: "base64:!!!!" }, "Doc.file", "invalid base64"],
    ["MU-23", set("Blob", "file"), { v: "https://u:p@example.test/x?token=1" }, "external blob URI 'https://…@example.test/x'"],
    ["MU-9", "query q($v: String?) { insert Note { text: $v } }", { v: null }, "Note.text", "non-nullable property 'text'"],
    ["W02", "query q($v: String?) { insert Doc { slug: $v } }", {}, "Doc.slug", "@key property cannot contain null"],
    ["MU-9", "query q() { insert Doc { slug: $v } }".replace("q()", "q($v: String)"), {}, "v"],
    ["MU-12", 'query q() { update Doc set { slug: "z" } where slug = "nobody" }', {}, "cannot update @key property 'slug' — delete and re-insert instead"],
    ["MU-1", 'query both() { delete Note where text = "x"  insert Note { text: "y" } }', {}, "'both' mixes inserts/updates and deletes; split into separate mutations: (1) inserts and updates, then (2) deletes"],
    ["VA-22", 'query q() { insert Doc { slug: "z", code: "ca" } }', {}, "@unique violation on Doc.code: value 'ca' held by 'a' and 'z'"],
    ["VA-22", 'query q() { update Doc set { code: "one" } where small >= 1 }', {}, "@unique violation on Doc.code", "'one'"],
    ["VA-30", 'query q() { insert Cites { from: "a", to: "zz" } }', {}, "dst 'zz' not found in Doc"],
    ["VA-40", 'query q() { insert About { from: "n1", to: "b" } }', {}, "@card violation on edge About: source 'n1' has 2 edges (max 1)"],
  ])("%s is refused before anything is written: %s", async (_rule, source, params, ...markers) => {
    const before = await contentOf(fixture.graph);
    const error = await failureOf(fixture.graph.mutate(source, { params }));
    expect(error).toMatchObject({ category: "invalid", effects: "none" });
    for (const marker of markers) expect(error.message).toContain(marker);
    expect(await contentOf(fixture.graph)).toBe(before);
  });
});

test("MU-5 MU-10 an update keeps what it does not assign, blobs included; null clears, a blob too", async () => {
  await using fixture = await documents();
  const { graph } = fixture;
  const before = await entityOf(graph, "a");
  await graph.mutate('query q() { update Doc set { small: 9 } where slug = "a" }');
  expect(await entityOf(graph, "a")).toEqual({ ...before, small: 9 });
  await graph.mutate("query q($none: Blob?, $nothing: [String]?) { update Doc set { file: $none, words: $nothing } where slug = \"a\" }");
  expect(await entityOf(graph, "a")).toEqual({ ...before, small: 9, file: null, words: null });
  await graph.mutate('query q($f: Blob) { update Doc set { file: $f } where small = 9 }', { params: { f: "base64:" } });
  expect(await entityOf(graph, "a")).toMatchObject({ file: "base64:" });
});

test("MU-11 whole new rows and changes of single columns share one mutation of a type with blobs", async () => {
  await using fixture = await documents();
  const { graph } = fixture;
  const [a, b] = [await entityOf(graph, "a"), await entityOf(graph, "b")];
  const receipt = await graph.mutate(
    'query q($f: Blob) { insert Doc { slug: "z", small: 1, file: $f, words: ["w"] } update Doc set { double: 0.5 } where small >= 1 update Doc set { file: $f } where slug = "b" }',
    { params: { f: "base64:/w==" } },
  );
  expect(receipt.affectedNodes).toBe(1 + 3 + 1);
  expect(await entityOf(graph, "a")).toEqual({ ...a, double: 0.5 });
  expect(await entityOf(graph, "b")).toEqual({ ...b, double: 0.5, file: "base64:/w==" });
  expect(await entityOf(graph, "z")).toMatchObject({ small: 1, double: 0.5, file: "base64:/w==", words: ["w"], single: null });
});

test("EX-24 an integer rounds to F32 in one step, in a condition as in an assignment", async () => {
  await using fixture = await createGraph(SCHEMA);
  const { graph } = fixture;
  // Just above the middle of two F32 values; as a double it would be the middle itself and round down.
  const v = 2n ** 60n + 2n ** 36n + 1n;
  await graph.mutate('query q($v: I64) { insert Doc { slug: "a", single: $v } }', { params: { v } });
  expect(await entityOf(graph, "a")).toMatchObject({ single: 2 ** 60 + 2 ** 37 });
  const receipt = await graph.mutate("query q($v: I64) { update Doc set { small: 1 } where single = $v }", { params: { v } });
  expect(receipt.affectedNodes).toBe(1);
  const found = await graph.query("query q($v: I64) { match { $d: Doc { single: $v } } return { $d.slug } }", { params: { v } });
  expect(found.rowCount).toBe(1);
});

test("§11.4 integers fit float properties; 64-bit values keep every digit", async () => {
  await using fixture = await documents();
  const params = { big: -(2n ** 63n), huge: "9223372036854775807", single: 16_777_217, double: 3, words: ["é", ""], vec: [0.5, 2] };
  await fixture.graph.mutate(
    "query q($big: I64, $huge: U64, $single: I64, $double: I32, $words: [String], $vec: Vector(2)) { insert Doc { slug: \"z\", big: $big, huge: $huge, single: $single, double: $double, words: $words, vec: $vec } }",
    { params },
  );
  const text = await contentOf(fixture.graph);
  expect(text).toContain('"big":-9223372036854775808');
  expect(text).toContain('"huge":9223372036854775807');
  expect(await entityOf(fixture.graph, "z")).toMatchObject({ single: 16_777_216, double: 3, words: ["é", ""], vec: [0.5, 2] });
});

test("MU-3 MU-7 MU-8 keyed inserts replace, others are new each time", async () => {
  await using fixture = await documents();
  const { graph } = fixture;
  await graph.mutate('query q() { insert Doc { slug: "a" } insert Note { text: "t" } insert Note { text: "t" } insert Pair { left: "l", right: 1.0 } }');
  expect(await entityOf(graph, "a")).toMatchObject({ small: null, file: null, code: null });
  const lines = (await contentOf(graph)).split("\n");
  expect(lines.filter((line) => line.includes('"text":"t"'))).toHaveLength(2);
  expect(lines).toContain('{"type":"Pair","data":{"id":"[\\"l\\",\\"1\\"]","left":"l","right":1}}');
});

test("MU-3 MU-16 AC-1 AC-2 statements see the images earlier ones left, each entity once", async () => {
  await using fixture = await documents();
  const { graph } = fixture;
  const receipt = await graph.mutate(
    'query q() { insert Doc { slug: "z", small: 2 } update Doc set { small: 3 } where small = 2 update Doc set { double: 1.5 } where small = 3 insert Doc { slug: "b", small: 8 } update Doc set { flag: true } where small = 8 }',
  );
  expect(receipt).toMatchObject({ affectedNodes: 1 + 2 + 2 + 1 + 1, affectedEdges: 0 });
  expect(await entityOf(graph, "z")).toMatchObject({ small: 3, double: 1.5, flag: null });
  expect(await entityOf(graph, "b")).toMatchObject({ small: 8, double: null, flag: true });
});

test.each<[condition: string, matched: readonly string[]]>([
  ['slug = "a"', ["a"]],
  ['slug != "a"', ["b", "c"]],
  ['slug >= "b"', ["b", "c"]],
  ["single = 0.1", ["a"]],
  ["small < 1.5", ["a"]],
  ["double > 2", ["b"]],
  ["small != 3000000000", ["a", "b"]],
  ['moment = datetime("2024-01-01T01:00:00+01:00")', ["c"]],
  ['day <= date("2024-01-01")', ["c"]],
  ['code != "ca"', ["b"]],
])("EX-22 EX-23 EX-24 MU-4 committed and pending images match alike: %s", async (condition, matched) => {
  await using fixture = await documents();
  const { graph } = fixture;
  // Cites never match, so every Doc stays committed; then the same condition on images that are all pending.
  const committed = await graph.mutate(`query q() { update Doc set { flag: true } where ${condition} }`);
  expect(committed.affectedNodes).toBe(matched.length);
  for (const slug of ["a", "b", "c"]) expect((await entityOf(graph, slug))?.["flag"]).toBe(matched.includes(slug) ? true : null);
  const pending = await graph.mutate(`query q() { update Doc set { natural: 5 } where slug >= "a" update Doc set { flag: false } where ${condition} }`);
  expect(pending.affectedNodes).toBe(3 + matched.length);
});

test("MU-5 conditions on lists and vectors match nothing", async () => {
  await using fixture = await documents();
  const receipt = await fixture.graph.mutate('query q($v: Vector(2)) { update Doc set { small: 5 } where vec = $v }', { params: { v: [1, 2] } });
  expect(receipt).toMatchObject({ affectedNodes: 0, commit: null });
});

test("MU-6 MU-13 deleting a node deletes its edges of every type, a loop once", async () => {
  await using fixture = await documents();
  const receipt = await fixture.graph.mutate('query q() { delete Doc where slug = "a" }');
  expect(receipt).toMatchObject({ affectedNodes: 1, affectedEdges: 3 });
  expect((await contentOf(fixture.graph)).includes('"edge"')).toBe(false);
  const counts = [...(await fixture.graph.snapshot()).entries].map(([key, entry]) => [key, entry.entityCount]);
  expect(Object.fromEntries(counts)).toMatchObject({ "node:Doc": 2, "edge:Cites": 0, "edge:About": 0 });
});

test("MU-7 MU-32 OCC-10 nothing matched: no commit, and the precondition still counts", async () => {
  await using fixture = await documents();
  const { graph } = fixture;
  const head = await graph.headCommitId();
  const source = 'query q() { delete Doc where slug = "nobody" }';
  expect(await graph.mutate(source, { ifCommit: head })).toMatchObject({ commit: null, affectedNodes: 0, affectedEdges: 0 });
  expect((await failureOf(graph.mutate(source, { ifCommit: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }))).category).toBe("precondition");
  expect(await graph.headCommitId()).toBe(head);
});

test("MU-14 WR-6 deleting edges leaves their ends; MU-17 an update to the same values is a change", async () => {
  await using fixture = await documents();
  const { graph } = fixture;
  const head = await graph.headCommitId();
  expect(await graph.mutate('query q() { delete Cites where from = "a" }')).toMatchObject({ affectedNodes: 0, affectedEdges: 2 });
  expect((await graph.snapshot()).entries.get("node:Doc")?.entityCount).toBe(3);
  const same = await graph.mutate('query q() { update Doc set { small: 1 } where slug = "a" }');
  expect(same.affectedNodes).toBe(1);
  expect(same.commit?.graphCommitId).not.toBe(head);
});

test("WR-3 a failing statement takes the earlier ones with it; MU-15 integrity is judged after the last", async () => {
  await using fixture = await documents();
  const { graph } = fixture;
  const before = await contentOf(graph);
  await failureOf(graph.mutate('query q() { insert Doc { slug: "x" } update Doc set { small: 5 } where slug = "a" insert Cites { from: "x", to: "nowhere" } }'));
  expect(await contentOf(graph)).toBe(before);
  const receipt = await graph.mutate('query q() { insert Cites { from: "x", to: "y" } insert Doc { slug: "x" } insert Doc { slug: "y" } }');
  expect(receipt).toMatchObject({ affectedNodes: 2, affectedEdges: 1 });
});

test("ID-6 LD-14 one id in several types is several entities; edge names are found in any case", async () => {
  await using fixture = await documents();
  const { graph } = fixture;
  await graph.load(ndjson({ type: "Note", data: { id: "a", text: "t" } }, { edge: "cITES", from: "b", to: "c", data: { id: "a" } }), { mode: "append" });
  const entries = [...(await graph.snapshot()).entries].map(([key, entry]) => [key, entry.entityCount]);
  expect(Object.fromEntries(entries)).toMatchObject({ "node:Doc": 3, "node:Note": 2, "edge:Cites": 3 });
});

test("WR-2 several types and statements are one commit", async () => {
  await using fixture = await documents();
  const before = (await fixture.graph.listCommits()).length;
  await fixture.graph.mutate('query q() { insert Doc { slug: "x" } insert Cites { from: "x", to: "a" } insert Note { text: "n" } }');
  expect(await fixture.graph.listCommits()).toHaveLength(before + 1);
});

test("OCC-4 inserts that race on one handle all land", async () => {
  await using fixture = await documents();
  const { graph } = fixture;
  await Promise.all(Array.from({ length: 8 }, (_, i) => graph.mutate(`query q() { insert Doc { slug: "r${i}" } insert Cites { from: "r${i}", to: "a" } }`)));
  expect((await graph.snapshot()).entries.get("node:Doc")?.entityCount).toBe(11);
  expect((await contentOf(graph)).match(/"edge":"Cites"/g)).toHaveLength(10);
});

test("VA-2 few and many looked-up ids give the same result", async () => {
  await using fixture = await createGraph(SCHEMA);
  const { graph } = fixture;
  const many = 5_000;
  const docs = (from: number, to: number, small: number): string =>
    ndjson(...Array.from({ length: to - from }, (_, i) => ({ type: "Doc", data: { slug: `d${from + i}`, small } })));
  await graph.load(docs(0, many, 0), { mode: "append" });
  expect((await graph.load(docs(many - 10, 2 * many, 1), { mode: "merge" })).totalEntities).toBe(many + 10);
  expect((await graph.snapshot()).entries.get("node:Doc")?.entityCount).toBe(2 * many);
  const edges = ndjson(...Array.from({ length: 2 * many }, (_, i) => ({ edge: "Cites", from: `d${i}`, to: `d${2 * many - 1 - i}` })));
  expect((await graph.load(edges, { mode: "append" })).totalEntities).toBe(2 * many);
  expect((await failureOf(graph.load(`${edges}\n${ndjson({ edge: "Cites", from: "d0", to: "d-1" })}`, { mode: "append" }))).message).toContain("dst 'd-1' not found");
  expect((await failureOf(graph.load(docs(many, 2 * many, 1), { mode: "append" }))).code).toBe("KEY_CONFLICT");
  const removal = await graph.mutate("query q() { delete Doc where small = 1 }");
  expect(removal).toMatchObject({ affectedNodes: many + 10, affectedEdges: 2 * many });
  expect((await graph.snapshot()).entries.get("edge:Cites")?.entityCount).toBe(0);
});
