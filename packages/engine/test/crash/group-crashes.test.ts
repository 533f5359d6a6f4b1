import type { Graph } from "../../src/graph.js";
import { FAILPOINT } from "../../src/failpoints.js";
import { commitTogether } from "../../test-support/writes/commit-together.js";
import { describeCrashes } from "../../test-support/writes/crash-matrix.js";
import { seedGraph } from "../../test-support/writes/seeded-graph.js";
import type { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

const PERSON = "query m() { insert Person { name: \"cleo\", age: 7 } }";
const BOTH = "query m() { insert Person { name: \"dora\", age: 8 } insert Company { name: \"acme\" } }";
const UPSERT = "query m() { insert Person { name: \"ann\", age: 99 } }";

/** Three commits of three actors, of two types, by inserts and an upsert. */
async function group(process: SimulatedProcess): Promise<void> {
  const graph: Graph = await process.handle();
  // Who fails before the group is formed fails alone; here all of them are to meet.
  (await process.graph.writing?.coordination.lease.acquire())?.release();
  const sources = [PERSON, BOTH, UPSERT];
  await commitTogether(process, sources.map((source, index) => () => graph.mutate(source, { actor: `act-${index}` })));
}

const EVERY_STEP = [
  FAILPOINT.sidecarWrite,
  FAILPOINT.postSidecarPreFork,
  FAILPOINT.postForkPreCommit,
  FAILPOINT.postTableCommit,
  FAILPOINT.postEffectsPreConfirm,
  FAILPOINT.sidecarConfirm,
  FAILPOINT.postFinalizePrePublisher,
  FAILPOINT.publishBeforeCommit,
  FAILPOINT.publishAfterCommit,
  FAILPOINT.sidecarDelete,
];

describeCrashes("WR-11 a group of commits", {
  prepare: seedGraph,
  steps: [group],
  passes: EVERY_STEP,
  recoveryPasses: [FAILPOINT.beforeRollForwardPublish, FAILPOINT.rollBackPreRestore, FAILPOINT.rollBackPostRestore],
});
