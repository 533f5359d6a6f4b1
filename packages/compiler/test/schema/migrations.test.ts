import { describe, expect, test } from "vitest";
import { compactJson } from "@omnigraphdb/common";
import { createAcceptedSchema, type MigrationPlan, openAcceptedSchema, planMigration } from "../../src/compile-schema.js";
import { CompileError } from "../../src/errors.js";
import { describeMigrationStep } from "../../src/migration/describe-step.js";
import { MIGRATION_CODES } from "../../src/migration/migration-codes.js";
import type { MigrationStep, UnsupportedChange } from "../../src/migration/migration-step.js";
import { migrationStepToJson } from "../../src/migration/step-json.js";
import { blocks, code, DOMAIN, markerPatterns, rows, section } from "./spec-tables.js";

const appendix = section("## Appendix C.");
const cases = rows(appendix).map(([id = "", accepted = "", desired = "", steps = ""]) => ({
  id,
  accepted: code(accepted),
  desired: code(desired),
  steps,
}));

function plan(accepted: string, desired: string, options?: { allowDataLoss: boolean }): MigrationPlan {
  return planMigration(createAcceptedSchema(accepted, { identityDomain: DOMAIN }), desired, options);
}

function refusal(accepted: string, desired: string): CompileError {
  try {
    plan(accepted, desired);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("the desired source was accepted");
}

/** The notation of Appendix C. */
function abbreviate(step: MigrationStep): string {
  switch (step.kind) {
    case "add_type":
    case "drop_type":
    case "update_type_metadata":
      return `${step.kind} ${step.typeKind} ${step.name}`;
    case "rename_type":
      return `${step.kind} ${step.typeKind} ${step.from} ${step.to}`;
    case "rename_property":
      return `${step.kind} ${step.typeKind} ${step.typeName} ${step.from} ${step.to}`;
    case "add_constraint":
    case "update_index":
      return `${step.kind} ${step.typeKind} ${step.typeName} Index ${"fields" in step.constraint ? step.constraint.fields.join(",") : ""}`;
    case "extend_enum":
      return `${step.kind} ${step.typeKind} ${step.typeName}.${step.propertyName} ${step.addedValues.join(",")}`;
    case "unsupported_change":
      return `[${step.rule}]`;
    default:
      return `${step.kind} ${step.typeKind} ${step.typeName}.${step.propertyName}`;
  }
}

test("Appendix C has all its rows", () => {
  expect(cases).toHaveLength(62);
});

const refused = cases.filter((item) => /^[CR]\d/.test(item.steps));
const planned = cases.filter((item) => !/^[CR]\d/.test(item.steps));

describe("Appendix C: migrations", () => {
  test.each(planned)("$id $accepted => $desired: $steps", ({ accepted, desired, steps }) => {
    const result = plan(accepted, desired);
    const expected = steps.startsWith("none") ? [] : steps.split("; ");
    expect(result.steps.map(abbreviate)).toEqual(expected);
    expect(result.supported).toBe(!steps.includes("[U"));
    expect(result.desired === undefined).toBe(!result.supported);
    expect(result.notes).toHaveLength(steps.includes("two notes") ? 2 : 0);
  });

  test.each(refused)("$id $accepted => $desired is refused: $steps", ({ accepted, desired, steps }) => {
    const error = refusal(accepted, desired);
    expect(error.diagnostics[0]?.rule).toBe(steps);
    expect(error.diagnostics[0]?.span).toBeDefined();
  });

  test.each(planned)("$id planning again from the desired schema gives an empty plan", ({ accepted, desired }) => {
    const { desired: after } = plan(accepted, desired);
    if (after === undefined) return;
    const again = planMigration(openAcceptedSchema(after.documents), desired);
    expect(again.steps).toEqual([]);
    expect(again.desired?.irHash).toBe(after.irHash);
    expect(after.shapeHash).toBe(createAcceptedSchema(desired, { identityDomain: DOMAIN }).shapeHash);
  });
});

describe("§13.5 identity diagnostics carry their markers", () => {
  const markers = new Map(rows(section("### 13.5")).map(([id = "", , text = ""]) => [id, markerPatterns(text)]));
  test("all rules are listed", () => {
    expect([...markers.keys()]).toEqual(["R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08"]);
  });
  test.each(refused.filter((item) => item.steps.startsWith("R")))("$steps in $id", ({ accepted, desired, steps }) => {
    const { message } = refusal(accepted, desired);
    expect(message.startsWith("schema identity resolution failed: ")).toBe(true);
    for (const pattern of markers.get(steps) ?? []) expect(message).toMatch(pattern);
  });
});

describe("§14.5 unsupported changes", () => {
  const table = new Map(
    rows(section("### 14.5")).map(([id = "", , entity = "", codeCell = "", reason = ""]) => [
      id,
      { entity: code(entity), code: codeCell, reason },
    ]),
  );
  const provoked = planned.flatMap(({ id, accepted, desired }) =>
    plan(accepted, desired)
      .steps.filter((step): step is UnsupportedChange => step.kind === "unsupported_change")
      .map((step) => ({ id, step })),
  );

  test("the table is complete, and every rule but the guards U01 and U17 is provoked", () => {
    expect(table.size).toBe(17);
    const rules = new Set<string>(provoked.map((item) => item.step.rule));
    expect([...table.keys()].filter((rule) => !rules.has(rule))).toEqual(["U01", "U17"]);
  });

  test.each(provoked)("$step.rule in $id has its entity, code and markers", ({ step }) => {
    const expected = table.get(step.rule);
    const entity = (expected?.entity ?? "")
      .replace("{kind}", "(interface|node|edge)")
      .replace(/\{[TIp]\}/g, "\\w+")
      .replace(".", "\\.");
    expect(step.entity).toMatch(new RegExp(`^${entity}$`));
    expect(step.code ?? "").toBe(expected?.code);
    for (const pattern of markerPatterns(expected?.reason ?? "")) expect(step.reason).toMatch(pattern);
  });
});

test("Appendix C: the long migration keeps the order of steps", () => {
  const [accepted = "", desired = ""] = blocks(appendix, "pg");
  const listed = /Steps: ([^]*?)\.\n\n/.exec(appendix)?.[1]?.replace(/\s+/g, " ").split("; ") ?? [];
  const steps = plan(accepted, desired).steps.map((step) => {
    if (step.kind === "rename_property") return `rename_property ${step.typeName} ${step.from}→${step.to}`;
    if (step.kind === "rename_type") return `rename_type ${step.typeKind} ${step.from}→${step.to}`;
    return step.kind === "add_type" || step.kind === "drop_type" ? abbreviate(step) : abbreviate(step).replace(/ (node|edge) /, " ");
  });
  expect(listed).toHaveLength(11);
  expect(steps).toEqual(listed);
});

test("§14.2 JSON of steps", () => {
  const lines = (blocks(appendix, "json")[0] ?? "").trim().split("\n");
  const byId = (id: string): MigrationPlan => {
    const found = cases.find((item) => item.id === id);
    return plan(found?.accepted ?? "", found?.desired ?? "");
  };
  const metadata = plan("node A {}", 'node A @description("d") {}');
  const steps = [byId("M04"), byId("M41"), metadata].map((item) => item.steps[0]);
  expect(steps.map((step) => (step === undefined ? "" : compactJson(migrationStepToJson(step))))).toEqual(lines);
});

describe("§15.2 text and §14.2 JSON of every kind of step", () => {
  const accepted = `
    interface I { z: I32? }
    node A { a: String? k: enum(x)? old: I32? gone: I32? t: String }
    node Away {}
    node B {}
    edge E: A -> B`;
  const desired = `
    interface I { z: I32? }
    node A @description("a \\"node\\"") { a: String? @index @description("p") k: enum(x, y, w)? new: I32? @rename_from("old") e: enum(p, q)? t: String? }
    node B2 @rename_from("B") {}
    node N {}
    edge E: A -> B2`;
  const { steps } = plan(accepted, desired, { allowDataLoss: true });

  test("text", () => {
    expect(steps.map(describeMigrationStep)).toEqual([
      `update metadata on node 'A' (@description("a "node""))`,
      "add constraint @index(a) on node 'A'",
      `update metadata on property 'A.a' of node 'A' (@description("p"))`,
      "add property 'A.e' (Enum(p|q)?) on node 'A'",
      "extend enum 'A.k' (+w, +y) on node 'A'",
      "rename property 'A.old' -> 'A.new' on node 'A'",
      "unsupported change on node:A.t [OG-MF-106, destructive]: changing property type of 'A.t' from String to String? is not supported",
      "drop property 'A.gone' of node 'A' (hard mode)",
      "rename node type 'B' -> 'B2'",
      "add node type 'N'",
      "drop node type 'Away' (hard mode)",
    ]);
  });

  test("JSON members stand in the order of §14.2", () => {
    const order = new Map(
      rows(section("### 14.2")).map(([kind = "", members = ""]) => [
        code(kind),
        [...members.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ""),
      ]),
    );
    for (const step of steps) {
      const [kind, ...members] = Object.keys(migrationStepToJson(step) as object);
      expect(kind).toBe("kind");
      expect(members).toEqual(order.get(step.kind));
    }
  });

  test("§16.4 the flag changes the mode of drops and nothing else", () => {
    const soft = plan(accepted, desired).steps;
    expect(soft).toEqual(steps.map((step) => ("mode" in step ? { ...step, mode: "soft" } : step)));
  });
});

test("§14.6 the code catalogue", () => {
  const table = rows(section("### 14.6")).map(([id = "", , tier = "", severity = "", summary = ""]) => ({
    code: code(id),
    tier,
    severity,
    summary,
  }));
  expect(MIGRATION_CODES.map(({ code: id, tier, severity, summary }) => ({ code: id, tier, severity, summary }))).toEqual(table);
});

describe("§14.5 consequences", () => {
  test("a nullable property can come with @embed, not with @unique, @range or @check", () => {
    const from = "node A { t: String }";
    expect(plan(from, 'node A { t: String v: Vector(2)? @embed("t") }').supported).toBe(true);
    expect(plan(from, "node A { t: String n: I32? @range(n, 0..1) }").supported).toBe(false);
    expect(plan(from, 'node A { t: String n: String? @check(n, "x") }').supported).toBe(false);
  });

  test("a new node can implement new and old interfaces", () => {
    expect(plan("interface I { x: I32 }", "interface I { x: I32 } interface J { y: I32 } node A implements I, J {}").supported).toBe(true);
  });

  test("hints of an interface property do not stand in the way of a new implementing node", () => {
    const result = plan("interface I { x: I32? }", 'interface I { z: I32? @rename_from("x") } node A implements I {}');
    expect(result.steps.map(abbreviate)).toEqual(["rename_property interface I x z", "add_type node A"]);
  });

  test("§13.3 what is dropped and added again gets new ids", () => {
    const first = createAcceptedSchema("node A { a: I32? b: I32? }", { identityDomain: DOMAIN });
    const without = planMigration(first, "node A { b: I32? }").desired;
    const again = planMigration(without ?? first, "node A { a: I32? b: I32? }").desired;
    const [before, after] = [first, again].map((schema) => schema?.catalog.nodeTypeByName.get("A"));
    expect(after?.typeId).toBe(before?.typeId);
    expect(after?.incarnationId).toBe(before?.incarnationId);
    expect(after?.propertyByName.get("b")?.propertyId).toBe(before?.propertyByName.get("b")?.propertyId);
    expect(after?.propertyByName.get("a")?.propertyId).toBe(5n);
  });
});
