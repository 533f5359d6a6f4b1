import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { initGraph } from "../../src/open/init-graph.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import { appendCompanies, appendPersons, DIRECT_SCHEMA, stage } from "../../test-support/writes/direct-write.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

const LEASELESS = { lease: { isEnabled: false } } as const;

test("LE-8 G-4 two leaseless processes undo one operation at once: the later restore is published too", async () => {
  await using dir = await makeTempDir();
  const uri = `${dir.path}/graph`;
  await initGraph(uri, DIRECT_SCHEMA);
  await using victim = await SimulatedProcess.start(uri, LEASELESS);
  const before = await readGraph(victim.graph);
  victim.dieAt(FAILPOINT.postTableCommit);
  const half = stage("Load", appendPersons({ name: "cleo", age: 7 }), appendCompanies("acme"));
  await expect(victim.writer.write({ branch: null, actorId: null }, half)).rejects.toThrow();

  await using slow = new SimulatedProcess();
  let resume = (): void => undefined;
  const restored = new Promise<void>((reached) => {
    slow.failpoints.arm(FAILPOINT.rollBackPreRestore, () => {
      slow.failpoints.disarm(FAILPOINT.rollBackPreRestore);
      reached();
      return new Promise<void>((resolve) => (resume = resolve));
    });
  });
  const opening = slow.open(uri, LEASELESS);
  await restored;
  await using quick = await SimulatedProcess.start(uri, LEASELESS);
  resume();
  await opening;

  await expectAtRest(slow.graph);
  expect(await readGraph(slow.graph)).toEqual(before);
  await quick.writer.write({ branch: null, actorId: null }, stage("Mutation", appendCompanies("acme")));
});

test("LE-8 RC-87 beside a live writer without a lease, others are told to try again, not to reopen", async () => {
  await using dir = await makeTempDir();
  const uri = `${dir.path}/graph`;
  await initGraph(uri, DIRECT_SCHEMA);
  await using slow = await SimulatedProcess.start(uri, LEASELESS);
  await using quick = await SimulatedProcess.start(uri, LEASELESS);
  let resume = (): void => undefined;
  const armed = new Promise<void>((reached) => {
    slow.failpoints.arm(FAILPOINT.postSidecarPreFork, () => {
      reached();
      return new Promise<void>((resolve) => (resume = resolve));
    });
  });
  const writing = slow.writer.write({ branch: null, actorId: null }, stage("Mutation", appendPersons({ name: "cleo", age: 7 })));
  await armed;
  const refused = quick.writer.write({ branch: null, actorId: null }, stage("Mutation", appendCompanies("acme")));
  await expect(refused).rejects.toMatchObject({ code: "WRITER_BUSY", retryable: true });
  resume();
  await writing;
  await quick.writer.write({ branch: null, actorId: null }, stage("Mutation", appendCompanies("acme")));
  await expectAtRest(quick.graph);
});
