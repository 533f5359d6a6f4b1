import { must } from "@omnigraphdb/common";
import { StorageError } from "@omnigraphdb/engine";
import { FaultyObjectStore } from "@omnigraphdb/engine/test-support";
import type { S3Fault } from "@omnigraphdb/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostics } from "../../src/diagnostics/cluster-diagnostic.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { isLedgerRead, type LedgerRead, readLedger } from "../../src/ledger/read-ledger.js";
import { writeLedger } from "../../src/ledger/write-ledger.js";
import { withClusterLock } from "../../src/lock/with-cluster-lock.js";
import type { ClusterStore } from "../../src/storage/cluster-store.js";
import { BACKENDS, makeState, smallLedger } from "../../test-support/state-fixture.js";

async function stored(store: ClusterStore): Promise<LedgerRead> {
  const read = await readLedger(store);
  if (!isLedgerRead(read)) throw new Error(`no ledger: ${JSON.stringify(read)}`);
  return read;
}

/** A ledger that says what was done to it, so that every update can be looked for. */
function noting(base: Ledger | undefined, note: string): Ledger {
  const from = base ?? smallLedger({ stateRevision: 0 });
  return { ...from, stateRevision: from.stateRevision + 1, resources: new Map([...from.resources, [note, { digest: note }]]) };
}

describe.each(BACKENDS)("cluster.md 6.5 the ledger is compared, then replaced, on %s", (backend) => {
  test("the first one is created, and leaves no probe", async () => {
    await using state = await makeState(backend);
    expect(await writeLedger(state.store, undefined, smallLedger())).toBeUndefined();
    expect(await state.clusterFiles()).toEqual(["state.json"]);
    expect(await state.store.objects.listDir(state.store.layout.root)).toEqual([]);
  });

  test("a first one where there already is one is state_cas_mismatch", async () => {
    await using state = await makeState(backend);
    await writeLedger(state.store, undefined, smallLedger());
    expect(await writeLedger(state.store, undefined, smallLedger({ configDigest: "x" }))).toMatchObject({ code: "state_cas_mismatch", severity: "error" });
    expect((await stored(state.store)).ledger.configDigest).toBeNull();
  });

  test("the one it began with is replaced", async () => {
    await using state = await makeState(backend);
    await writeLedger(state.store, undefined, smallLedger());
    const base = await stored(state.store);
    expect(await writeLedger(state.store, base, noting(base.ledger, "a"))).toBeUndefined();
    expect((await stored(state.store)).ledger.stateRevision).toBe(2);
  });

  test.each<[string, (store: ClusterStore, base: LedgerRead) => Promise<unknown>]>([
    ["was written by somebody else", (store, base) => writeLedger(store, base, noting(base.ledger, "other"))],
    ["was edited, with the same meaning", (store, base) => store.objects.writeText(store.layout.ledger, `${base.text}\n`)],
    ["is gone", (store) => store.objects.delete(store.layout.ledger)],
  ])("one that meanwhile %s is state_cas_mismatch, and stays as it is", async (_, change) => {
    await using state = await makeState(backend);
    await writeLedger(state.store, undefined, smallLedger());
    const base = await stored(state.store);
    await change(state.store, base);
    const before = await state.store.objects.readTextIfExists(state.store.layout.ledger);
    expect(await writeLedger(state.store, base, noting(base.ledger, "mine"))).toMatchObject({ code: "state_cas_mismatch" });
    expect(await state.store.objects.readTextIfExists(state.store.layout.ledger)).toBe(before);
  });

  test("two writers under one lock, in any order, never lose an update", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom("a", "b"), { maxLength: 6 }), async (order) => {
        await using state = await makeState(backend);
        const attempts = order.map((writer, index) =>
          withClusterLock(state.location, "apply", state.environment, new Diagnostics(), async ({ store }) => {
            const read = await readLedger(store);
            const base = isLedgerRead(read) ? read : undefined;
            const note = `${writer}${index}`;
            return (await writeLedger(store, base, noting(base?.ledger, note))) === undefined ? note : undefined;
          }),
        );
        const notes = (await Promise.all(attempts)).filter((note) => note !== undefined);
        if (order.length === 0) return;
        const { ledger } = await stored(state.store);
        expect([...ledger.resources.keys()].sort()).toEqual(notes.sort());
        expect(ledger.stateRevision).toBe(notes.length);
      }),
      { numRuns: backend === "local" ? 15 : 5 },
    );
  });
});

