import { CommitGraph } from "../../src/commit-graph/commit-graph.js";
import { FAILPOINT } from "../../src/failpoints.js";
import { initGraph } from "../../src/open/init-graph.js";
import { makeMaintenanceServices, type MaintenanceServices } from "../../src/open/maintenance-services.js";
import { describeCrashes } from "../../test-support/writes/crash-matrix.js";
import { appendCompanies, appendPersons, deletePersons, DIRECT_SCHEMA, stage } from "../../test-support/writes/direct-write.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

const SCHEMA = DIRECT_SCHEMA.replace("age: I32?", "age: I32? @index");

/** Two types with several small fragments, deleted rows and an index that is declared and missing. */
async function prepare(uri: string): Promise<void> {
  await initGraph(uri, SCHEMA);
  await using process = await SimulatedProcess.start(uri);
  const write = (...writes: Parameters<typeof stage> extends [unknown, ...infer W] ? W : never): Promise<unknown> =>
    process.writer.write({ branch: null, actorId: null }, stage("Mutation", ...writes));
  await write(appendPersons({ name: "ann", age: 1 }, { name: "bob", age: 2 }), appendCompanies("initech"));
  await write(appendPersons({ name: "cleo", age: 3 }), appendCompanies("acme"));
  await write(deletePersons("bob"));
}

function maintenanceOf(process: SimulatedProcess): MaintenanceServices {
  const { access, writing } = process.graph;
  if (writing === undefined) throw new Error("opened for reading");
  return makeMaintenanceServices(access, writing, new CommitGraph(access.manifest));
}

const MAIN = { branch: null, incarnation: undefined, actorId: null } as const;

describeCrashes("MT-11 RC-22 optimize of two types", {
  prepare,
  steps: [(process) => maintenanceOf(process).optimizer.optimize(MAIN)],
  passes: [FAILPOINT.optimizeBeforeCompact, FAILPOINT.optimizePrePublish],
});

describeCrashes("IX-25 ensure-indices", {
  prepare,
  steps: [(process) => maintenanceOf(process).optimizer.ensureIndices(MAIN)],
  passes: [FAILPOINT.indicesPostTableEffect, FAILPOINT.indicesPrePublish],
});

describeCrashes("MT-81 cleanup, with the optimize pass before it", {
  prepare,
  steps: [(process) => maintenanceOf(process).cleaner.cleanup({ keepVersions: 1 })],
  passes: [FAILPOINT.cleanupResolveBranchSnapshot, FAILPOINT.cleanupTableGc],
});
