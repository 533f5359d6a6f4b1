import { cp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";
import { addPerson, PEOPLE, persons } from "./branch-fixture.js";

/** What happens to a folder: copied beside the original, which goes on or is removed, or moved. */
const RELOCATIONS = [
  ["copied", (from: string, to: string) => cp(from, to, { recursive: true })],
  ["moved", (from: string, to: string) => rename(from, to)],
  [
    "copied and the original removed",
    async (from: string, to: string) => {
      await cp(from, to, { recursive: true });
      await rm(from, { recursive: true });
    },
  ],
] as const;

async function makeGraph(root: string, change: (graph: Graph) => Promise<unknown>): Promise<void> {
  await using graph = await Graph.init(root, PEOPLE);
  await addPerson(graph, "ann");
  await change(graph);
}

async function listFiles(root: string): Promise<readonly string[]> {
  return (await readdir(root, { recursive: true })).sort();
}

describe.each(RELOCATIONS)("OP-15 a graph that is %s as files", (_name, relocate) => {
  test("works at its new place while no branch has data of its own, and remembers it", async () => {
    await using dir = await makeTempDir();
    const [from, to] = [join(dir.path, "original"), join(dir.path, "elsewhere")];
    await makeGraph(from, (graph) => graph.branchCreate("review"));
    await relocate(from, to);
    const reader = await Graph.open(to, { mode: "ro" });
    expect(await persons(reader, { branch: "review" })).toEqual(["ann"]);
    await reader.close();
    await using graph = await Graph.open(to, { mode: "rw" });
    await addPerson(graph, "bob", { branch: "review" });
    expect(await persons(graph, { branch: "review" })).toEqual(["ann", "bob"]);
    expect(await persons(graph)).toEqual(["ann"]);
    await using again = await Graph.open(to, { mode: "ro" });
    expect(await persons(again, { branch: "review" })).toEqual(["ann", "bob"]);
  });

  test("is refused in both modes once a branch has written, with both roots and advice, and nothing is written", async () => {
    await using dir = await makeTempDir();
    const [from, to] = [join(dir.path, "original"), join(dir.path, "elsewhere")];
    await makeGraph(from, async (graph) => {
      await graph.branchCreate("review");
      await addPerson(graph, "bob", { branch: "review" });
    });
    await relocate(from, to);
    const before = await listFiles(to);
    for (const mode of ["ro", "rw"] as const) {
      const opened = Graph.open(to, { mode });
      await expect(opened).rejects.toMatchObject({ code: "GRAPH_RELOCATED", category: "conflict", retryable: false, details: { recorded: from, actual: to } });
      await expect(opened).rejects.toThrow(from);
      await expect(opened).rejects.toMatchObject({ hint: expect.stringMatching(/export.*load/i) as string });
    }
    expect(await listFiles(to)).toEqual(before);
  });

  test("is refused as well when only an interrupted write has forked", async () => {
    await using dir = await makeTempDir();
    const [from, to] = [join(dir.path, "original"), join(dir.path, "elsewhere")];
    await makeGraph(from, (graph) => graph.branchCreate("review"));
    await using process = await SimulatedProcess.start(from);
    const graph = await process.handle();
    process.dieAt(FAILPOINT.postTableCommit);
    await addPerson(graph, "bob", { branch: "review" }).catch(() => undefined);
    await relocate(from, to);
    for (const mode of ["ro", "rw"] as const) await expect(Graph.open(to, { mode })).rejects.toMatchObject({ code: "GRAPH_RELOCATED" });
  });
});

test("OP-15 a graph whose branches with data are deleted again may be relocated; the original goes on by itself", async () => {
  await using dir = await makeTempDir();
  const [from, to] = [join(dir.path, "original"), join(dir.path, "elsewhere")];
  await makeGraph(from, async (graph) => {
    await graph.branchCreate("review");
    await addPerson(graph, "bob", { branch: "review" });
    await graph.branchDelete("review");
  });
  await cp(from, to, { recursive: true });
  await using original = await Graph.open(from, { mode: "rw" });
  await using copy = await Graph.open(to, { mode: "rw" });
  await addPerson(original, "old");
  await addPerson(copy, "new");
  expect(await persons(original)).toEqual(["ann", "old"]);
  expect(await persons(copy)).toEqual(["ann", "new"]);
});

test("OP-15 URI-7 another spelling of the same root is no relocation", async () => {
  await using dir = await makeTempDir();
  const root = join(dir.path, "graph");
  await makeGraph(root, async (graph) => {
    await graph.branchCreate("review");
    await addPerson(graph, "bob", { branch: "review" });
  });
  for (const spelling of [`${root}/`, `file://${root}`, join(dir.path, "x", "..", "graph")]) {
    await using graph = await Graph.open(spelling, { mode: "rw" });
    expect(await persons(graph, { branch: "review" })).toEqual(["ann", "bob"]);
  }
});
