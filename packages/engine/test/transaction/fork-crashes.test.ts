import { FAILPOINT } from "../../src/failpoints.js";
import { describeCrashes } from "../../test-support/writes/crash-matrix.js";
import { appendCompanies, appendPersons, stage, updatePersons } from "../../test-support/writes/direct-write.js";
import { seedGraph } from "../../test-support/writes/seeded-graph.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

const REVIEW = { branch: "review", actorId: "act-a" } as const;
const CHILD = { branch: "child", actorId: "act-a" } as const;

/** `review` branches off main; `child` branches off `review`, which has persons of its own by then. */
async function seedBranches(uri: string): Promise<void> {
  await seedGraph(uri);
  await using process = await SimulatedProcess.start(uri);
  await process.graph.writing?.branches.create("review", "main");
  await process.writer.write(REVIEW, stage("Mutation", appendPersons({ name: "rita", age: 5 })));
  await process.graph.writing?.branches.create("child", "review");
}

/** BR-17, RC-17: what a fork leaves at each of its steps is finished or removed, and neither main nor the parent notices. */
describeCrashes("first write of a type on a branch", {
  prepare: seedBranches,
  steps: [(process) => process.writer.write(REVIEW, stage("Mutation", appendCompanies("acme")))],
  nextWrite: (process) => process.writer.write(REVIEW, stage("Mutation", appendCompanies("after"))),
  passes: [FAILPOINT.postSidecarPreFork, FAILPOINT.postForkPreCommit, FAILPOINT.postTableCommit, FAILPOINT.postEffectsPreConfirm, FAILPOINT.postFinalizePrePublisher],
});

describeCrashes("first writes of two types on a branch of a branch, one fork nested", {
  prepare: seedBranches,
  steps: [(process) => process.writer.write(CHILD, stage("Load", appendCompanies("acme"), updatePersons({ name: "rita", age: 6 })))],
  nextWrite: (process) => process.writer.write(CHILD, stage("Mutation", appendPersons({ name: "after", age: 0 }))),
});
