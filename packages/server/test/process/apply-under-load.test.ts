/** `cluster apply` of another process while the executable serves the graph that it migrates, under writes. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { applyCluster, type ClusterEnvironment, importCluster } from "@omnigraphdb/cluster";
import { declareCluster } from "@omnigraphdb/cluster/test-support";
import { Failpoints, randomIds, systemClock } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { spawnTestServer } from "../../test-support/index.js";
import { ask } from "../boot/fixtures.js";
import { WriteLedger } from "./write-load.js";

const ROUNDS = Number(process.env["OMNIGRAPH_APPLY_ROUNDS"] ?? 1);
const CLIENTS = 3;
/** Acknowledged writes before each apply, and after it. */
const WRITES = 6;
const PAUSE_MS = 20;
const ADD = "query add($note: String) { insert Event { note: $note } }";

const environment: ClusterEnvironment = { clock: systemClock, ids: randomIds, processId: process.pid, failpoints: new Failpoints(), durability: "process" };

/** Each round adds a property, and a query that needs it. */
function declared(round: number): Parameters<typeof declareCluster>[1] {
  const added = Array.from({ length: round }, (_, at) => `p${at}`);
  return {
    graphs: {
      events: {
        schema: `node Event { note: String ${added.map((name) => `${name}: I32? `).join("")}}\n`,
        queries: Object.fromEntries(added.map((name) => [`with_${name}`, `query with_${name}() { match { $e: Event } return { $e.${name} } }\n`])),
      },
    },
  };
}

test("cluster.md §14 a schema update and a reload under writes: no acknowledged write is lost, nothing is answered with 500", { timeout: 60_000 + ROUNDS * 30_000 }, async () => {
  await using directory = await makeTempDir();
  const root = join(directory.path, "root");
  const options = { configDirectory: join(directory.path, "config"), environment };
  const apply = async (round: number): Promise<void> => {
    await declareCluster(options.configDirectory, declared(round), root);
    expect(await applyCluster(options)).toMatchObject({ isOk: true, isConverged: true, isStateWritten: true, diagnostics: [] });
  };
  await declareCluster(options.configDirectory, declared(0), root);
  expect(await importCluster(options)).toMatchObject({ isOk: true });
  await apply(0);

  await using server = await spawnTestServer({ cluster: root, args: ["--unauthenticated"] });
  const url = `${server.url}/graphs/events`;
  const ledger = new WriteLedger();
  const refusals = new Map<string, number>();
  let isOver = false;
  const write = async (client: number): Promise<void> => {
    for (let count = 0; !isOver; count++) {
      const note = `c${client}-${count}`;
      const acknowledge = ledger.begin("mutation", [note]);
      const { status, body } = await ask(url, "/mutate", { body: { query: ADD, params: { note } } });
      if (status === 200) acknowledge(body["commit"]);
      else refusals.set(`${status} ${String(body["error_code"])}`, (refusals.get(`${status} ${String(body["error_code"])}`) ?? 0) + 1);
      await delay(PAUSE_MS);
    }
  };
  const moreWrites = async (): Promise<void> => {
    const target = ledger.acknowledgedCount + WRITES;
    await expect.poll(() => ledger.acknowledgedCount >= target, { timeout: 20_000 }).toBe(true);
  };
  const clients = Array.from({ length: CLIENTS }, (_, client) => write(client));
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      await moreWrites();
      await apply(round);
      // Between the apply and the reload the graph has another schema than the server was started with.
      await moreWrites();
      process.kill(server.process.pid, "SIGHUP");
      const stored = `/queries/with_p${round - 1}`;
      await expect.poll(async () => (await ask(url, stored, { body: {} })).status, { timeout: 20_000 }).toBe(200);
      await moreWrites();
    }
  } finally {
    isOver = true;
    await Promise.all(clients);
  }
  expect(await ledger.problems(url)).toEqual([]);
  expect([...refusals].filter(([refusal]) => refusal.startsWith("5"))).toEqual([]);
  if (ROUNDS > 2) console.log(ledger.acknowledgedCounts, Object.fromEntries(refusals));
});
