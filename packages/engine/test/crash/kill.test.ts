import { join } from "node:path";
import { bundleScript, makeTempDir, type RunningProcess, startProcess } from "@omnigraphdb/testkit";
import { beforeAll, expect, test } from "vitest";
import { initGraph } from "../../src/open/init-graph.js";
import { openGraph } from "../../src/open/open-graph.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import { DIRECT_SCHEMA } from "../../test-support/writes/direct-write.js";

/** Kills per run; `scripts/soak-kill.mjs` raises it. */
const KILL_COUNT = Number(process.env["OMNIGRAPH_SOAK_KILLS"] ?? "6");
const SEED = Number(process.env["OMNIGRAPH_SOAK_SEED"] ?? "1");
const PACKAGE_DIRECTORY = join(import.meta.dirname, "../..");

let script: string;

beforeAll(async () => {
  script = await bundleScript(join(import.meta.dirname, "scripts/write-until-killed.ts"), PACKAGE_DIRECTORY);
}, 120_000);

/** A small linear congruential generator: the moments of the kills repeat with the seed. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function acknowledged(output: string): readonly string[] {
  return [...output.matchAll(/^ack (.*)$/gm)].map(([, id]) => id ?? "");
}

async function start(root: string, prefix: string, lease: "on" | "off"): Promise<RunningProcess> {
  const running = startProcess(script, { args: [root, prefix, lease] });
  await running.waitForOutput("ready");
  return running;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** G-1 … G-7 after reopening: every load whole or absent, every acknowledged one present, a gapless linear history. */
async function expectSound(root: string, acks: readonly string[]): Promise<void> {
  const graph = await openGraph(root, { mode: "rw" });
  try {
    await expectAtRest(graph);
    const state = (await readGraph(graph)) as Record<string, [string, unknown][]>;
    const [persons, companies, edges] = ["node:Person", "node:Company", "edge:WorksAt"].map(
      (typeKey) => new Set((state[typeKey] ?? []).map(([id]) => id).filter((id) => !id.endsWith("-extra"))),
    );
    expect(companies).toEqual(persons);
    expect(edges).toEqual(persons);
    expect(acks.filter((id) => !persons?.has(id))).toEqual([]);
  } finally {
    await graph.resources.dispose();
  }
}

test("FM-22 a writer killed at random moments loses nothing acknowledged and leaves nothing half-done", { timeout: 60_000 + KILL_COUNT * 10_000 }, async () => {
  await using dir = await makeTempDir();
  const root = join(dir.path, "graph");
  await initGraph(root, DIRECT_SCHEMA);
  const random = randomNumbers(SEED);
  const acks: string[] = [];
  for (let kill = 0; kill < KILL_COUNT; kill++) {
    await using running = await start(root, `k${kill}`, "on");
    await running.waitForOutput(`ack k${kill}-0`);
    await sleep(random() * 300);
    const { stdout, stderr } = await running.kill();
    expect(stderr, `seed ${SEED}`).toBe("");
    acks.push(...acknowledged(stdout));
  }
  expect(acks.length).toBeGreaterThanOrEqual(KILL_COUNT);
  await expectSound(root, acks);
});

test.each(["on", "off"] as const)("FM-23 LE-8 writer processes killed at random, lease %s", { timeout: 120_000 + KILL_COUNT * 10_000 }, async (lease) => {
  await using dir = await makeTempDir();
  const root = join(dir.path, "graph");
  await initGraph(root, DIRECT_SCHEMA);
  const random = randomNumbers(SEED + 1);
  const acks: string[] = [];
  for (let kill = 0; kill < Math.ceil(KILL_COUNT / 3); kill++) {
    const running = await Promise.all([0, 1].map((index) => start(root, `p${index}-${kill}`, lease)));
    await sleep(500 + random() * 700);
    for (const process of running) {
      acks.push(...acknowledged((await process.kill()).stdout));
      await sleep(random() * 200);
    }
  }
  expect(acks.length).toBeGreaterThan(0);
  await expectSound(root, acks);
});

test("FM-24 OCC-8 two processes write at the same time, and both finish what they acknowledge", { timeout: 60_000 }, async () => {
  await using dir = await makeTempDir();
  const root = join(dir.path, "graph");
  await initGraph(root, DIRECT_SCHEMA);
  const running = await Promise.all(["a", "b"].map((prefix) => start(root, prefix, "on")));
  await Promise.all(running.map((process, index) => process.waitForOutput(`ack ${index === 0 ? "a" : "b"}-3`)));
  const acks: string[] = [];
  for (const process of running) acks.push(...acknowledged((await process.kill()).stdout));
  await expectSound(root, acks);
});
