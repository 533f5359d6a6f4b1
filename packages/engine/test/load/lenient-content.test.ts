import { expect, test } from "vitest";
import type { Graph } from "../../src/graph.js";
import { contentOf, createGraph, failureOf, ndjson } from "./load-fixture.js";

const SCHEMA = `
node Person {
    handle: String @key
    level: enum(low, high)?
    active: Bool?
    age: I32?
    big: I64?
    score: F64?
    born: Date?
    seen: DateTime?
    tags: [String]?
    sig: Vector(2)?
    grade: I32
}
edge Knows: Person -> Person { since: Date? }
`;

const person = (data: object, more: object = {}): string => ndjson({ type: "Person", data: { handle: "a", grade: 1, ...data }, ...more });

async function loadLenient(graph: Graph, text: string): Promise<string> {
  await graph.load(text, { mode: "merge", content: "lenient" });
  return contentOf(graph);
}

test("LD-20, W07 lenient content ignores unknown members, properties and reserved fields", async () => {
  await using fixture = await createGraph(SCHEMA);
  const { graph } = fixture;
  const text = person({ nick: "x", _rowid: 7, age: 3 }, { extra: [1, { a: 2 }], from: "z" }) + ndjson({ edge: "Knows", from: "a", to: "a", data: { src: "q", dst: "q", id: 7 } });
  const found = await loadLenient(graph, text);
  expect(found).toContain('"age":3');
  expect(found).not.toContain("nick");
  expect((await failureOf(graph.load(text, { mode: "merge" }))).code).toBe("LOAD_RECORD_INVALID");
});

test.each([
  ["level", 1], ["active", "yes"], ["age", "7"], ["age", 1.5], ["big", "9007199254740993"], ["score", "1.5"], ["born", true], ["seen", {}], ["sig", 4],
])("LD-18, §19.3 lenient: property %s given as %j becomes null", async (name, value) => {
  await using fixture = await createGraph(SCHEMA);
  const { graph } = fixture;
  expect(await loadLenient(graph, person({ [name]: value }))).toContain(`"${name}":null`);
  expect((await failureOf(graph.load(person({ [name]: value }), { mode: "merge" }))).code).toBe("LOAD_RECORD_INVALID");
});

test("§19.3 lenient: a bad element of a list becomes a null element", async () => {
  await using fixture = await createGraph(SCHEMA);
  const { graph } = fixture;
  expect(await loadLenient(graph, person({ tags: ["a", 7, null, "b"] }))).toContain('"tags":["a",null,null,"b"]');
});

test.each([
  ["out of range", { age: 2 ** 31 }, "exceeds Int32 range"],
  ["an unreadable date", { born: "soon" }, "invalid Date literal"],
  ["no list", { tags: "a" }, "expects a JSON array"],
  ["a vector of other width", { sig: [1] }, "expects 2 dimensions"],
  ["W01 null in a required property", { grade: "one" }, "non-nullable property 'grade'"],
  ["W01 null in the key", { handle: 5 }, "non-nullable property 'handle'"],
])("LD-20 lenient content still refuses %s", async (_case, data, marker) => {
  await using fixture = await createGraph(SCHEMA);
  const { graph } = fixture;
  expect((await failureOf(graph.load(person(data), { mode: "merge", content: "lenient" }))).message).toContain(marker);
});

test("W04, W06 lenient content still refuses unknown types and ids of nodes that are no strings", async () => {
  await using fixture = await createGraph(SCHEMA);
  const { graph } = fixture;
  expect((await failureOf(graph.load(ndjson({ type: "Ghost", data: {} }), { mode: "merge", content: "lenient" }))).message).toContain("unknown node type 'Ghost'");
  expect((await failureOf(graph.load(person({ id: 7 }), { mode: "merge", content: "lenient" }))).message).toContain("must be a string");
});
