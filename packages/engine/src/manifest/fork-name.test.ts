import { expect, test } from "vitest";
import { forkName, forkOwner } from "./fork-name.js";

const INCARNATION = "01JZ0V9M3XK7B1N5Q8R2T4W6YZ";

test("BR-5 BR-9 the name of a fork says which incarnation owns it", () => {
  const name = forkName(INCARNATION, "01JZ0V9M3XK7B1N5Q8R2T4W6Z0");
  expect(name).toBe("g01JZ0V9M3XK7B1N5Q8R2T4W6YZ_01JZ0V9M3XK7B1N5Q8R2T4W6Z0");
  expect(forkOwner(name)).toBe(INCARNATION);
});

test.each(["", "main", "review", "g1", `g${INCARNATION}`, `g${INCARNATION}_1`, `x${INCARNATION}_${INCARNATION}`, `g${INCARNATION}_${INCARNATION}/x`])(
  "BR-53 a native branch %j of other making has no owner",
  (name) => {
    expect(forkOwner(name)).toBeUndefined();
  },
);
