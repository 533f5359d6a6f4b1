import { isOmniError } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { openGraph } from "../../src/open/open-graph.js";
import { findTornNames, readBranch } from "../../test-support/workload/branch-content.js";
import { randomNumbers } from "../../test-support/workload/random-numbers.js";
import { RETRIED_CODES } from "../../test-support/workload/worker-task.js";
import { expectAtRest } from "../../test-support/writes/check-graph.js";
import { DIRECT_SCHEMA } from "../../test-support/writes/direct-write.js";

const TASK_COUNT = 64;
const WORK_MS = 4_000;
/** From the last start of an operation to the end of all: waiting is bounded by the work of those in front. */
const DRAIN_MS_MAX = 40_000;
const BRANCHES = ["main", "b1", "b2", "b3"];
/** What a loser of a race may hear; two tasks may also want the same short-lived branch. */
const EXPECTED_CODES = [...RETRIED_CODES, "RECOVERY_REQUIRED", "BRANCH_EXISTS", "BRANCH_IN_USE", "MERGE_CONFLICTS"];

test("G-18 Q-5 64 mixed writers on 4 branches, with two handles, end in bounded time", { timeout: 120_000 }, async () => {
  await using dir = await makeTempDir();
  const uri = `${dir.path}/graph`;
  const settings = { durability: "process" } as const;
  await using one = await Graph.init(uri, DIRECT_SCHEMA, { settings });
  await using two = await Graph.open(uri, { mode: "rw", settings });
  for (const branch of BRANCHES.slice(1)) await one.branchCreate(branch);
  const random = randomNumbers(1);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

  const operations: readonly ((graph: Graph, name: string, branch: string) => Promise<unknown>)[] = [
    (graph, name, branch) => load(graph, name, branch),
    (graph, name, branch) => load(graph, name, branch),
    (graph, name, branch) => graph.mutate("query m($n: String) { update Person set { age: 1 } where name = $n }", { params: { n: name }, branch }),
    (graph, _name, branch) => (branch === "main" ? graph.branchMerge("b1") : graph.branchMerge("main", branch)),
    (graph, _name, branch) => graph.ensureIndices(branch),
    (graph, _name, branch) => graph.optimize({ branch }),
    async (graph, name, branch) => {
      await graph.branchCreateFrom(branch, `tmp-${name}`);
      await graph.branchDelete(`tmp-${name}`);
    },
  ];

  const end = performance.now() + WORK_MS;
  let doneCount = 0;
  const work = async (task: number): Promise<void> => {
    for (let number = 0; performance.now() < end; number++) {
      try {
        await pick(operations)(task % 2 === 0 ? one : two, `t${task}-${number}`, pick(BRANCHES));
        doneCount++;
      } catch (error) {
        if (!isOmniError(error)) throw error;
        expect(EXPECTED_CODES, error.stack ?? "").toContain(error.code);
      }
    }
  };
  await Promise.all(Array.from({ length: TASK_COUNT }, (_, task) => work(task)));
  expect(performance.now() - end).toBeLessThan(DRAIN_MS_MAX);
  expect(doneCount).toBeGreaterThan(0);
  for (const branch of BRANCHES) expect(findTornNames(await readBranch(one, { branch }))).toEqual([]);
  await one.close();
  await two.close();
  const stranger = await openGraph(uri, { mode: "rw" });
  await expectAtRest(stranger);
  await stranger.resources.dispose();
});

function load(graph: Graph, name: string, branch: string): Promise<unknown> {
  const records = [
    { type: "Person", data: { name, age: 0 } },
    { type: "Company", data: { name } },
    { edge: "WorksAt", from: name, to: name, data: { id: name } },
  ];
  return graph.load(records.map((record) => JSON.stringify(record)).join("\n"), { mode: "merge", branch });
}
