import { readdir } from "node:fs/promises";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { columnOf, valuesOf } from "../../test-support/row-batches.js";
import { BatchStaging } from "../staging/batch-staging.js";
import { BATCH_ROWS_MAX } from "../staging/staging-limits.js";
import { RowCollector } from "./row-collector.js";

const CHUNK_ROWS = 8_192;

test("MG-100 MG-102 rows of a merge are gathered into bounded batches, which wait in files when memory is used up", async () => {
  await using dir = await makeScratchDir();
  await using staging = new BatchStaging({ directory: dir.path, memoryBytes: 0 });
  const collector = new RowCollector(["n"], staging);
  const type = { base: { kind: "I32" }, isList: false, isNullable: false } as const;
  const chunk = { rowCount: CHUNK_ROWS, columns: new Map([["n", columnOf(type, Array.from({ length: CHUNK_ROWS }, (_, row) => row))]]) };
  const everyRow = Array.from({ length: CHUNK_ROWS }, (_, row) => row);
  const chunkCount = BATCH_ROWS_MAX / CHUNK_ROWS + 1;
  for (let index = 0; index < chunkCount; index++) await collector.add(chunk, everyRow);
  const rows = await collector.finish();
  expect(rows.layout.map(({ rowCount }) => rowCount)).toEqual([BATCH_ROWS_MAX, CHUNK_ROWS]);
  expect(await readdir(dir.path)).toHaveLength(1);
  let seenCount = 0;
  for await (const { batch } of rows.batches()) {
    const values = valuesOf(batch, "n");
    expect(values.every((value, row) => value === row % CHUNK_ROWS)).toBe(true);
    seenCount += values.length;
  }
  expect(seenCount).toBe(chunkCount * CHUNK_ROWS);
});
