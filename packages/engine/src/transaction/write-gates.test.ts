import { describe, expect, test } from "vitest";
import { branchGate, datasetGate, WriteGates } from "./write-gates.js";

/** Lets every task that can go on go on. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("write gates", () => {
  test("Q-1 Q-7 one holder per key, the waiters in the order they came", async () => {
    const gates = new WriteGates();
    const entered: number[] = [];
    const first = await gates.acquire([branchGate(null)]);
    const waiters = [1, 2, 3].map(async (waiter) => {
      using _held = await gates.acquire([branchGate(null)]);
      entered.push(waiter);
      await settle();
    });
    await settle();
    expect(entered).toEqual([]);
    first[Symbol.dispose]();
    await Promise.all(waiters);
    expect(entered).toEqual([1, 2, 3]);
  });

  test("Q-2 overlapping sets given in any order, with repetitions, never deadlock", async () => {
    const gates = new WriteGates();
    const [a, b, c] = ["node:A", "node:B", "edge:C"].map((typeKey) => datasetGate(typeKey, null)) as [string, string, string];
    let holderCount = 0;
    let isOverlapped = false;
    const sets = [[a, b], [b, a, b], [c, b], [b, c, a]];
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        using _held = await gates.acquire(sets[i % sets.length] as string[]);
        isOverlapped ||= holderCount++ > 0;
        await settle();
        holderCount--;
      }),
    );
    // Every set holds `b`, so all of them exclude each other.
    expect(isOverlapped).toBe(false);
  });

  test("Q-5 the branch comes before its datasets, whatever their names", () => {
    const keys = [datasetGate("edge:A", null), datasetGate("node:A", "x"), branchGate("zzz"), branchGate(null)];
    expect([...keys].sort().slice(0, 2)).toEqual([branchGate(null), branchGate("zzz")]);
  });

  test("Q-1 other keys do not wait; a gate given back twice is given back once", async () => {
    const gates = new WriteGates();
    const main = await gates.acquire([datasetGate("node:A", null)]);
    const fork = await gates.acquire([datasetGate("node:A", "fork")]);
    main[Symbol.dispose]();
    main[Symbol.dispose]();
    const again = await gates.acquire([datasetGate("node:A", null)]);
    let isEntered = false;
    const waiter = gates.acquire([datasetGate("node:A", null)]).then((held) => {
      isEntered = true;
      held[Symbol.dispose]();
    });
    main[Symbol.dispose]();
    await settle();
    expect(isEntered).toBe(false);
    again[Symbol.dispose]();
    await waiter;
    fork[Symbol.dispose]();
  });
});
