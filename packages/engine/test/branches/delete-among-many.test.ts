import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { Graph } from "../../src/graph.js";

const ADD = "query add($note: String) { insert Event { note: $note } }";

test("MG-23 deleting a branch among many reads the history that they share once", { timeout: 60_000 }, async () => {
  await using directory = await makeTempDir();
  await using graph = await Graph.init(`${directory.path}/many.omni`, "node Event { note: String }\n", { settings: { durability: "process" } });
  const branchCount = 12;
  for (let index = 0; index < branchCount; index++) {
    await graph.branchCreate(`b${index}`);
    await graph.mutate(ADD, { params: { note: `b${index}` }, branch: `b${index}` });
    for (let commit = 0; commit < 4; commit++) await graph.mutate(ADD, { params: { note: `main ${index} ${commit}` } });
  }
  const startedAt = performance.now();
  await graph.branchDelete("b3");
  // Pair by pair it takes the square of the number of branches, which is ten times this.
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});
