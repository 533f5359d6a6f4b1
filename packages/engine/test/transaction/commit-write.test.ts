import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { initGraph } from "../../src/open/init-graph.js";
import { openGraph } from "../../src/open/open-graph.js";
import { appendPersons, DIRECT_SCHEMA, stage } from "../../test-support/writes/direct-write.js";

test("smoke", async () => {
  await using dir = await makeTempDir();
  const uri = `${dir.path}/g`;
  await initGraph(uri, DIRECT_SCHEMA);
  const graph = await openGraph(uri, { mode: "rw" });
  const writer = graph.writing!.writer;
  const outcome = await writer.write({ branch: null, actorId: "act-a" }, stage("Mutation", appendPersons({ name: "ann", age: 3 })));
  console.log(outcome);
  const t0 = performance.now();
  for (let i = 0; i < 120; i++) await writer.write({ branch: null, actorId: "act-a" }, stage("Mutation", appendPersons({ name: `p${i}`, age: 3 })));
  console.log((performance.now() - t0) / 120);
  await graph.resources.dispose();
  expect(outcome.commit?.graphManifestVersion).toBe(2);
});
