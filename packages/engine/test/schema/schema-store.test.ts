import { Failpoints } from "@omnigraphdb/common";
import { type AcceptedSchema, createAcceptedSchema, planMigration } from "@omnigraphdb/compiler";
import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { SchemaHistoryDamagedError } from "../../src/schema/errors.js";
import { SchemaStore } from "../../src/schema/schema-store.js";
import { graphLayout } from "../../src/storage/layout.js";
import { LocalObjectStore } from "../../src/storage/local-object-store.js";

const DOMAIN = "01HZY3V9QK7M2N4P6R8T0W1X5Z";

function makeSchemas(): { readonly before: AcceptedSchema; readonly after: AcceptedSchema } {
  const before = createAcceptedSchema("node A { a: String }", { identityDomain: DOMAIN });
  const after = planMigration(before, "node A { a: String b: I32? }").desired;
  if (after === undefined) throw new Error("the plan is supported");
  return { before, after };
}

async function withStore(
  run: (parts: { store: SchemaStore; fresh: () => SchemaStore; objects: LocalObjectStore; root: string; failpoints: Failpoints }) => Promise<void>,
): Promise<void> {
  await using directory = await makeTempDir();
  const objects = new LocalObjectStore();
  const failpoints = new Failpoints();
  const fresh = (): SchemaStore => new SchemaStore(objects, graphLayout(directory.path), failpoints);
  await run({ store: fresh(), fresh, objects, root: directory.path, failpoints });
}

describe("schema contract files", () => {
  test("SN-10 an archived schema is found by its identity, any other is not", () =>
    withStore(async ({ store, fresh, objects, root }) => {
      const { before, after } = makeSchemas();
      await store.archive(before);
      await store.archive(before);
      const found = await fresh().find(before.irHash);
      expect(found?.documents).toEqual(before.documents);
      expect(await store.find(after.irHash)).toBeUndefined();

      const path = graphLayout(root).archivedSchema(after.irHash);
      await objects.writeText(path, "{");
      await expect(fresh().find(after.irHash)).rejects.toThrow(SchemaHistoryDamagedError);
      await objects.writeText(path, JSON.stringify(before.documents));
      await expect(fresh().find(after.irHash)).rejects.toThrow(`the file holds schema ${before.irHash}`);
    }));

  test.each([0, 1, 2, 3])("RC-70 promotion after %i renames that a crash left done gives the staged contract", (doneCount) =>
    withStore(async ({ store, fresh, failpoints }) => {
      const { before, after } = makeSchemas();
      await store.create(before, async () => undefined);
      await store.stage(after.documents);
      let remaining = doneCount;
      const armed = failpoints.arm(FAILPOINT.schemaBeforePromotionRename, () => {
        if (remaining-- === 0) throw new Error("crash");
      });
      await store.promote().catch(() => undefined);
      armed[Symbol.dispose]();
      const again = fresh();
      expect((await again.findPromotable())?.irHash).toBe(doneCount === 3 ? undefined : after.irHash);
      await again.promote();
      expect((await again.read()).irHash).toBe(after.irHash);
      expect(await again.readStaged()).toBeUndefined();
      await again.promote();
      expect((await fresh().read()).documents).toEqual(after.documents);
    }),
  );

  test.each([1, 2])("RC-70 a staging interrupted after %i files is never promotable", (writtenCount) =>
    withStore(async ({ store, failpoints }) => {
      const { before, after } = makeSchemas();
      await store.create(before, async () => undefined);
      let remaining = writtenCount - 1;
      using _armed = failpoints.arm(FAILPOINT.schemaBetweenStagingWrites, () => {
        if (remaining-- === 0) throw new Error("crash");
      });
      await expect(store.stage(after.documents)).rejects.toThrow("crash");
      expect(await store.readStaged()).toMatchObject({ source: after.documents.source, state: null });
      expect(await store.findPromotable()).toBeUndefined();
      await store.discardStaged();
      expect(await store.readStaged()).toBeUndefined();
      expect((await store.read()).irHash).toBe(before.irHash);
    }),
  );

  test("RC-70 staged files that do not belong together are not promotable", () =>
    withStore(async ({ store }) => {
      const { before, after } = makeSchemas();
      await store.create(before, async () => undefined);
      await store.stage({ ...after.documents, ir: before.documents.ir });
      expect(await store.findPromotable()).toBeUndefined();
    }));
});
