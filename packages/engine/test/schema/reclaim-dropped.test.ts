import { makeTempDir } from "@omnigraphdb/testkit";
import { test } from "vitest";
import { Graph } from "../../src/graph.js";
import { openGraph } from "../../src/open/open-graph.js";
import { expectAtRest } from "../../test-support/writes/check-graph.js";

const NARROW = "node Person {\n  name: String @key\n  age: I32?\n}\n";
const WIDE = NARROW.replace("age: I32?", "age: I32?\n  nick: String?");

test("SA-7 SUB-12 G-4 a removal of old versions that moves a dataset is published", async () => {
  await using dir = await makeTempDir();
  const root = `${dir.path}/graph`;
  await using graph = await Graph.init(root, NARROW, { settings: { durability: "process" } });
  let number = 0;
  for (const schema of [WIDE, NARROW, WIDE, NARROW]) {
    for (let write = 0; write < 3; write++) {
      const name = `p${number++}`;
      await graph.load(JSON.stringify({ type: "Person", data: { name, age: 1 } }), { mode: "append" });
      await graph.mutate("query age($n: String) { update Person set { age: 5 } where name = $n }", { params: { n: name } });
    }
    await graph.applySchema(schema, { allowDataLoss: true });
    const opened = await openGraph(root, { mode: "ro" });
    await expectAtRest(opened);
    await opened.resources.dispose();
  }
});
