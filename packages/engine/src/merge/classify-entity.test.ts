import { describe, expect, test } from "vitest";
import { classifyEntity } from "./classify-entity.js";

type Image = "-" | "x" | "y" | "z";

/** Specification engine-branches-merge §2.5: base, source, target, and what the target does. */
const TABLE: readonly (readonly [number, Image, Image, Image, string])[] = [
  [1, "-", "-", "x", "keep"],
  [2, "-", "x", "-", "insert"],
  [3, "-", "x", "x", "keep"],
  [4, "-", "x", "y", "divergent_insert"],
  [5, "x", "x", "x", "keep"],
  [6, "x", "x", "y", "keep"],
  [7, "x", "x", "-", "keep"],
  [8, "x", "y", "x", "update"],
  [9, "x", "-", "x", "delete"],
  [10, "x", "y", "y", "keep"],
  [11, "x", "y", "z", "divergent_update"],
  [12, "x", "-", "-", "keep"],
  [13, "x", "y", "-", "delete_vs_update"],
  [14, "x", "-", "y", "delete_vs_update"],
  [15, "-", "-", "-", "keep"],
];

describe("§2.5 entity truth table", () => {
  test.each(TABLE)("row %i: base %s, source %s, target %s → %s", (_row, base, source, target, decision) => {
    const equal = (left: Image, right: Image) => (): boolean => {
      if (left === "-" || right === "-") throw new Error("an absent image was compared");
      return left === right;
    };
    expect(
      classifyEntity({
        hasBase: base !== "-",
        hasSource: source !== "-",
        hasTarget: target !== "-",
        sourceEqualsBase: equal(source, base),
        targetEqualsBase: equal(target, base),
        sourceEqualsTarget: equal(source, target),
      }),
    ).toBe(decision);
  });
});
