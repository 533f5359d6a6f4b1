import { randomIds, seededIds } from "@omnigraphdb/common";
import { expect, test } from "vitest";
import { BytesBuilder } from "./column-builder.js";
import { readCell } from "./read-cell.js";
import { UlidSequence } from "./ulid-sequence.js";

function take(sequence: UlidSequence, count: number): string[] {
  const builder = new BytesBuilder("utf8");
  for (let i = 0; i < count; i++) sequence.appendTo(builder);
  const column = builder.freeze();
  return Array.from({ length: count }, (_, row) => readCell(column, row) as string);
}

test("ID-5 ids of a sequence are ascending, distinct ULIDs with the time of their source", () => {
  const source = { ulid: () => "01JZ0V9M3XK7B1N5Q8R2T4W6YZ" };
  const ids = take(new UlidSequence(source), 5_000);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^01JZ0V9M3X[0-9A-F][0-9A-HJKMNP-TV-Z]{15}$/);
});

test("ID-5 sequences of one source do not meet, nor the source's own ids", () => {
  const ids = [...take(new UlidSequence(randomIds), 1_000), ...take(new UlidSequence(randomIds), 1_000), ...Array.from({ length: 1_000 }, () => randomIds.ulid())];
  expect(new Set(ids).size).toBe(3_000);
});

test("ID-5 a deterministic source gives deterministic ids", () => {
  expect(take(new UlidSequence(seededIds(3)), 10)).toEqual(take(new UlidSequence(seededIds(3)), 10));
});
