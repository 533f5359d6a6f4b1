import { expect, test } from "vitest";
import { ByteBudget } from "./byte-budget.js";
import { SharedLoads } from "./shared-loads.js";

test("CA-2 the least recently used entries leave when the budget is crossed", () => {
  const evicted: string[] = [];
  const budget = new ByteBudget(100);
  const entries = ["a", "b", "c"].map((name) => budget.add(name, 30, () => evicted.push(name)));
  budget.touch(entries[0] as (typeof entries)[number]);
  budget.add("d", 30, () => evicted.push("d"));
  expect(evicted).toEqual(["b"]);
  expect(budget.byteCount).toBe(90);
});

test("CA-2 an entry larger than the budget stays, alone, until the next one", () => {
  const evicted: string[] = [];
  const budget = new ByteBudget(10);
  budget.add("small", 5, () => evicted.push("small"));
  budget.add("large", 50, () => evicted.push("large"));
  expect(evicted).toEqual(["small"]);
  expect(budget.byteCount).toBe(50);
  budget.add("next", 1, () => evicted.push("next"));
  expect(evicted).toEqual(["small", "large"]);
  expect(budget.byteCount).toBe(1);
});

test("concurrent loads of one name share one call; a failed one is tried again", async () => {
  const loads = new SharedLoads(new ByteBudget(100));
  let calls = 0;
  const load = (names: readonly string[]): Promise<ReadonlyMap<string, unknown>> => {
    calls++;
    if (calls === 1) return Promise.reject(new Error("first"));
    return Promise.resolve(new Map(names.map((name) => [name, `${name}${calls}`])));
  };
  await expect(Promise.all([loads.loadAll(["x"], load), loads.loadAll(["x"], load)])).rejects.toThrow("first");
  expect(calls).toBe(1);
  const [one, two] = await Promise.all([loads.loadAll(["x", "y"], load), loads.loadAll(["y", "z"], load)]);
  expect([one.get("x"), one.get("y"), two.get("y"), two.get("z")]).toEqual(["x2", "y2", "y2", "z3"]);
});
