import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

const SCHEMA = "node Person {\n  name: String @key\n  age: I32?\n}\n";
const SETTINGS = { durability: "power" } as const;
const person = (name: string, age: number): string => JSON.stringify({ type: "Person", data: { name, age } });

/** What a disk may hold of a file that was never synced. */
const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  empty: (path) => truncateSync(path, 0),
  zeroed: (path) => writeFileSync(path, Buffer.alloc(statSync(path).size)),
  "cut short": (path) => writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size >> 1)),
  whole: () => undefined,
};

function newestVersionFile(dataset: string): string {
  const [newest = ""] = readdirSync(join(dataset, "_versions")).filter((name) => name.endsWith(".manifest")).sort();
  return join(dataset, "_versions", newest);
}

async function people(graph: Graph): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const chunk of graph.exportJsonl({})) lines.push(Buffer.from(chunk).toString());
  return [...lines.join("").matchAll(/"name":"(\w+)"/g)].map(([, name]) => name as string).sort();
}

/** A graph with one acknowledged person, and a second load whose process died at `failpoint`; then every change of it is `damaged`. */
async function interrupted(failpoint: string, check: (root: string, datasets: readonly string[]) => Promise<void>): Promise<void> {
  await using dir = await makeTempDir();
  const root = join(dir.path, "g.omni");
  await using graph = await Graph.init(root, SCHEMA, { settings: SETTINGS });
  await graph.load(person("acknowledged", 1), { mode: "append" });
  await graph.close();
  await using writer = await SimulatedProcess.start(root, SETTINGS);
  const handle = await writer.handle();
  writer.dieAt(failpoint);
  await expect(handle.load(person("interrupted", 2), { mode: "append" })).rejects.toThrow();
  writer.die();
  await check(root, readdirSync(join(root, "nodes")).map((name) => join(root, "nodes", name)));
}

async function reopenAndWrite(root: string): Promise<readonly string[]> {
  await using survivor = await SimulatedProcess.start(root, SETTINGS);
  const graph = await survivor.handle();
  const found = await people(graph);
  await graph.load(person("later", 3), { mode: "append" });
  expect(await people(graph)).toEqual([...found, "later"].sort());
  return found;
}

test.each(Object.keys(DAMAGES))("ST-21 a version that was not confirmed is never taken forward: its file is %s", (damage) =>
  interrupted(FAILPOINT.postTableCommit, async (root, datasets) => {
    for (const dataset of datasets) DAMAGES[damage]?.(newestVersionFile(dataset));
    expect(await reopenAndWrite(root)).toEqual(["acknowledged"]);
  }),
);

test("ST-21 nor is one whose version is whole and whose data is not", () =>
  interrupted(FAILPOINT.postTableCommit, async (root, datasets) => {
    for (const dataset of datasets) {
      const files = readdirSync(join(dataset, "data")).map((name) => join(dataset, "data", name));
      const newest = files.sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs)[0];
      truncateSync(newest ?? "", 0);
    }
    expect(await reopenAndWrite(root)).toEqual(["acknowledged"]);
  }),
);

test.each(Object.keys(DAMAGES))("ST-21 a publish that was not acknowledged is repeated from its confirmed sidecar: its file is %s", (damage) =>
  interrupted(FAILPOINT.publishAfterCommit, async (root) => {
    DAMAGES[damage]?.(newestVersionFile(join(root, "__manifest.lance")));
    expect(await reopenAndWrite(root)).toEqual(["acknowledged", "interrupted"]);
  }),
);

test("ST-21 OP-7 a reader leaves a damaged manifest as it is", () =>
  interrupted(FAILPOINT.publishAfterCommit, async (root) => {
    const file = newestVersionFile(join(root, "__manifest.lance"));
    truncateSync(file, 0);
    await expect(Graph.open(root, { mode: "ro", settings: SETTINGS })).rejects.toMatchObject({ code: "STORAGE" });
    expect(statSync(file).size).toBe(0);
  }),
);
