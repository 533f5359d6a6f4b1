import { must } from "@omnigraphdb/common";
import { expect, test } from "vitest";
import type { BaselineHandshake } from "../../src/changes/baseline.js";
import { Graph } from "../../src/graph.js";
import { addRecords, applyChange, type Content, readContent } from "./content.js";
import { ChangingGraph } from "./changes-fixture.js";
import { SHELVES, Workload } from "./workload.js";

const STEPS = 16;

/** A consumer on a handle of its own: a baseline, then polls, until the writer is done and nothing is left. */
async function consume(path: string, isDone: () => boolean): Promise<{ readonly content: Content; readonly commits: readonly string[] }> {
  await using graph = await Graph.open(path, { mode: "ro" });
  const content: Content = new Map();
  let handshake: BaselineHandshake | undefined;
  for await (const chunk of graph.changesBaseline()) {
    if (chunk.kind === "records") addRecords(content, chunk.bytes);
    else handshake = chunk.handshake;
  }
  const { snapshotCommitId, resumeCursor } = must(handshake, "CH-61 the handshake is last");
  const commits = [snapshotCommitId];
  let cursor = resumeCursor;
  for (let isLast = false; !isLast; ) {
    const wasDone = isDone();
    let page = await graph.changes({ cursor, limit: 3, commitLimit: 4 });
    for (;;) {
      for (const { cause, changes } of page.blocks) {
        for (const change of changes) applyChange(content, change);
        if (commits.at(-1) !== cause.graphCommitId) commits.push(cause.graphCommitId);
      }
      if (page.nextPageToken === undefined) break;
      page = await graph.changes({ pageToken: page.nextPageToken, limit: 3 });
    }
    cursor = must(page.cursor, "CH-43 a cursor ends the poll");
    isLast = wasDone && page.caughtUp === true;
  }
  return { content, commits };
}

test.each([11])("CH-40 CH-44 CH-60 CH-62 baseline and feed show the final head, whatever happens meanwhile (seed %i)", async (seed) => {
  await using target = await ChangingGraph.create(SHELVES);
  const workload = new Workload(target, seed);
  for (let i = 0; i < 4; i++) await workload.step();
  let isDone = false;
  const consumers = [consume(target.path, () => isDone)];
  for (let i = 0; i < STEPS; i++) {
    await workload.step();
    if (i === STEPS / 2) consumers.push(consume(target.path, () => isDone));
  }
  isDone = true;
  const expected = await readContent(target.graph, {});
  const history = (await target.graph.listCommits()).map(({ graphCommitId }) => graphCommitId).reverse();
  for (const { content, commits } of await Promise.all(consumers)) {
    expect(content).toEqual(expected);
    expect(commits, "no commit twice, none left out").toEqual(history.slice(history.indexOf(must(commits[0], "a baseline"))));
  }
});

test("CH-60 CH-63 kinds and types choose the records of a baseline, operations only those of its feed", async () => {
  await using target = await ChangingGraph.create(SHELVES);
  await target.load([{ type: "Shelf", data: { name: "s1", room: 1 } }, { type: "Item", data: { code: "i1" } }, { edge: "On", from: "i1", to: "s1", data: { id: "e1" } }]);
  const read = async (filter: Parameters<Graph["changesBaseline"]>[0]): Promise<readonly string[]> => {
    const content: Content = new Map();
    for await (const chunk of target.graph.changesBaseline(filter)) if (chunk.kind === "records") addRecords(content, chunk.bytes);
    return [...content.keys()];
  };
  expect(await read({})).toEqual(["edge On e1", "node Item i1", "node Shelf s1"]);
  expect(await read({ kinds: ["node"], ops: ["delete"] })).toEqual(["node Item i1", "node Shelf s1"]);
  expect(await read({ types: ["Shelf", "Nobody"] })).toEqual(["node Shelf s1"]);
  let cursor = "";
  for await (const chunk of target.graph.changesBaseline({ ops: ["delete"] })) if (chunk.kind === "baseline") cursor = chunk.handshake.resumeCursor;
  await target.mutate(`update Shelf set { room: 2 } where name = "s1"`);
  await target.mutate(`delete Item where code = "i1"`);
  const { blocks } = await target.poll({ cursor, ops: ["delete"] });
  expect(blocks.map(({ changes }) => changes.map(({ id }) => id))).toEqual([[], ["i1", "e1"]]);
});

test("CH-64 a cleanup while a baseline is being read leaves it what it captured", async () => {
  await using target = await ChangingGraph.create(SHELVES);
  const names = Array.from({ length: 40 }, (_, index) => `${index}-`.padEnd(4_000, "x"));
  await target.load([...names.map((name) => ({ type: "Shelf", data: { name, room: 1 } })), ...names.map((code) => ({ type: "Item", data: { code } }))]);
  const baseline = target.graph.changesBaseline();
  const content: Content = new Map();
  const first = await baseline.next();
  if (first.done !== true && first.value.kind === "records") addRecords(content, first.value.bytes);
  expect(content.size).toBeLessThan(names.length);
  await target.load([{ type: "Shelf", data: { name: "later", room: 2 } }], "overwrite");
  await target.load([{ type: "Item", data: { code: "later" } }], "overwrite");
  await target.graph.cleanup({ keepVersions: 1 });
  for await (const chunk of baseline) if (chunk.kind === "records") addRecords(content, chunk.bytes);
  expect(content.size).toBe(2 * names.length);
});
