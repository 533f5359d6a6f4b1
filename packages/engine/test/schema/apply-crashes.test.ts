import { FAILPOINT } from "../../src/failpoints.js";
import { describeCrashes } from "../../test-support/writes/crash-matrix.js";
import { DIRECT_SCHEMA } from "../../test-support/writes/direct-write.js";
import { seedGraph } from "../../test-support/writes/seeded-graph.js";
import type { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

/** Company stays as it is: the next write of the matrix adds one, whichever schema it meets. */
const EVERY_STEP = `node Human @rename_from("Person") { name: String @key years: I32? @rename_from("age") city: String? }
  node Company { name: String @key }
  node Place { label: String }`;
const CONTRACT_ONLY = DIRECT_SCHEMA.replace("age: I32?", "age: I32? @index");

const EVERY_APPLY = [
  FAILPOINT.sidecarWrite,
  FAILPOINT.schemaBeforeStagingWrite,
  FAILPOINT.schemaBetweenStagingWrites,
  FAILPOINT.schemaAfterStagingWrite,
  FAILPOINT.publishBeforeCommit,
  FAILPOINT.publishAfterCommit,
  FAILPOINT.schemaAfterManifestCommit,
  FAILPOINT.schemaBeforePromotionRename,
  FAILPOINT.sidecarDelete,
];

async function apply(process: SimulatedProcess, source: string): Promise<void> {
  const graph = await process.handle();
  await graph.applySchema(source, { actor: "act-migrate" });
}

describeCrashes("SA-10 G-15 schema apply: renames, new columns, a type comes and one goes", {
  prepare: seedGraph,
  settings: { durability: "process" },
  steps: [(process) => apply(process, EVERY_STEP)],
  passes: [...EVERY_APPLY, FAILPOINT.schemaPostTableCommit, FAILPOINT.schemaPostRegistration],
  recoveryPasses: [FAILPOINT.schemaBeforePromotionRename],
});

describeCrashes("SA-4a SA-10 schema apply: contract only", {
  prepare: seedGraph,
  settings: { durability: "process" },
  steps: [(process) => apply(process, CONTRACT_ONLY)],
  passes: EVERY_APPLY,
});
