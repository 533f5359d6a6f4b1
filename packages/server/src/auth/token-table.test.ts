import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { describe, expect, test } from "vitest";
import { TokenTable } from "./token-table.js";

const tokenOf = (actor: number): string => `${actor}`.padStart(6, "0").repeat(4);

function tableOf(count: number): TokenTable {
  return new TokenTable(Array.from({ length: count }, (_, actor): [string, string] => [`actor-${String(actor).padStart(6, "0")}`, tokenOf(actor)]));
}

/** Calls of the platform's comparison during `run`. */
function comparisonsDuring(run: () => void): number {
  const { timingSafeEqual } = crypto;
  let count = 0;
  crypto.timingSafeEqual = (a, b) => {
    count++;
    return timingSafeEqual(a, b);
  };
  syncBuiltinESMExports();
  try {
    run();
  } finally {
    crypto.timingSafeEqual = timingSafeEqual;
    syncBuiltinESMExports();
  }
  return count;
}

function fastestOf(rounds: number, run: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const startedAt = performance.now();
    run();
    return performance.now() - startedAt;
  });
  return Math.min(...times);
}

describe("policy.md 1.4.2: how long a comparison takes says nothing of a token", () => {
  const first = tokenOf(0);
  const presented: readonly (readonly [string, string])[] = [
    ["the first", first],
    ["the last", tokenOf(999)],
    ["none", "f".repeat(24)],
    ["all but the last character of one", `${first.slice(0, -1)}x`],
    ["the beginning of one", first.slice(0, 1)],
    ["one and more", `${first}${first}`],
    ["nothing", ""],
  ];

  test.each(presented)("%s is held against every hash", (_title, token) => {
    const table = tableOf(1000);
    expect(comparisonsDuring(() => table.actorOf(token))).toBe(1000);
  });

  // A loop that ends at the first match, or a comparison of texts, is off by a factor of thousands: the bound is for busy machines.
  test("a match at the beginning takes as long as one at the end, or none", () => {
    const table = tableOf(10_000);
    const times = [first, tokenOf(9_999), "f".repeat(24), `${first.slice(0, -1)}x`].map((token) => fastestOf(10, () => table.actorOf(token)));
    expect(Math.max(...times) / Math.min(...times)).toBeLessThan(5);
  });
});

test("who has the token, whatever order it came in", () => {
  const table = tableOf(20);
  expect([table.actorOf(tokenOf(0)), table.actorOf(tokenOf(19)), table.actorOf(tokenOf(20)), TokenTable.empty.actorOf("")]).toEqual(["actor-000000", "actor-000019", undefined, undefined]);
});
