import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import type { Column } from "../../src/columnar/column.js";
import type { DatasetEffect } from "../../src/storage/dataset-gateway.js";
import { HashCollisionError } from "../../src/validate/errors.js";
import { seedGraph } from "../../test-support/writes/seeded-graph.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";
import { batchSource, columnOf } from "../../test-support/row-batches.js";

const TEXT = { base: { kind: "String" }, isList: false, isNullable: false } as const;
const HASH = { base: { kind: "U64" }, isList: false, isNullable: false } as const;
/** What the hash function would have to give for two ids at once. */
const SHARED_HASH = 0x1234_5678_9abc_def0n;

function company(name: string): DatasetEffect {
  const columns = new Map<string, Column>([["id", columnOf(TEXT, [name])], ["name", columnOf(TEXT, [name])], ["__h", columnOf(HASH, [SHARED_HASH])]]);
  return { kind: "append", source: batchSource({ rowCount: 1, columns }) };
}

async function write(process: SimulatedProcess, branch: string | null, countChange: number, ...effects: readonly DatasetEffect[]): Promise<void> {
  const typeKey = "node:Company";
  await process.writer.write({ branch, actorId: null }, (view) => {
    const entityCountAfter = (view.snapshot.entries.get(typeKey)?.entityCount ?? 0) + countChange;
    return Promise.resolve({ staged: { writerKind: "Load", datasets: [{ typeKey, strictness: "insert", effects, entityCountAfter }] }, result: null });
  });
}

describe("DG-6 two ids with one hash", () => {
  test("inserted on two branches are refused by the merge", async () => {
    await using dir = await makeTempDir();
    await seedGraph(dir.path);
    await using process = await SimulatedProcess.start(dir.path);
    const graph = await process.handle();
    await graph.branchCreate("feature");
    await write(process, "feature", 1, company("acme"));
    await write(process, null, 1, company("globex"));
    await expect(graph.branchMerge("feature")).rejects.toBeInstanceOf(HashCollisionError);
    expect((await graph.snapshot()).entries.get("node:Company")?.entityCount).toBe(2);
  });

  test("one deleted and the other inserted are told apart", async () => {
    await using dir = await makeTempDir();
    await seedGraph(dir.path);
    await using process = await SimulatedProcess.start(dir.path);
    const graph = await process.handle();
    await write(process, null, 1, company("acme"));
    await graph.branchCreate("feature");
    await write(process, "feature", 0, { kind: "deleteByIds", ids: ["acme"] }, company("globex"));
    await graph.branchMerge("feature");
    const { columns } = await graph.query("query companies() { match { $c: Company } return { $c.name } order { $c.name } }");
    const names = columns[0]?.values;
    expect(names?.kind === "utf8" ? new TextDecoder().decode(names.bytes) : "").toBe("globexinitech");
  });
});
