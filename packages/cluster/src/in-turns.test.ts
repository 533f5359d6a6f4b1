import { describe, expect, test } from "vitest";
import { inTurns } from "./in-turns.js";

describe("inTurns", () => {
  test("keeps the order of the items and never exceeds the width", async () => {
    let running = 0;
    let runningMax = 0;
    const results = await inTurns([3, 1, 2, 0, 5], 2, async (item, index) => {
      runningMax = Math.max(runningMax, ++running);
      await new Promise((resolve) => setTimeout(resolve, item));
      running--;
      return `${index}:${item}`;
    });
    expect(results).toEqual(["0:3", "1:1", "2:2", "3:0", "4:5"]);
    expect(runningMax).toBe(2);
  });

  test("ends with the first failure, begins nothing after it, and leaves nothing running", async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const run = inTurns([0, 1, 2, 3], 2, async (item) => {
      begun.push(item);
      await Promise.resolve();
      if (item === 0) throw new Error("first");
      await new Promise((resolve) => setTimeout(resolve, 1));
      ended.push(item);
    });
    await expect(run).rejects.toThrow("first");
    expect(begun).toEqual([0, 1]);
    expect(ended).toEqual([1]);
  });

  test("no items, no work", async () => {
    expect(await inTurns([], 4, () => Promise.reject(new Error("none")))).toEqual([]);
  });
});
