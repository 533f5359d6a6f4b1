// npm run bench:changes [-- --rows 10000,1000000]
// What a diff and the changes of a commit cost when 1,000 rows of a table were updated, and when 5 were deleted: the first follows the
// number of changed rows, the second also reads one column of hashes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Graph } from "../dist/index.js";
import { parseArguments } from "./arguments.mjs";

const CHANGED = 1_000;
const ROUNDS = 5;
const SCHEMA = "node Doc {\n  key: String @key\n  title: String\n  score: I32?\n}\n";

for (const rowCount of String(parseArguments(process.argv.slice(2)).rows ?? "10000,1000000").split(",").map(Number)) {
  const folder = mkdtempSync(path.join(tmpdir(), "omnigraph-changes-"));
  try {
    await measure(path.join(folder, "g.omni"), rowCount);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(uri, rowCount) {
  const settings = { durability: "process" };
  const writer = await Graph.init(uri, SCHEMA, { settings });
  await writer.load(records(rowCount, 1, "title"), { mode: "append" });
  // Extends the index of ids to all rows, as it is in a graph that is maintained.
  await writer.optimize();
  const loadedId = await writer.headCommitId();
  const { commit: updated } = await writer.load(records(CHANGED, Math.floor(rowCount / CHANGED), "other"), { mode: "merge" });
  for (let i = 0; i < 5; i++) await writer.mutate(`query m() { delete Doc where key = "k${i * 3 + 1}" }`);
  const last = await writer.headCommitId();
  await writer.close();
  const cases = {
    "diff, 1,000 updates": (graph) => graph.diffCommits(loadedId, updated.graphCommitId),
    "changes of the commit, images": (graph) => graph.commitChanges(updated.graphCommitId),
    "diff, 5 deletes": (graph) => graph.diffCommits(updated.graphCommitId, last),
  };
  for (const [name, run] of Object.entries(cases)) {
    const times = [];
    for (let round = 0; round < ROUNDS; round++) {
      // A handle of its own keeps no ids of the round before.
      const graph = await Graph.open(uri, { mode: "ro" });
      await graph.headCommitId();
      const startedAt = performance.now();
      const { changes } = await run(graph);
      times.push(performance.now() - startedAt);
      if (changes.length === 0) throw new Error("nothing changed");
      await graph.close();
    }
    times.sort((a, b) => a - b);
    console.log(`${String(rowCount).padStart(9)} rows  ${name.padEnd(30)} ${times[2].toFixed(1).padStart(8)} ms`);
  }
}

function* records(count, step, title) {
  for (let start = 0; start < count; start += 1_000) {
    let text = "";
    for (let i = start; i < Math.min(count, start + 1_000); i++) text += `{"type":"Doc","data":{"key":"k${i * step}","title":"${title} ${i}","score":${i % 100}}}\n`;
    yield Buffer.from(text);
  }
}
