import { createAcceptedSchema } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import { compileStoredQueries } from "../../src/stored-queries/compile-stored-queries.js";
import type { StoredQuerySource } from "../../src/stored-queries/stored-query.js";

const SCHEMA = "node Person { name: String @key\n age: I64?\n mood: Vector(3)? }\n";

const { catalog } = createAcceptedSchema(SCHEMA, { identityDomain: "01TEST00000000000000000000" });

const stored = (name: string, source: string, given: Partial<StoredQuerySource> = {}): StoredQuerySource => ({ name, source, toolName: name, isExposed: true, ...given });

const READ = `query people($min: I64, $tags: [String]?) @description("People by age") @instruction("Ask for adults") {
  match { $p: Person }
  return { $p.name }
}
`;

describe("stored queries (server.md §7)", () => {
  test("7.4 metadata comes from the declaration", () => {
    const { registry, breakages } = compileStoredQueries([stored("people", READ)], catalog);
    expect(breakages).toEqual([]);
    expect(registry.find("people")).toMatchObject({
      isMutation: false,
      description: "People by age",
      instruction: "Ask for adults",
      params: [
        { name: "min", kind: "bigint", nullable: false, type: "I64" },
        { name: "tags", kind: "list", item_kind: "string", nullable: true, type: "[String]?" },
      ],
    });
    expect(registry.find("nobody")).toBeUndefined();
  });

  test("7.3 every failure is reported, by query name, and the others are registered", () => {
    const { registry, breakages } = compileStoredQueries(
      [stored("wrong_type", "query wrong_type() { match { $p: Nobody } return { $p.name } }"), stored("people", READ), stored("renamed", READ), stored("broken", "query broken( {")],
      catalog,
    );
    expect(breakages.map(({ query }) => query)).toEqual(["broken", "renamed", "wrong_type"]);
    expect(breakages[0]?.message).toContain("does not parse");
    expect(breakages[1]?.message).toBe("its source declares no query 'renamed' (it declares 'people')");
    expect(breakages[2]?.message).toContain("Nobody");
    expect(registry.list().map(({ name }) => name)).toEqual(["people"]);
  });

  test("7.3 of exposed queries with one tool name the first by query name keeps it", () => {
    const again = READ.replace("people", "a_people");
    const { breakages } = compileStoredQueries([stored("people", READ, { toolName: "t" }), stored("a_people", again, { toolName: "t" })], catalog);
    expect(breakages).toEqual([{ query: "people", message: "its tool name 't' is taken by query 'a_people'" }]);
    expect(compileStoredQueries([stored("people", READ, { toolName: "t", isExposed: false }), stored("a_people", again, { toolName: "t" })], catalog).breakages).toEqual([]);
  });

  test("7.3 a vector parameter of an exposed query is a warning", () => {
    const source = "query near($v: Vector(3)) { match { $p: Person } return { $p.name } order { nearest($p.mood, $v) } limit 1 }";
    const { warnings, breakages } = compileStoredQueries([stored("near", source)], catalog);
    expect(breakages).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(compileStoredQueries([stored("near", source, { isExposed: false })], catalog).warnings).toEqual([]);
  });

  test("7.4 a mutation is one", () => {
    const { registry } = compileStoredQueries([stored("add", "query add($name: String) { insert Person { name: $name } }")], catalog);
    expect(registry.find("add")?.isMutation).toBe(true);
  });
});
