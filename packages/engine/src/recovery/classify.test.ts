import { expect, test } from "vitest";
import { classifyPin, decide, isLooseKind, type OperationStanding, type PinClass, type SchemaStanding } from "./classify.js";

interface PinRow {
  readonly head: number | undefined;
  readonly published: number;
  readonly expected: number;
  readonly planned: number;
  readonly confirmed: number | null;
  readonly flags: string;
  readonly pinClass: PinClass;
}

// head, published, expected, planned, confirmed, flags, class. Flags: c = requires confirmation, l = loose, n = created by the operation
const PINS: readonly PinRow[] = (
  [
    [4, 5, 5, 6, null, "", "InvariantViolation"],
    [4, 5, 4, 5, 4, "c", "InvariantViolation"],
    [4, 5, 5, 6, null, "l", "InvariantViolation"],
    [undefined, 5, 5, 6, null, "", "InvariantViolation"],
    [5, 5, 5, 6, null, "", "NoMovement"],
    [5, 5, 5, 6, null, "c", "NoMovement"],
    [5, 5, 4, 5, 5, "c", "NoMovement"],
    [5, 5, 5, 5, null, "l", "NoMovement"],
    [5, 5, 4, 5, null, "l", "NoMovement"],
    [6, 5, 5, 6, null, "c", "IncompletePhaseB"],
    [9, 5, 5, 6, null, "c", "IncompletePhaseB"],
    [9, 5, 5, 6, null, "cl", "IncompletePhaseB"],
    [6, 5, 5, 6, null, "", "RolledPastExpected"],
    [8, 5, 5, 8, null, "", "RolledPastExpected"],
    [6, 5, 5, 6, 6, "", "RolledPastExpected"],
    [8, 5, 5, 6, 8, "c", "RolledPastExpected"],
    [6, 5, 4, 6, 6, "c", "UnexpectedAtP1"],
    [6, 5, 5, 6, 7, "c", "UnexpectedAtP1"],
    [6, 5, 4, 5, null, "", "UnexpectedAtP1"],
    [6, 5, 5, 7, null, "", "UnexpectedAtP1"],
    [7, 5, 5, 6, 6, "c", "UnexpectedMultistep"],
    [7, 5, 5, 6, null, "", "UnexpectedMultistep"],
    [9, 0, 0, 1, null, "", "UnexpectedMultistep"],
    // Loose: the planned version is a lower bound, and so is none at all.
    [6, 5, 5, 5, null, "l", "RolledPastExpected"],
    [9, 5, 5, 6, null, "l", "RolledPastExpected"],
    [9, 5, 5, 6, 9, "l", "RolledPastExpected"],
    [9, 5, 5, 6, 8, "l", "UnexpectedMultistep"],
    [6, 5, 4, 5, null, "l", "UnexpectedAtP1"],
    [7, 5, 4, 5, null, "l", "UnexpectedMultistep"],
    // A fork or dataset that the operation creates: it begins at the published version.
    [undefined, 5, 5, 6, null, "n", "NoMovement"],
    [undefined, 5, 5, 5, 5, "nc", "NoMovement"],
    [5, 5, 5, 6, null, "n", "NoMovement"],
    [6, 5, 5, 6, null, "n", "RolledPastExpected"],
    [7, 5, 5, 6, null, "n", "UnexpectedMultistep"],
    [6, 5, 5, 6, null, "nc", "IncompletePhaseB"],
    [5, 5, 5, 5, null, "nc", "NoMovement"],
    [5, 5, 5, 5, 5, "nc", "RolledPastExpected"],
    [7, 5, 5, 6, 7, "nc", "RolledPastExpected"],
    [7, 5, 5, 6, 6, "nc", "UnexpectedMultistep"],
    // … unless the branch shows something else by now.
    [6, 0, 5, 6, null, "n", "UnexpectedMultistep"],
    [5, 0, 5, 5, 5, "nc", "UnexpectedMultistep"],
    // A new dataset begins at nothing.
    [1, 0, 0, 1, 1, "nc", "RolledPastExpected"],
    [1, 0, 0, 1, null, "nc", "IncompletePhaseB"],
    [2, 0, 0, 1, 1, "nc", "UnexpectedMultistep"],
    [undefined, 0, 0, 1, null, "nc", "NoMovement"],
  ] as const
).map(([head, published, expected, planned, confirmed, flags, pinClass]) => ({ head, published, expected, planned, confirmed, flags, pinClass }));

