import { createAcceptedSchema, findEntityType, type TextAnalysis } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import type { IndexState } from "../storage/dataset-gateway.js";
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
  code: String?
  @index(code, tokenizer="exact")
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
  test("ordered for numbers, Bool, dates and enums; vectors; full text; none for keys of text, composites, @unique and edge properties", () => {
    const ordered = (...names: readonly string[]): readonly string[] => names.map((name) => `${name}:btree`);
    const inOrder = [...ordered("__h", "at"), "code:fullText", ...ordered("day", "f32", "f64"), "face:vector"];
    expect(columns("node:Thing")).toEqual([...inOrder, ...ordered("flag", "i32", "i64", "id", "kind"), "text:fullText", ...ordered("u32", "u64")]);
    expect(columns("node:Numbered")).toEqual(["__h:btree", "id:btree", "number:btree"]);
    expect(columns("edge:Knows")).toEqual(["__dh:btree", "__sh:btree", "id:btree"]);
  });

  test("IX-13 IX-21 only what is missing; a vector property without any vector is pending", async () => {
    const type = findEntityType(catalog, "node:Thing");
    if (type === undefined) throw new Error("Thing");
    const stored = declaredIndexes(type)
      .filter(({ column }) => column !== "day" && column !== "face")
      .map((index) => ({ ...index, unindexedRowCount: 5 }));
    const plan = (vectorCount: number): Promise<unknown> => planIndexes(type, stored, () => Promise.resolve(vectorCount));
    const day = { column: "day", kind: "btree" };
    const pending = [{ property: "face", reason: "property has no non-null vectors to train on yet" }];
    expect(await plan(0)).toEqual({ missing: [day], pending });
    expect(await plan(9_999)).toEqual({ missing: [day], pending: [] });
    expect(await plan(10_000)).toEqual({ missing: [day, { column: "face", kind: "vector", metric: "l2" }], pending: [] });
  });

  test("IX-10 a full-text index with other settings than the schema's is built anew", async () => {
    const type = findEntityType(catalog, "node:Thing");
    if (type === undefined) throw new Error("Thing");
    const stored = (textAnalysis?: TextAnalysis): readonly IndexState[] =>
      declaredIndexes(type).map((index) => {
        const { textAnalysis: _, ...others } = index;
        const found = index.column === "code" ? textAnalysis : index.textAnalysis;
        return { ...others, unindexedRowCount: 0, ...(found === undefined ? {} : { textAnalysis: found }) };
      });
    const missing = async (textAnalysis?: TextAnalysis): Promise<unknown> => (await planIndexes(type, stored(textAnalysis), () => Promise.resolve(0))).missing;
    const code = { column: "code", kind: "fullText", textAnalysis: { tokenizer: "exact" } };
    expect(await missing({ tokenizer: "exact" })).toEqual([]);
    expect(await missing({ tokenizer: "icu" })).toEqual([code]);
    expect(await missing()).toEqual([code]);
  });
});
