import { FAILPOINT } from "../../src/failpoints.js";
import { branchGate } from "../../src/transaction/write-gates.js";
import type { SimulatedProcess } from "./simulated-process.js";

/**
 * Starts `writes` while the gate of `branch` is held, and gives it free once all of them are prepared: so those that can share a publish
 * do (WR-11). They stand in the queue in their order.
 *
 * @throws what the first of them that failed threw, when all have ended
 */
export async function commitTogether<T>(process: SimulatedProcess, writes: readonly (() => Promise<T>)[], branch: string | null = null): Promise<readonly T[]> {
  const outcomes = await settleTogether(process, writes, branch);
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

/** {@link commitTogether}, with the outcome of each. */
export async function settleTogether<T>(
  process: SimulatedProcess,
  writes: readonly (() => Promise<T>)[],
  branch: string | null = null,
): Promise<readonly PromiseSettledResult<T>[]> {
  const { writing } = process.graph;
  if (writing === undefined) throw new Error("opened for reading");
  const gate = await writing.coordination.gates.acquire([branchGate(branch)]);
  const running: Promise<T>[] = [];
  try {
    for (const write of writes) {
      const preparing = process.changes.passCount(FAILPOINT.postStagePreEffectGate);
      const promise = write();
      running.push(promise);
      let hasEnded = false;
      promise.then(() => (hasEnded = true), () => (hasEnded = true));
      while (!hasEnded && process.changes.passCount(FAILPOINT.postStagePreEffectGate) === preparing) await nextTurn();
      // It stands in the queue one turn after it passed.
      await nextTurn();
    }
  } finally {
    gate[Symbol.dispose]();
  }
  return Promise.allSettled(running);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
