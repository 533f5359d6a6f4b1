import { sha256Digest } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { decodeContract, encodeContract } from "../../src/catalog/schema-contract.js";
import { schemaIrHash } from "../../src/catalog/schema-codec.js";
import { shapeHash } from "../../src/catalog/shape-json.js";
import { createAcceptedSchema, openAcceptedSchema, planMigration } from "../../src/compile-schema.js";
import { CompileError, SchemaContractError } from "../../src/errors.js";
import { DOMAIN } from "./spec-tables.js";

const SOURCE = 'node A { a: String @key x: F64? @range(x, 0.5..2) @check(a, "^a") } edge E: A -> A';
const accepted = createAcceptedSchema(SOURCE, { identityDomain: DOMAIN });
const { documents } = accepted;

function refusal(changed: Partial<typeof documents>): SchemaContractError {
  try {
    openAcceptedSchema({ ...documents, ...changed });
  } catch (error) {
    if (error instanceof SchemaContractError) return error;
    throw error;
  }
  throw new Error("the documents were accepted");
}

describe("§13.1 the persisted contract", () => {
  test("state has the five members, and the hash of the accepted bytes", () => {
    expect(JSON.parse(documents.state)).toEqual({
      format_version: 2,
      schema_shape_hash: accepted.shapeHash,
      schema_ir_hash: accepted.irHash,
      schema_identity_version: 2,
      schema_identity_domain: DOMAIN,
      schema_source_hash: sha256Digest(SOURCE),
    });
    expect(documents.source).toBe(SOURCE);
    expect(documents.ir.startsWith('{\n  "ir_version": 2,\n')).toBe(true);
  });

  test("a source that means the same opens; one that means something else does not", () => {
    expect(openAcceptedSchema({ ...documents, source: `// note\n${SOURCE}` }).irHash).toBe(accepted.irHash);
    for (const source of ["", "node A {}", "not a schema", SOURCE.replace("0.5", "0.6")]) {
      const error = refusal({ source });
      expect(error.message).toContain("schema evolution is locked down");
      expect(error.message).toContain("_schema.pg no longer matches");
      expect(error.category).toBe("conflict");
      expect(error.retryable).toBe(false);
    }
  });

  test("the hash of the accepted bytes only saves reading them again: without it the source decides", () => {
    const state = documents.state.replace(/,\s+"schema_source_hash": "[^"]+"/, "");
    expect(state).not.toBe(documents.state);
    expect(openAcceptedSchema({ ...documents, state }).irHash).toBe(accepted.irHash);
    expect(refusal({ state, source: "node A {}" }).message).toContain("_schema.pg no longer matches");
  });

  const damage: readonly (readonly [string, Partial<typeof documents>])[] = [
    ["truncated IR", { ir: documents.ir.slice(0, 100) }],
    ["empty IR", { ir: "" }],
    ["IR of another kind", { ir: "[]" }],
    ["IR of another version", { ir: documents.ir.replace('"ir_version": 2', '"ir_version": 1') }],
    ["a changed id", { ir: documents.ir.replace('"type_id": 1', '"type_id": 9') }],
    ["a reference with another id", { ir: documents.ir.replace(/("from_type": \{\s+"type_id": )1/, "$17") }],
    ["an additional member", { ir: documents.ir.replace("{", '{ "extra": 1,') }],
    ["a changed bound", { ir: documents.ir.replace('"Float": 0.5', '"Float": 0.25') }],
    ["a type that is none", { ir: documents.ir.replace('"scalar": "F64"', '"scalar": "F128"') }],
    ["truncated state", { state: documents.state.slice(0, 30) }],
    ["state without a hash", { state: "{}" }],
    ["state of an older format", { state: documents.state.replace('"format_version": 2', '"format_version": 1') }],
    ["state of another graph", { state: documents.state.replace(DOMAIN, "01HZY3V9QK7M2N4P6R8T0W1X60") }],
    ["another shape hash", { state: documents.state.replace(accepted.shapeHash, accepted.irHash) }],
    ["state that is an array", { state: "[1]" }],
  ];
  test.each(damage)("%s is a conflict", (_, changed) => {
    const error = refusal(changed);
    expect(error.message).toContain("schema evolution is locked down");
    expect(error.hint).toBeDefined();
  });

  test("a stored @unique over a Blob opens, although P27 refuses it in a new source", () => {
    const source = "node A { b: Blob? u: I32? @unique(u) }";
    const old = source.replace("@unique(u)", "@unique(b)");
    expect(() => createAcceptedSchema(old, { identityDomain: DOMAIN })).toThrow(CompileError);
    const opened = openAcceptedSchema(documentsOfOlderVersion(source, old));
    expect(opened.catalog.nodeTypeByName.get("A")?.constraints).toEqual([{ kind: "unique", fields: ["b"] }]);
    expect(() => planMigration(opened, old)).toThrow("blob property A.b");
  });
});

/** What a version that admits `old` would have stored: the documents of `source` with the other column. */
function documentsOfOlderVersion(source: string, old: string): typeof documents {
  const { schema } = decodeContractFor(source);
  const identified = {
    ...schema,
    nodes: schema.nodes.map((node) => ({ ...node, constraints: [{ kind: "unique" as const, fields: ["b"] }] })),
  };
  return encodeContract(old, identified, { shapeHash: shapeHash(identified), irHash: schemaIrHash(identified) });
}

function decodeContractFor(source: string): ReturnType<typeof decodeContract> {
  return decodeContract(createAcceptedSchema(source, { identityDomain: DOMAIN }).documents);
}

describe("R08 identities are exhausted", () => {
  function withNextId(nextId: bigint): ReturnType<typeof openAcceptedSchema> {
    const { schema } = decodeContractFor("node A {}");
    const identified = { ...schema, nextId };
    return openAcceptedSchema(
      encodeContract("node A {}", identified, { shapeHash: shapeHash(identified), irHash: schemaIrHash(identified) }),
    );
  }

  test("the last id is 2^64 - 2", () => {
    const plan = planMigration(withNextId(2n ** 64n - 3n), "node A {} node B {}");
    expect(plan.desired?.catalog.nodeTypeByName.get("B")?.incarnationId).toBe(2n ** 64n - 2n);
  });

  test("then the allocator is exhausted", () => {
    expect(() => planMigration(withNextId(2n ** 64n - 2n), "node A {} node B {}")).toThrow("allocator is exhausted");
  });

  test("ids beyond 2^53 survive the documents", () => {
    const plan = planMigration(withNextId(2n ** 60n + 1n), "node A { x: I32? }");
    const opened = plan.desired === undefined ? undefined : openAcceptedSchema(plan.desired.documents);
    expect(opened?.catalog.nodeTypeByName.get("A")?.properties[0]?.propertyId).toBe(2n ** 60n + 1n);
  });
});
