import { expect, test } from "vitest";
import { classifyPin, decide, type OperationStanding, type PinClass } from "./classify.js";

// head, published, expected, planned, confirmed, requires confirmation, class
const PINS: readonly (readonly [number, number, number, number, number | null, boolean, PinClass])[] = [
  [4, 5, 5, 6, null, false, "InvariantViolation"],
  [4, 5, 4, 5, 4, true, "InvariantViolation"],
  [5, 5, 5, 6, null, false, "NoMovement"],
  [5, 5, 5, 6, null, true, "NoMovement"],
  [5, 5, 4, 5, 5, true, "NoMovement"],
  [6, 5, 5, 6, null, true, "IncompletePhaseB"],
  [9, 5, 5, 6, null, true, "IncompletePhaseB"],
  [6, 5, 5, 6, null, false, "RolledPastExpected"],
  [8, 5, 5, 8, null, false, "RolledPastExpected"],
  [6, 5, 5, 6, 6, false, "RolledPastExpected"],
  [8, 5, 5, 6, 8, true, "RolledPastExpected"],
  [6, 5, 4, 6, 6, true, "UnexpectedAtP1"],
  [6, 5, 5, 6, 7, true, "UnexpectedAtP1"],
  [6, 5, 4, 5, null, false, "UnexpectedAtP1"],
  [6, 5, 5, 7, null, false, "UnexpectedAtP1"],
  [7, 5, 5, 6, 6, true, "UnexpectedMultistep"],
  [7, 5, 5, 6, null, false, "UnexpectedMultistep"],
  [9, 0, 0, 1, null, false, "UnexpectedMultistep"],
];

test.each(PINS)(
  "RC-30 head %i, published %i, expected %i, planned %i, confirmed %s, requires confirmation %s is %s",
  (headVersion, publishedVersion, expectedVersion, plannedVersion, confirmedVersion, requiresConfirmation, expected) => {
    const evidence = { headVersion, publishedVersion, expectedVersion, plannedVersion, confirmedVersion, requiresConfirmation };
    expect(classifyPin(evidence)).toBe(expected);
  },
);

const CLASSES: readonly PinClass[] = [
  "InvariantViolation",
  "NoMovement",
  "IncompletePhaseB",
  "RolledPastExpected",
  "UnexpectedAtP1",
  "UnexpectedMultistep",
];
const STANDINGS: readonly OperationStanding[] = ["published", "rolledBack", "unpublished"];
const BASES = ["unchanged", "moved", "unknown"] as const;

/** The rules of RC-31 and RC-32 in their own words, for every combination of two datasets. */
function expectedVerdict(first: PinClass, second: PinClass, standing: OperationStanding, base: string, isAnyPinAhead: boolean): string {
  const both = [first, second];
  if (both.includes("InvariantViolation")) return "abort";
  if (standing === "published") return "concludePublished";
  const isStill = first === "NoMovement" && second === "NoMovement";
  if (standing === "rolledBack") return isStill ? "concludeRolledBack" : "rollBack";
  if (isStill) return base === "unknown" && isAnyPinAhead ? "concludePublished" : "rollBack, effect free";
  const isComplete = first === "RolledPastExpected" && second === "RolledPastExpected";
  return isComplete && base !== "moved" ? "rollForward" : "rollBack";
}

test("RC-31 RC-32 every combination of two datasets, history and base has the verdict of the table", () => {
  let combinationCount = 0;
  for (const first of CLASSES) {
    for (const second of CLASSES) {
      for (const standing of STANDINGS) {
        for (const base of BASES) {
          for (const isAnyPinAhead of [false, true]) {
            const verdict = decide({ classes: [first, second], standing, base, isAnyPinAhead });
            const text = verdict.kind === "rollBack" && verdict.isEffectFree ? "rollBack, effect free" : verdict.kind;
            expect(text, `${first} ${second} ${standing} ${base} ${isAnyPinAhead}`).toBe(
              expectedVerdict(first, second, standing, base, isAnyPinAhead),
            );
            combinationCount++;
          }
        }
      }
    }
  }
  expect(combinationCount).toBe(6 * 6 * 3 * 3 * 2);
});