test.each(PINS)(
  "RC-30 head $head, published $published, expected $expected, planned $planned, confirmed $confirmed, [$flags] is $pinClass",
  ({ head, published, expected, planned, confirmed, flags, pinClass }) => {
    const evidence = {
      headVersion: head,
      publishedVersion: published,
      expectedVersion: expected,
      plannedVersion: planned,
      confirmedVersion: confirmed,
      requiresConfirmation: flags.includes("c"),
      isLoose: flags.includes("l"),
      isCreated: flags.includes("n"),
    };
    expect(classifyPin(evidence)).toBe(pinClass);
  },
);

test("RC-22 optimize and ensure-indices are loose, all other kinds are not", () => {
  const kinds = ["Mutation", "Load", "BranchMerge", "SchemaApply", "EnsureIndices", "Optimize"] as const;
  expect(kinds.filter(isLooseKind)).toEqual(["EnsureIndices", "Optimize"]);
});

const CLASSES: readonly PinClass[] = [
  "InvariantViolation",
  "NoMovement",
  "IncompletePhaseB",
  "RolledPastExpected",
  "UnexpectedAtP1",
  "UnexpectedMultistep",
];
const STANDINGS: readonly OperationStanding[] = ["published", "rolledBack", "unpublished"];
const SCHEMAS: readonly SchemaStanding[] = ["none", "promotable", "promoted", "missing"];
const BASES = ["unchanged", "moved", "unknown"] as const;

interface Combination {
  readonly classes: readonly PinClass[];
  readonly standing: OperationStanding;
  readonly base: (typeof BASES)[number];
  readonly isAnyPinAhead: boolean;
  readonly schema: SchemaStanding;
}

/** The rules of RC-31, RC-32 and RC-40 in their own words, for strict operations. */
function strictVerdict({ classes, standing, base, isAnyPinAhead, schema }: Combination): string {
  if (classes.includes("InvariantViolation")) return "abort";
  if (standing === "published") return "concludePublished";
  const isStill = classes.every((pinClass) => pinClass === "NoMovement");
  if (standing === "rolledBack") return isStill ? "concludeRolledBack" : "rollBack";
  if (base === "unknown" && classes.length > 0 && isStill && isAnyPinAhead) return "concludePublished";
  const isComplete = classes.every((pinClass) => pinClass === "RolledPastExpected");
  // Nobody can give the old schema back.
  const undoing = schema === "promoted" ? "abort" : "rollBack";
  const isEmpty = classes.length === 0 && schema === "none";
  return isComplete && !isEmpty && base !== "moved" && schema !== "missing" ? "rollForward" : undoing;
}

function* combinations(): Generator<Combination> {
  const sets: readonly (readonly PinClass[])[] = [[], ...CLASSES.flatMap((first) => CLASSES.map((second) => [first, second]))];
  for (const classes of sets) {
    for (const standing of STANDINGS) {
      for (const base of BASES) {
        for (const isAnyPinAhead of [false, true]) for (const schema of SCHEMAS) yield { classes, standing, base, isAnyPinAhead, schema };
      }
    }
  }
}

test("RC-31 RC-32 RC-40 every combination of two datasets, history, base and schema files has the verdict of the table", () => {
  const all = [...combinations()];
  expect(all).toHaveLength((36 + 1) * 3 * 3 * 2 * 4);
  for (const combination of all) {
    expect(decide({ ...combination, isLoose: false }).kind, JSON.stringify(combination)).toBe(strictVerdict(combination));
  }
});

/** Any part of a loose operation is as good as the whole, on any head. */
function looseVerdict({ classes, standing, base, isAnyPinAhead }: Combination): string {
  if (classes.includes("InvariantViolation")) return "abort";
  if (standing === "published") return "concludePublished";
  const moved = classes.filter((pinClass) => pinClass !== "NoMovement");
  if (standing === "rolledBack") return moved.length === 0 ? "concludeRolledBack" : "rollBack";
  if (base === "unknown" && classes.length > 0 && moved.length === 0 && isAnyPinAhead) return "concludePublished";
  return moved.length > 0 && moved.every((pinClass) => pinClass === "RolledPastExpected") ? "rollForward" : "rollBack";
}

test("RC-22 RC-31 any part of a loose operation is finished, on whatever head", () => {
  for (const combination of combinations()) {
    if (combination.schema !== "none") continue;
    expect(decide({ ...combination, isLoose: true }).kind, JSON.stringify(combination)).toBe(looseVerdict(combination));
  }
});
