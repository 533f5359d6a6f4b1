import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { SchemaChangeUnsupportedError } from "../../src/schema/errors.js";
import {
  CONTRACT_FILES,
  exportRecords,
  expectSameRecords,
  migrateRecords,
  type MigrationRow,
  migrationRows,
  reread,
  sampleRecords,
  schemaFilesAt,
} from "./migration-fixture.js";

const ROWS = migrationRows();
const refused = ROWS.filter(({ steps }) => /^[CR]\d/.test(steps));
const unsupported = ROWS.filter(({ steps }) => steps.includes("[U"));
const empty = ROWS.filter(({ steps }) => steps.startsWith("none"));
const applied = ROWS.filter((row) => ![refused, unsupported, empty].some((rows) => rows.includes(row)));

async function withGraph(source: string, run: (graph: Graph, root: string) => Promise<void>): Promise<void> {
  await using directory = await makeTempDir();
  const root = `${directory.path}/graph`;
  await using graph = await Graph.init(root, source, { settings: { durability: "process" } });
  await run(graph, root);
}

async function loadSamples(graph: Graph, mode: "append" | "overwrite"): Promise<number> {
  const records = sampleRecords(graph.schema.catalog);
  await graph.load(records.map((record) => JSON.stringify(record)).join("\n"), { mode });
  return records.length;
}

/** Plans do not look at data, so the graph is empty. */
async function expectUntouched(row: MigrationRow, run: (graph: Graph) => Promise<void>): Promise<void> {
  await withGraph(row.accepted, async (graph, root) => {
    const before = { commits: await graph.listCommits(), source: graph.schema.source };
    await run(graph);
    expect({ commits: await graph.listCommits(), source: graph.schema.source }).toEqual(before);
    expect(schemaFilesAt(root)).toEqual(CONTRACT_FILES);
    // The lock is gone, too.
    await graph.branchCreate("still-possible");
  });
}

test("Appendix C is executed whole", () => {
  expect(ROWS).toHaveLength(63);
  expect([applied.length, empty.length, unsupported.length, refused.length]).toEqual([20, 5, 29, 9]);
});

/** Every property type added, renamed and dropped at once. */
const EVERY_TYPE: MigrationRow = {
  id: "every type",
  accepted: `node A { k: String @key
    s1: String? b1: Bool? i1: I32? l1: I64? u1: U32? w1: U64? f1: F32? g1: F64? d1: Date? t1: DateTime? x1: Blob? v1: Vector(4)? e1: enum(p, q)? z1: [String]?
    s2: String? b2: Bool? i2: I32? l2: I64? u2: U32? w2: U64? f2: F32? g2: F64? d2: Date? t2: DateTime? x2: Blob? v2: Vector(4)? e2: enum(p, q)? z2: [String]? }
    edge E: A -> A { s1: String? v1: Vector(2)? x1: Blob? }`,
  desired: `node A { k: String @key
    sr: String? @rename_from("s1") br: Bool? @rename_from("b1") ir: I32? @rename_from("i1") lr: I64? @rename_from("l1") ur: U32? @rename_from("u1") wr: U64? @rename_from("w1")
    fr: F32? @rename_from("f1") gr: F64? @rename_from("g1") dr: Date? @rename_from("d1") tr: DateTime? @rename_from("t1") xr: Blob? @rename_from("x1") vr: Vector(4)? @rename_from("v1")
    er: enum(p, q)? @rename_from("e1") zr: [String]? @rename_from("z1")
    s3: String? b3: Bool? i3: I32? l3: I64? u3: U32? w3: U64? f3: F32? g3: F64? d3: Date? t3: DateTime? x3: Blob? v3: Vector(4)? e3: enum(p, q)? z3: [String]? }
    edge E: A -> A { s3: String? v3: Vector(2)? x3: Blob? @rename_from("x1") }`,
  steps: "",
};

describe("§16.3 SA-9 SA-10 a migration changes the data as the model says", () => {
  test.each([...applied, EVERY_TYPE])("$id $accepted => $desired", ({ accepted, desired }) =>
    withGraph(accepted, async (graph, root) => {
      await loadSamples(graph, "append");
      const before = { catalog: reread(graph), records: await exportRecords(graph), snapshot: await graph.snapshot() };
      const receipt = await graph.applySchema(desired, { actor: "act-migrate" });
      const expected = migrateRecords(before.records, before.catalog, graph.schema.catalog);

      expect(receipt).toMatchObject({ supported: true, applied: true, graphManifestVersion: 3, actorId: "act-migrate" });
      expect(await graph.listCommits()).toHaveLength(3);
      expect(graph.schema.source).toBe(desired);
      expectSameRecords(await exportRecords(graph), expected);
      // SN-10: the version before is described by its own schema, also for a handle that knows only the new one.
      const snapshotId = before.snapshot.graphCommitId;
      expect(await exportRecords(graph, { snapshot: snapshotId })).toEqual(before.records);
      expect(schemaFilesAt(root)).toEqual(CONTRACT_FILES);
      await graph.close();

      await using reopened = await Graph.open(root, { mode: "rw", settings: { durability: "process" } });
      expect(reopened.schema.source).toBe(desired);
      expectSameRecords(await exportRecords(reopened), expected);
      expect(await exportRecords(reopened, { snapshot: snapshotId })).toEqual(before.records);
      expect(await reopened.applySchema(desired)).toMatchObject({ applied: false, steps: [], commit: null });

      // New data of every type and every property can be written at once, and replaces the old.
      const freshCount = await loadSamples(reopened, "overwrite");
      expect(await exportRecords(reopened)).toHaveLength(freshCount);
    }),
  );
});

describe("§16.1 a refusal has no effect", () => {
  test.each(unsupported)("A07 $id $accepted => $desired: $steps", (row) =>
    expectUntouched(row, async (graph) => {
      const error = await graph.applySchema(row.desired).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(SchemaChangeUnsupportedError);
      const [first] = (error as SchemaChangeUnsupportedError).changes;
      expect((error as Error).message).toBe(first?.code === undefined ? first?.reason : `[${first.code}] ${first.reason}`);
      expect(error).toMatchObject({ category: "invalid", effects: "none" });
    }),
  );

  test.each(refused)("A06 $id $accepted => $desired: $steps", (row) =>
    expectUntouched(row, async (graph) => {
      await expect(graph.applySchema(row.desired)).rejects.toMatchObject({ code: "COMPILE_ERROR", category: "invalid" });
    }),
  );

  test.each(empty)("§16.2 SA-6 $id $accepted => $desired changes nothing", (row) =>
    expectUntouched(row, async (graph) => {
      expect(await graph.applySchema(row.desired)).toEqual({
        supported: true,
        applied: false,
        steps: [],
        graphManifestVersion: 1,
        actorId: null,
        commit: null,
      });
    }),
  );
});
