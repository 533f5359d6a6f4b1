import { existsSync } from "node:fs";
import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { Graph } from "../../src/graph.js";

const SCHEMA = `
node Stop { code: I32 @key }
edge Leads: Stop -> Stop
`;
const STOPS = 500;
/** As many as make a file worth having. */
const EDGES = 50_000;
const QUERY = "query q() { match { $a: Stop { code: 7 } $a leads{1,3} $b } return { count($b) as reached } }";

async function filesBelow(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

async function ask(root: string, mode: "ro" | "rw"): Promise<unknown> {
  await using graph = await Graph.open(root, { mode, settings: { durability: "process", traversalMode: "csr" } });
  const { rowCount, columns } = await graph.query(QUERY);
  return { rowCount, columns };
}

test("CA-4 CA-5 OP-7 cache files: written by read-write handles only, and any state of them gives the same rows", async () => {
  await using directory = await makeTempDir();
  const root = join(directory.path, "g.omni");
  const cache = join(root, "__cache");
  const stops = Array.from({ length: STOPS }, (_, code) => JSON.stringify({ type: "Stop", data: { code } }));
  const leads = Array.from({ length: EDGES }, (_, i) => JSON.stringify({ edge: "Leads", from: String(i % STOPS), to: String((i * 37 + Math.floor(i / STOPS)) % 300) }));
  {
    await using graph = await Graph.init(root, SCHEMA, { settings: { durability: "process" } });
    await graph.load([...stops, ...leads].join("\n"), { mode: "append" });
  }
  const expected = await ask(root, "ro");
  expect(await filesBelow(cache)).toEqual([]);
  expect(await ask(root, "rw")).toEqual(expected);
  const files = await filesBelow(cache);
  expect(files.some((file) => file.endsWith(".out"))).toBe(true);
  expect(await ask(root, "ro")).toEqual(expected);
  for (const file of files) {
    const whole = await readFile(file);
    await truncate(file, Math.floor(whole.length / 2));
    expect(await ask(root, "ro"), `${file} torn`).toEqual(expected);
    const altered = Buffer.from(whole);
    altered[whole.length - 5] = (altered[whole.length - 5] as number) ^ 1;
    await writeFile(file, altered);
    expect(await ask(root, "ro"), `${file} altered`).toEqual(expected);
    expect((await readFile(file)).equals(altered), "a reader leaves it alone").toBe(true);
  }
  // Maintenance writes what is missing, on both sides of every edge.
  await rm(cache, { recursive: true });
  {
    await using graph = await Graph.open(root, { mode: "rw", settings: { durability: "process" } });
    await graph.ensureIndices();
  }
  const suffixes = (await filesBelow(cache)).map((file) => file.slice(file.lastIndexOf(".")));
  expect(suffixes).toEqual(expect.arrayContaining([".in", ".out"]));
  expect(await ask(root, "ro")).toEqual(expected);
}, 60_000);
