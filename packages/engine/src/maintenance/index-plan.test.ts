import { createAcceptedSchema, findEntityType } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import { declaredIndexes, planIndexes } from "./index-plan.js";

const SCHEMA = `node Thing {
  slug: String @key
  kind: enum(a, b)? @index
  flag: Bool? @index
  i32: I32? @index
  i64: I64? @index
  u32: U32? @index
  u64: U64? @index
  f32: F32? @index
  f64: F64? @index
  day: Date? @index
  at: DateTime? @index
  text: String? @index
  face: Vector(4)? @index
  plain: I32?
  left: I32?
  right: I32?
  unique: I32? @unique
  @index(left, right)
}
node Numbered { number: I64 @key }
edge Knows: Thing -> Thing {
  since: I32? @index
}
`;
const { catalog } = createAcceptedSchema(SCHEMA, { identityDomain: "index-plan" });

function columns(typeKey: string): readonly string[] {
  const type = findEntityType(catalog, typeKey);
  if (type === undefined) throw new Error(typeKey);
  return declaredIndexes(type).map(({ column, kind }) => `${column}:${kind}`);
}

describe("IX-10 IX-11 the kind of index per property (§18)", () => {
  test("ordered for numbers, Bool, dates and enums; vectors; none for text, composites, @unique and edge properties", () => {
    const ordered = (...names: readonly string[]): readonly string[] => names.map((name) => `${name}:btree`);
    const before = ordered("__h", "at", "day", "f32", "f64");
    expect(columns("node:Thing")).toEqual([...before, "face:vector", ...ordered("flag", "i32", "i64", "id", "kind", "u32", "u64")]);
    expect(columns("node:Numbered")).toEqual(["__h:btree", "id:btree", "number:btree"]);
    expect(columns("edge:Knows")).toEqual(["__dh:btree", "__sh:btree", "id:btree"]);
  });

  test("IX-13 IX-21 only what is missing; a vector property without any vector is pending", async () => {
    const type = findEntityType(catalog, "node:Thing");
    if (type === undefined) throw new Error("Thing");
    const stored = declaredIndexes(type)
      .filter(({ column }) => column !== "day" && column !== "face")
      .map(({ column, kind }) => ({ column, kind, unindexedRowCount: 5 }));
    const plan = (vectorCount: number): Promise<unknown> => planIndexes(type, stored, () => Promise.resolve(vectorCount));
    const day = { column: "day", kind: "btree" };
    const pending = [{ property: "face", reason: "property has no non-null vectors to train on yet" }];
    expect(await plan(0)).toEqual({ missing: [day], pending });
    expect(await plan(9_999)).toEqual({ missing: [day], pending: [] });
    expect(await plan(10_000)).toEqual({ missing: [day, { column: "face", kind: "vector", metric: "l2" }], pending: [] });
  });
});
