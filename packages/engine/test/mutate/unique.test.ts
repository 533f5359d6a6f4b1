import { expect, test } from "vitest";
import { createGraph, failureOf, ndjson } from "../load/load-fixture.js";

const VALUES: readonly (readonly [type: string, value: unknown, other: unknown])[] = [
  ["String", "a|b\u0000'", "a"],
  ["Bool", true, false],
  ["I32", -5, 5],
  ["U64", 18446744073709551615n, 18446744073709551614n],
  ["F32", 0.1, 0.2],
  ["F64", -0, 1],
  ["Date", -3, 4],
  ["DateTime", 1_700_000_000_123, 5],
  ["enum(red, green)", "red", "green"],
];

const record = (slug: string, value: unknown): string =>
  `{"type":"Item","data":{"slug":"${slug}","value":${typeof value === "bigint" ? String(value) : JSON.stringify(value)}}}`;

test.each(VALUES)("VA-20 VA-22 W14 a committed %s value is found", async (type, value, other) => {
  await using fixture = await createGraph(`node Item { slug: String @key  value: ${type}? @unique }`);
  const { graph } = fixture;
  await graph.load([record("a", value), record("b", null), record("c", null)].join("\n"), { mode: "append" });
  await graph.load(record("d", other), { mode: "append" });
  const error = await failureOf(graph.load(record("z", Object.is(value, -0) ? 0 : value), { mode: "append" }));
  expect(error.message).toContain("@unique violation on Item.value");
  expect(error.message).toContain("held by 'a' and 'z'");
});

test("VA-20 tuples are compared as tuples, few and many", async () => {
  await using fixture = await createGraph("node Item { slug: String @key  left: String?  right: String?  @unique(right, left) }");
  const { graph } = fixture;
  const item = (slug: string, left: string | null, right: string | null): object => ({ type: "Item", data: { slug, left, right } });
  await graph.load(ndjson(item("a", "a|b", "c"), item("n", null, "c")), { mode: "append" });
  await graph.load(ndjson(item("b", "a", "b|c"), item("m", null, "c"), item("o", "a|b", null)), { mode: "append" });
  const many = Array.from({ length: 1_100 }, (_, i) => item(`x${i}`, `l${i}`, "r"));
  for (const others of [[], many]) {
    const error = await failureOf(graph.load(ndjson(...others, item("z", "a|b", "c")), { mode: "append" }));
    expect(error.message).toContain("@unique violation on Item.(left, right): value ('a|b', 'c') held by 'a' and 'z'");
  }
  expect((await graph.load(ndjson(...many), { mode: "append" })).totalEntities).toBe(1_100);
});

test.each<[type: string, parameter: string, value: unknown]>([
  ["String", "String", "a|b'"],
  ["Bool", "Bool", true],
  ["I32", "I64", -5],
  ["U64", "U64", "9223372036854775807"],
  ["F32", "F64", 0.1],
  ["F64", "F64", 0],
  ["Date", "Date", "1969-12-29"],
  ["DateTime", "DateTime", "2023-11-14T22:13:20.123Z"],
  ["enum(red, green)", "String", "red"],
])("VA-23 a load and a mutation key a %s value alike, whichever comes first", async (type, parameter, value) => {
  const schema = `node Item { slug: String @key  value: ${type}? @unique }`;
  const insert = `query q($slug: String, $v: ${parameter}) { insert Item { slug: $slug, value: $v } }`;
  const loaded = (slug: string): string => record(slug, type === "U64" ? BigInt(value as string) : value);
  {
    await using fixture = await createGraph(schema);
    await fixture.graph.load(loaded("a"), { mode: "append" });
    const error = await failureOf(fixture.graph.mutate(insert, { params: { slug: "z", v: value } }));
    expect(error.message).toContain("held by 'a' and 'z'");
  }
  await using fixture = await createGraph(schema);
  await fixture.graph.mutate(insert, { params: { slug: "a", v: value } });
  const error = await failureOf(fixture.graph.load(loaded("z"), { mode: "append" }));
  expect(error.message).toContain("held by 'a' and 'z'");
});
