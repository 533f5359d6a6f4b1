/** What survives a kill of the executable under writes of every kind. `scripts/soak-server-kill.mjs` runs it for as long as wanted. */
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { spawnTestServer } from "../../test-support/index.js";
import { EVENT_SCHEMA, WriteLedger, writeUntilGone } from "./write-load.js";

const KILLS = Number(process.env["OMNIGRAPH_KILL_ROUNDS"] ?? 3);
/** Later kills meet a new graph: what is tested is the kill, not a long history. */
const KILLS_PER_GRAPH = 10;

test("after kill -9 every acknowledged write is there exactly once, no write in part, and every commit of a receipt", { timeout: 20_000 + KILLS * 20_000 }, async () => {
  const totals = { mutation: 0, load: 0, merge: 0 };
  for (let first = 0; first < KILLS; first += KILLS_PER_GRAPH) {
    await using directory = await makeTempDir();
    await writeAppliedCluster(directory.path, { graphs: { events: { schema: EVENT_SCHEMA } } });
    const start = async (): Promise<{ url: string; kill(): Promise<unknown>; [Symbol.asyncDispose](): PromiseLike<void> }> => {
      const server = await spawnTestServer({ cluster: directory.path, args: ["--unauthenticated"] });
      return { url: `${server.url}/graphs/events`, kill: () => server.process.kill("SIGKILL"), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
    };
    const ledger = new WriteLedger();
    for (let round = first; round < Math.min(first + KILLS_PER_GRAPH, KILLS); round++) {
      await using server = await start();
      const target = ledger.acknowledgedCount + 6;
      const written = writeUntilGone(server.url, ledger, `r${round}`);
      await expect.poll(() => ledger.acknowledgedCount > target && ledger.acknowledgedCounts.merge > 0, { timeout: 15_000 }).toBe(true);
      // Not always at the same place of a write.
      await new Promise((resolve) => setTimeout(resolve, (round * 37) % 150));
      await server.kill();
      await written;
    }
    await using last = await start();
    expect(await ledger.problems(last.url)).toEqual([]);
    for (const [operation, count] of Object.entries(ledger.acknowledgedCounts)) totals[operation as keyof typeof totals] += count;
  }
  if (KILLS > 3) console.log("acknowledged", totals);
  expect(Math.min(...Object.values(totals)), JSON.stringify(totals)).toBeGreaterThan(0);
});
