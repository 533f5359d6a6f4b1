import { type Catalog, createAcceptedSchema } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import { PLAN_CACHE_ENTRIES_MAX } from "../limits.js";
import { PlanCache } from "./plan-cache.js";

const catalog = catalogOf("node Person { name: String @key }");
const SOURCE = "query first() { match { $p: Person } return { $p.name } } query second() { match { $p: Person } return { count($p) as n } }";

function catalogOf(schema: string): Catalog {
  return createAcceptedSchema(schema, { identityDomain: "plan-cache" }).catalog;
}

function sourceNumber(index: number): string {
  return `query q${index}() { match { $p: Person } return { $p.name } }`;
}

describe("plans of repeated query texts", () => {
  test("are found again by text, name and catalog, also when the text is another string", () => {
    const cache = new PlanCache();
    const first = cache.compile(SOURCE, catalog, "first");
    const again = Buffer.from(SOURCE).toString();
    expect(cache.compile(again, catalog, "first")).toBe(first);
    expect(cache.compile(SOURCE, catalog, "second").name).toBe("second");
    expect(cache.compile(SOURCE, catalog, "first")).toBe(first);
    const other = catalogOf("node Person { name: String @key born: Date? }");
    expect(cache.compile(SOURCE, other, "first")).not.toBe(first);
    expect(cache.compile(SOURCE, catalog, "first")).toBe(first);
  });

  test("those that were not asked for the longest go first", () => {
    const cache = new PlanCache();
    const kept = cache.compile(sourceNumber(0), catalog, undefined);
    const gone = cache.compile(sourceNumber(1), catalog, undefined);
    for (let index = 2; index <= PLAN_CACHE_ENTRIES_MAX; index++) {
      cache.compile(sourceNumber(0), catalog, undefined);
      cache.compile(sourceNumber(index), catalog, undefined);
    }
    expect(cache.compile(sourceNumber(0), catalog, undefined)).toBe(kept);
    expect(cache.compile(sourceNumber(1), catalog, undefined)).not.toBe(gone);
  });

  test("a refused text is refused again", () => {
    const cache = new PlanCache();
    for (let round = 0; round < 2; round++) expect(() => cache.compile("query q() { match { $p: Nobody } return { $p.name } }", catalog, undefined)).toThrow("Nobody");
  });
});
