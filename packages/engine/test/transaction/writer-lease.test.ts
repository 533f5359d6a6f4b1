import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { initGraph } from "../../src/open/init-graph.js";
import { graphLayout } from "../../src/storage/layout.js";
import { openObjectStore } from "../../src/storage/open-object-store.js";
import { WriterBusyError } from "../../src/transaction/errors.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import { appendCompanies, appendPersons, DIRECT_SCHEMA, stage } from "../../test-support/writes/direct-write.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";
import { FAILPOINT } from "../../src/failpoints.js";

const MAIN = { branch: null, actorId: null } as const;
const LEASE = "__lease/writer.json";

async function makeGraph(root: string): Promise<string> {
  const uri = `${root}/graph`;
  await initGraph(uri, DIRECT_SCHEMA);
  return uri;
}

async function readLease(uri: string): Promise<Record<string, unknown> | null> {
  const text = await (await openObjectStore(uri)).readTextIfExists(`${uri}/${LEASE}`);
  return text === null ? null : (JSON.parse(text) as Record<string, unknown>);
}

function add(process: SimulatedProcess, name: string): Promise<unknown> {
  return process.writer.write(MAIN, stage("Mutation", appendCompanies(name)));
}

describe("the writer lease", () => {
  test("LE-1 LE-4 it names its owner while kept warm, and is gone after close", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    {
      await using process = await SimulatedProcess.start(uri);
      expect(await readLease(uri)).toBeNull();
      await add(process, "a");
      expect(await readLease(uri)).toMatchObject({ host: "test-host", pid: process.pid, epoch: 1 });
    }
    expect(await readLease(uri)).toBeNull();
  });

  test("WR-7 LE-4 who gives up waiting for it does so at once, whoever waits with it", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using holder = await SimulatedProcess.start(uri);
    await using other = await SimulatedProcess.start(uri);
    const hold = await holder.graph.writing?.coordination.lease.acquire();
    const controller = new AbortController();
    const patient = add(other, "a");
    const impatient = other.writer.write({ ...MAIN, signal: controller.signal }, stage("Mutation", appendCompanies("b")));
    setTimeout(() => controller.abort(), 50);
    const first = await Promise.race([impatient.catch((error: unknown) => (error as { code: string }).code), patient, new Promise((resolve) => setTimeout(resolve, 3_000, "nobody"))]);
    expect(first).toBe("CANCELLED");
    hold?.release();
    await patient;
    expect((await readGraph(other.graph))["node:Company"]).toHaveLength(1);
  });

  test("LE-4 an idle process gives it back by itself", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using process = await SimulatedProcess.start(uri, { lease: { idleMs: 50 } });
    await add(process, "a");
    await expect.poll(() => readLease(uri), { timeout: 5_000 }).toBeNull();
    await add(process, "b");
  });

  test("LE-4 OCC-8 Q-8 a second process waits for a warm lease and then succeeds, long before its idle time is over", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using first = await SimulatedProcess.start(uri, { lease: { idleMs: 60_000, termMs: 120_000 } });
    await using second = await SimulatedProcess.start(uri);
    await add(first, "a");
    const started = performance.now();
    await add(second, "b");
    expect(performance.now() - started).toBeLessThan(10_000);
    await add(first, "c");
    expect((await readGraph(first.graph))["node:Company"]).toHaveLength(3);
    await expectAtRest(first.graph);
  });

  test("OCC-8 two processes that never stop writing both get their turns", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using first = await SimulatedProcess.start(uri);
    await using second = await SimulatedProcess.start(uri);
    const work = async (process: SimulatedProcess, prefix: string): Promise<void> => {
      for (let index = 0; index < 10; index++) await add(process, `${prefix}${index}`);
    };
    await Promise.all([work(first, "a"), work(first, "b"), work(second, "c"), work(second, "d")]);
    expect((await readGraph(first.graph))["node:Company"]).toHaveLength(40);
    await expectAtRest(first.graph);
  });

  test("LE-6 LE-9 FM-26 held for longer than the bounded wait: WriterBusy, storage unchanged, its sidecar untouched", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using holder = await SimulatedProcess.start(uri);
    await using other = await SimulatedProcess.start(uri, { writerWaitMs: 120 });
    let resume: () => void = () => undefined;
    const parked = new Promise<void>((resolve) => {
      holder.failpoints.arm(FAILPOINT.postTableCommit, () => {
        resolve();
        return new Promise<void>((release) => (resume = release));
      });
    });
    const slow = add(holder, "slow");
    await parked;
    const { objects, layout } = other.graph.access;
    const sidecars = await objects.listDir(layout.recoveryDirectory);
    expect(sidecars).toHaveLength(1);
    const busy = add(other, "b");
    await expect(busy).rejects.toBeInstanceOf(WriterBusyError);
    await expect(busy).rejects.toMatchObject({ retryable: true, httpStatus: 503, effects: "none" });
    expect(await objects.listDir(layout.recoveryDirectory)).toEqual(sidecars);
    resume();
    await slow;
    holder.failpoints.disarm(FAILPOINT.postTableCommit);
    await expectAtRest(holder.graph);
  });

  test("LE-7 FM-24 the lease of a dead process on this host is taken over at once, with a higher epoch, recovery first", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using survivor = await SimulatedProcess.start(uri);
    {
      await using victim = await SimulatedProcess.start(uri);
      victim.dieAt(FAILPOINT.postFinalizePrePublisher);
      await expect(add(victim, "a")).rejects.toThrow();
    }
    expect(await readLease(uri)).not.toBeNull();
    await add(survivor, "b");
    expect(await readLease(uri)).toMatchObject({ epoch: 2, pid: survivor.pid });
    expect((await readGraph(survivor.graph))["node:Company"]).toHaveLength(2);
    await expectAtRest(survivor.graph);
  });

  test("LE-7 every takeover is followed by a full recovery, also after several writers did the previous one together", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using survivor = await SimulatedProcess.start(uri);
    for (const round of ["1", "2"]) {
      {
        await using victim = await SimulatedProcess.start(uri);
        victim.dieAt(FAILPOINT.postTableCommit);
        const twoTypes = stage("Load", appendCompanies(`lost${round}`), appendPersons({ name: `lost${round}`, age: null }));
        await expect(victim.writer.write(MAIN, twoTypes)).rejects.toThrow();
      }
      await Promise.all(["a", "b", "c"].map((name) => add(survivor, `${name}${round}`)));
    }
    const content = await readGraph(survivor.graph);
    expect(content["node:Company"]).toHaveLength(6);
    expect(content["node:Person"]).toEqual([]);
    await expectAtRest(survivor.graph);
  });

  test("LE-7 the lease of a process elsewhere is taken over after its term", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const objects = await openObjectStore(uri);
    const now = Date.now();
    const foreign = { owner: "x", host: "elsewhere", pid: 1, epoch: 7, acquired_at: now - 1_000, expires_at: now + 300 };
    await objects.writeText(graphLayout(uri).writerLease, JSON.stringify(foreign));
    await using process = await SimulatedProcess.start(uri);
    await add(process, "a");
    expect(await readLease(uri)).toMatchObject({ epoch: 8 });
    expect(Date.now()).toBeGreaterThanOrEqual(now + 300);
  });

  test.each(["", "{", "[]", '{"owner":1}'])("a damaged lease object %j is taken over", async (text) => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await (await openObjectStore(uri)).writeText(graphLayout(uri).writerLease, text);
    await using process = await SimulatedProcess.start(uri);
    await add(process, "a");
    await expectAtRest(process.graph);
  });

  test("a claim left by a takeover that died does not block the next one", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const objects = await openObjectStore(uri);
    await objects.writeText(graphLayout(uri).writerLease, "{");
    await objects.writeText(graphLayout(uri).writerLeaseTakeover, JSON.stringify({ expires_at: Date.now() - 1 }));
    await using process = await SimulatedProcess.start(uri);
    await add(process, "a");
  });

  test("LE-3 FM-25 an owner paused beyond its term starts no further effect once another took over", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using sleeper = await SimulatedProcess.start(uri, { lease: { termMs: 150, renewalMs: 60_000 } });
    await using other = await SimulatedProcess.start(uri);
    let resume: () => void = () => undefined;
    const parked = new Promise<void>((resolve) => {
      sleeper.failpoints.arm(FAILPOINT.postSidecarPreFork, () => {
        resolve();
        return new Promise<void>((release) => (resume = release));
      });
    });
    const paused = add(sleeper, "paused");
    await parked;
    await add(other, "b");
    resume();
    await expect(paused).rejects.toMatchObject({ code: "WRITER_BUSY", effects: "none" });
    expect((await readGraph(other.graph))["node:Company"]).toEqual([["b", "b"]]);
    await expectAtRest(other.graph);
  });

  test("LE-7 a takeover that dies half-way delays the next one by at most its term", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await (await openObjectStore(uri)).writeText(graphLayout(uri).writerLease, "{");
    {
      await using victim = await SimulatedProcess.start(uri, { lease: { termMs: 300 } });
      victim.dieAt(FAILPOINT.leaseTakeoverPreRecovery);
      await expect(add(victim, "a")).rejects.toThrow();
    }
    await using survivor = await SimulatedProcess.start(uri);
    const started = performance.now();
    await add(survivor, "b");
    expect(performance.now() - started).toBeLessThan(5_000);
    expect((await readGraph(survivor.graph))["node:Company"]).toEqual([["b", "b"]]);
  });

  test("LE-3 a holder that cannot renew stops before its next effect; nothing has happened", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using process = await SimulatedProcess.start(uri, { lease: { termMs: 100, renewalMs: 20 } });
    process.failpoints.arm(FAILPOINT.leaseRenew, () => {
      throw new Error("store down");
    });
    process.failpoints.arm(FAILPOINT.postForkPreCommit, () => new Promise((resolve) => setTimeout(resolve, 200)));
    await expect(add(process, "a")).rejects.toThrow("store down");
    process.failpoints.disarm(FAILPOINT.leaseRenew);
    process.failpoints.disarm(FAILPOINT.postForkPreCommit);
    await expectAtRest(process.graph);
    await add(process, "b");
    expect((await readGraph(process.graph))["node:Company"]).toEqual([["b", "b"]]);
  });

  test("LE-6 WR-7 a cancelled waiter does not cancel the others that wait with it", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const objects = await openObjectStore(uri);
    const now = Date.now();
    const foreign = { owner: "x", host: "elsewhere", pid: 1, epoch: 1, acquired_at: now, expires_at: now + 500 };
    await objects.writeText(graphLayout(uri).writerLease, JSON.stringify(foreign));
    await using process = await SimulatedProcess.start(uri);
    const abort = new AbortController();
    const cancelled = process.writer.write({ ...MAIN, signal: abort.signal }, stage("Mutation", appendCompanies("a")));
    const patient = add(process, "b");
    setTimeout(() => abort.abort(), 100);
    await expect(cancelled).rejects.toMatchObject({ code: "CANCELLED" });
    await patient;
    expect((await readGraph(process.graph))["node:Company"]).toEqual([["b", "b"]]);
  });
});
