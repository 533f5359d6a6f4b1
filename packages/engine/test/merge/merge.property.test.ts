import fc from "fast-check";
import { test } from "vitest";
import { generatedHistory, runHistory } from "./merge-history.js";

/** Histories, and steps in each: one and a half merges per step. `scripts/soak-merge.mjs` runs more and longer ones. */
const HISTORIES = Number(process.env["OMNIGRAPH_SOAK_MERGE_HISTORIES"] ?? 48);
const STEPS = Number(process.env["OMNIGRAPH_SOAK_MERGE_STEPS"] ?? 30);

test("MG-20 MG-30 MG-31 MG-33 MG-52 MG-58 MG-61 MG-62 MG-64 MG-66 MG-70 MG-72 every merge of a random history gives what the model gives, row by row and conflict by conflict", { timeout: 3_600_000 }, async () => {
  let cases = 0;
  await fc.assert(
    fc.asyncProperty(generatedHistory(STEPS), async (history) => {
      cases += await runHistory(history);
    }),
    { numRuns: HISTORIES, endOnFailure: true },
  );
  if (cases < 1.4 * HISTORIES * STEPS) throw new Error(`only ${cases} merges were compared`);
});
