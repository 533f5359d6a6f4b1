import { Graph } from "../../../src/graph.js";

/**
 * One writer process: `root`, `prefix`, `lease on|off`. Prints `ready`, then writes until it is killed: every load adds a person, a
 * company and an edge between them under one number, every third one is followed by an update and a delete. Prints
 * `ack <id>` once a load is acknowledged.
 */
const [root, prefix, lease] = process.argv.slice(2) as [string, string, string];
const settings = { lease: { isEnabled: lease === "on" } };
let graph = await Graph.open(root, { mode: "rw", settings });
process.stdout.write("ready\n");

for (let number = 0; ; number++) {
  const id = `${prefix}-${number}`;
  const records = [
    { type: "Person", data: { name: id, age: number } },
    { type: "Company", data: { name: id } },
    { edge: "WorksAt", from: id, to: id, data: { id } },
  ];
  try {
    await graph.load(records.map((record) => JSON.stringify(record)).join("\n"), { mode: "append" });
    process.stdout.write(`ack ${id}\n`);
    if (number % 3 === 2) {
      await graph.mutate("query m($n: String) { update Person set { age: -1 } where name = $n }", { params: { n: id } });
      await graph.load(JSON.stringify({ type: "Company", data: { name: `${id}-extra` } }), { mode: "merge" });
      await graph.mutate("query m($n: String) { delete Company where name = $n }", { params: { n: `${id}-extra` } });
    }
  } catch (error) {
    const { code } = error as { code?: string };
    // Another writer came between: look again. What was interrupted is settled by opening the graph anew.
    if (code === undefined) throw error;
    if (code === "RECOVERY_REQUIRED" || code === "DATASET_DRIFT") {
      await graph.close();
      graph = await Graph.open(root, { mode: "rw", settings }).catch(() => Graph.open(root, { mode: "rw", settings }));
    }
  }
}