test("cluster.md 4.1 on S3 writers without any lock never lose an update, whatever the network does to their answers", async () => {
  const fault = fc.constantFrom<S3Fault | undefined>(undefined, undefined, undefined, { kind: "dropReply" }, { kind: "reset" }, { kind: "fail", status: 503 });
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 12 }), fc.integer({ min: 2, max: 3 }), async (faults, writerCount) => {
      await using state = await makeState("S3");
      await writeLedger(state.store, undefined, smallLedger({ stateRevision: 0 }));
      const pending = [...faults];
      state.server?.injectFaults(({ method }) => (method === "PUT" ? pending.shift() : undefined));
      const write = async (writer: number): Promise<{ readonly note: string; readonly code: string | undefined }[]> => {
        const outcomes = [];
        for (let round = 0; round < 2; round++) {
          const base = await stored(state.store);
          const note = `${writer}.${round}`;
          outcomes.push({ note, code: (await writeLedger(state.store, base, noting(base.ledger, note)))?.code });
        }
        return outcomes;
      };
      const outcomes = (await Promise.all(Array.from({ length: writerCount }, (_, writer) => write(writer)))).flat();
      const { ledger } = await stored(state.store);
      expect(ledger.stateRevision).toBe(ledger.resources.size);
      for (const { note, code } of outcomes) {
        if (code === undefined) expect(ledger.resources.has(note), `${note} was acknowledged`).toBe(true);
        if (code === "state_cas_mismatch") expect(ledger.resources.has(note), `${note} was refused`).toBe(false);
      }
    }),
    { numRuns: 12 },
  );
}, 30_000);

describe("writing the ledger on failing storage", () => {
  test("4.2 state_write_error: the ledger that is there cannot be read", async () => {
    await using state = await makeState("local");
    await writeLedger(state.store, undefined, smallLedger());
    const base = await stored(state.store);
    const objects = new FaultyObjectStore(state.store.objects, ({ operation }) => (operation === "readVersioned" ? { kind: "error", error: new StorageError("Permanent", "EACCES") } : undefined));
    expect(await writeLedger({ ...state.store, objects }, base, noting(base.ledger, "a"))).toMatchObject({ code: "state_write_error" });
  });

  test("state_write_error says when the ledger may have been written", async () => {
    await using state = await makeState("S3");
    await writeLedger(state.store, undefined, smallLedger());
    const base = await stored(state.store);
    state.server?.injectFaults(({ method }) => (method === "PUT" ? { kind: "reset" } : undefined));
    expect(await writeLedger(state.store, base, noting(base.ledger, "a"))).toMatchObject({ code: "state_write_error", message: expect.stringContaining("omnigraph cluster status") as string });
  });

  test("a first ledger whose answer was lost counts", async () => {
    await using state = await makeState("S3");
    let isDropped = false;
    state.server?.injectFaults(({ method, key }) => {
      if (isDropped || method !== "PUT" || !key.endsWith("state.json")) return undefined;
      isDropped = true;
      return { kind: "dropReply" };
    });
    expect(await writeLedger(state.store, undefined, smallLedger())).toBeUndefined();
    expect(isDropped).toBe(true);
  });

  test("4.3 C5 no cluster begins on a store that ignores conditions", async () => {
    await using state = await makeState("local");
    const objects = new FaultyObjectStore(state.store.objects);
    objects.probeConditionalReplace = () => Promise.reject(new StorageError("Configuration", "this storage cannot replace an object only if it is unchanged"));
    expect(await writeLedger({ ...state.store, objects }, undefined, smallLedger())).toMatchObject({ code: "state_write_error", message: expect.stringContaining("only if it is unchanged") as string });
    expect(await state.clusterFiles()).toEqual([]);
  });

  test("an interruption between any two requests leaves the old ledger or the new one", async () => {
    await using state = await makeState("local");
    await writeLedger(state.store, undefined, smallLedger());
    const base = await stored(state.store);
    for (const operation of ["readVersioned", "replaceIfVersion"] as const) {
      for (const kind of ["error", "replyLost"] as const) {
        const current = must(await readLedger(state.store), "there is a ledger") as LedgerRead;
        const objects = new FaultyObjectStore(state.store.objects, (call) => (call.operation === operation ? { kind, error: new Error("killed") } : undefined));
        await expect(writeLedger({ ...state.store, objects }, current, noting(base.ledger, `${operation} ${kind}`))).rejects.toThrow("killed");
        const { text } = await stored(state.store);
        if (operation === "replaceIfVersion" && kind === "replyLost") expect(text).toContain(`${operation} ${kind}`);
        else expect(text).toBe(current.text);
      }
    }
  });
});
