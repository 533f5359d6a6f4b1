import { describe, expect, test } from "vitest";
import { completeSettings } from "../graph-settings.js";
import { mapBounded } from "./bounded-parallel.js";

describe("MT-10 bounded parallelism", () => {
  test.each([1, 3, 8])("at most %i run at a time, and the results keep the order", async (limit) => {
    let runningCount = 0;
    let mostRunning = 0;
    const doubled = await mapBounded(Array.from({ length: 20 }, (_, index) => index), limit, async (item) => {
      mostRunning = Math.max(mostRunning, ++runningCount);
      for (let turn = 0; turn <= item % 4; turn++) await Promise.resolve();
      runningCount--;
      return 2 * item;
    });
    expect(doubled).toEqual(Array.from({ length: 20 }, (_, index) => 2 * index));
    expect(mostRunning).toBe(limit);
  });

  test("after a failure nothing new is started", async () => {
    const started: number[] = [];
    const mapped = mapBounded([0, 1, 2, 3, 4, 5], 2, async (item) => {
      started.push(item);
      await Promise.resolve();
      if (item === 1) throw new Error("item 1");
    });
    await expect(mapped).rejects.toThrow("item 1");
    expect(started.length).toBeLessThan(5);
  });

  test("8 unless something else is asked for", () => {
    expect(completeSettings().maintenanceConcurrency).toBe(8);
    expect(completeSettings({ maintenanceConcurrency: 2 }).maintenanceConcurrency).toBe(2);
  });
});
