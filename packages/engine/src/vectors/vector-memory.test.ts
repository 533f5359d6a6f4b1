import { expect, test } from "vitest";
import type { VectorColumn } from "../columnar/column.js";
import { squaredDistance } from "./squared-distance.js";
import { movedToVectorMemory, squaredDistances } from "./vector-memory.js";

function randomColumn(length: number, dimension: number): VectorColumn {
  let state = dimension * 7919;
  const values = Float32Array.from({ length: length * dimension }, () => ((state = Math.imul(state, 1_103_515_245) + 12_345) / 2 ** 31) * 3);
  const validity = Uint8Array.from({ length: (length + 7) >> 3 }, (_, i) => 0xff ^ (1 << (i % 8)));
  return { kind: "vector", length, dimension, values, validity };
}

test.each([1, 3, 8, 13, 16, 128, 769])("SR-15 the kernel adds in the order of the plain loop, bit by bit, for %i components", (dimension) => {
  const column = randomColumn(5_000, dimension);
  const moved = movedToVectorMemory(column);
  expect(moved.values.buffer).not.toBe(column.values.buffer);
  const query = Float32Array.from(column.values.subarray(dimension, 2 * dimension), (value, i) => value + (i % 3));
  const rows = Uint32Array.from({ length: 4_999 }, (_, i) => 4_999 - i);
  const fast = new Float64Array(5_000);
  const slow = new Float64Array(5_000);
  squaredDistances(moved, query, rows, 0, rows.length, fast);
  squaredDistances(column, query, rows, 0, rows.length, slow);
  expect(fast).toEqual(slow);
  expect(fast[0]).toBe(0);
  expect(fast[8]).not.toBeNaN();
  expect(fast[9]).toBeNaN();
  expect(fast[4_998]).toBe(squaredDistance(column, 4_998, query));
});

test("SR-15 a small column stays where it is", () => {
  const column = randomColumn(10, 4);
  expect(movedToVectorMemory(column)).toBe(column);
});
