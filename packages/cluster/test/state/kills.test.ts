import { join } from "node:path";
import { type RunningProcess, bundleScript, startProcess } from "@omnigraphdb/testkit";
import { beforeAll, expect, test } from "vitest";
import { isLedgerRead, readLedger } from "../../src/ledger/read-ledger.js";
import { readLock } from "../../src/lock/cluster-lock.js";
import { makeState, type StateFixture } from "../../test-support/state-fixture.js";

const KILLS = 10;
let script: string;

beforeAll(async () => {
  // The engine, which it drags in, is what has native dependencies.
  script = await bundleScript(join(import.meta.dirname, "scripts/write-ledgers.ts"), join(import.meta.dirname, "../../../engine"));
}, 60_000);

function acknowledged({ stdout }: RunningProcess): readonly string[] {
  return [...stdout.matchAll(/^(\S+) acknowledged$/gm)].map(([, note]) => note ?? "");
}

async function entries({ store }: StateFixture): Promise<readonly string[]> {
  const read = await readLedger(store);
  if (read !== undefined && !isLedgerRead(read)) throw new Error(`a torn ledger: ${read.text}`);
  if (read !== undefined) expect(read.ledger.stateRevision).toBe(read.ledger.resources.size);
  return [...(read?.ledger.resources.keys() ?? [])];
}

test("cluster.md 6.5 7.4 a killed writer leaves the old ledger or the new one, and its lock", async () => {
  await using state = await makeState("local");
  const expected = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    await using writer = startProcess(script, { args: [state.location.storageRoot, `w${kill}`] });
    await writer.waitForOutput(`w${kill}-${kill % 3} began`);
    await new Promise((resolve) => setTimeout(resolve, (kill * 7) % 13));
    await writer.kill();
    for (const note of acknowledged(writer)) expected.add(note);
    const found = await readLock(state.store);
    if (found.kind === "held") {
      expect(found.lock.pid).toBe(writer.pid);
      await state.store.objects.delete(state.store.layout.lock);
    } else expect(found.kind).toBe("free");
    expect(await entries(state)).toEqual(expect.arrayContaining([...expected]));
  }
}, 60_000);

test("cluster.md 7.2 4.4 two processes at once lose nothing, and leave no lock when they are told to stop", async () => {
  await using state = await makeState("local");
  await using first = startProcess(script, { args: [state.location.storageRoot, "a"] });
  await using second = startProcess(script, { args: [state.location.storageRoot, "b"] });
  await Promise.all([first.waitForOutput("acknowledged"), second.waitForOutput("acknowledged")]);
  const outcomes = await Promise.all([first.kill("SIGTERM"), second.kill("SIGTERM")]);
  expect(outcomes.map(({ exitCode, stdout }) => [exitCode, stdout.endsWith("stopped\n")])).toEqual([
    [0, true],
    [0, true],
  ]);
  expect([...(await entries(state))].sort()).toEqual([...acknowledged(first), ...acknowledged(second)].sort());
  expect(await state.clusterFiles()).toEqual(["state.json"]);
}, 60_000);
