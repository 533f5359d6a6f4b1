import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { must } from "@omnigraphdb/common";
import { StorageError } from "@omnigraphdb/engine";
import { FaultyObjectStore } from "@omnigraphdb/engine/test-support";
import { describe, expect, test } from "vitest";
import { Diagnostics } from "../../src/diagnostics/cluster-diagnostic.js";
import { encodeLock, readLock } from "../../src/lock/cluster-lock.js";
import { acquireLock, releaseLock } from "../../src/lock/hold-lock.js";
import { BACKENDS, makeState } from "../../test-support/state-fixture.js";
import { withClusterLock } from "../../src/lock/with-cluster-lock.js";

const FOREIGN = { lockId: "01ARZ3NDEKTSV4RRFFQ69G5FAV", operation: "refresh", createdAt: "2026-03-01T11:57:00.000Z", pid: 99 };

async function codesOf(run: (diagnostics: Diagnostics) => Promise<unknown>): Promise<readonly string[]> {
  const diagnostics = new Diagnostics();
  await run(diagnostics);
  return diagnostics.list().map(({ code, severity }) => `${severity} ${code}`);
}

describe.each(BACKENDS)("cluster.md §7 the lock on %s", (backend) => {
  test("7.1 the file while a command runs, and none afterwards (4.4)", async () => {
    await using state = await makeState(backend);
    const diagnostics = new Diagnostics();
    const text = await withClusterLock(state.location, "apply", state.environment, diagnostics, async ({ store, lockId }) => {
      expect(await readLock(store)).toMatchObject({ kind: "held", lock: { lockId } });
      return await store.objects.readText(store.layout.lock);
    });
    const { lock_id: lockId, ...rest } = JSON.parse(must(text, "the file was read")) as Record<string, unknown>;
    expect(rest).toEqual({ version: 1, operation: "apply", created_at: expect.stringMatching(/^2026-03-01T12:00:00\.\d{3}Z$/), pid: 4711 });
    expect(lockId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(text).toMatch(/^\{\n {2}"version": 1,\n[^]*\n\}\n$/);
    expect(await state.clusterFiles()).toEqual([]);
    expect(diagnostics.list()).toEqual([]);
  });

  test("7.2 a held lock is refused at once; the message says who, what, how long, and how to remove it", async () => {
    await using state = await makeState(backend);
    await state.store.objects.writeText(state.store.layout.lock, encodeLock(FOREIGN));
    const diagnostics = new Diagnostics();
    const ran = await withClusterLock(state.location, "plan", state.environment, diagnostics, () => Promise.resolve("ran"));
    expect(ran).toBeUndefined();
    const [held, ...others] = diagnostics.list();
    expect(others).toEqual([]);
    expect(held?.code).toBe("state_lock_held");
    for (const part of [FOREIGN.lockId, "refresh", "99", "3 minutes", `omnigraph cluster force-unlock ${FOREIGN.lockId} --config '${state.location.configDirectory}'`]) {
      expect(held?.message).toContain(part);
    }
    expect(await readLock(state.store)).toEqual({ kind: "held", lock: FOREIGN });
  });

  test("7.2 of 8 commands at once exactly one holds the lock", async () => {
    await using state = await makeState(backend);
    const locks = await Promise.all(Array.from({ length: 8 }, () => acquireLock(state.store, state.location, "apply", state.environment, new Diagnostics())));
    expect(locks.filter((lock) => lock !== "refused")).toHaveLength(1);
  });

  test("7.7 a lock that somebody else took meanwhile stays", async () => {
    await using state = await makeState(backend);
    const diagnostics = new Diagnostics();
    await withClusterLock(state.location, "apply", state.environment, diagnostics, ({ store }) => store.objects.writeText(store.layout.lock, encodeLock(FOREIGN)));
    expect(await readLock(state.store)).toEqual({ kind: "held", lock: FOREIGN });
    expect(diagnostics.list()).toMatchObject([{ code: "state_lock_error", severity: "warning", message: expect.stringContaining(FOREIGN.lockId) as string }]);
  });

  test("4.4 the lock is released when the run throws, and the failure passes through", async () => {
    await using state = await makeState(backend);
    const failure = new Error("of the run");
    await expect(withClusterLock(state.location, "apply", state.environment, new Diagnostics(), () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await state.clusterFiles()).toEqual([]);
  });

  test("4.4 a signal before stops the command; within, the lock is released", async () => {
    await using state = await makeState(backend);
    const interrupt = new AbortController();
    const environment = { ...state.environment, signal: interrupt.signal };
    const run = withClusterLock(state.location, "apply", environment, new Diagnostics(), ({ environment: { signal } }) => {
      interrupt.abort(new Error("SIGINT"));
      signal?.throwIfAborted();
      return Promise.resolve();
    });
    await expect(run).rejects.toThrow("SIGINT");
    expect(await state.clusterFiles()).toEqual([]);
    await expect(withClusterLock(state.location, "apply", environment, new Diagnostics(), () => Promise.resolve())).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await state.clusterFiles()).toEqual([]);
  });

  test("7.3 without a lock the command proceeds with a warning, also while somebody holds one", async () => {
    await using state = await makeState(backend);
    await state.store.objects.writeText(state.store.layout.lock, encodeLock(FOREIGN));
    const codes = await codesOf((diagnostics) =>
      withClusterLock({ ...state.location, isLockEnabled: false }, "apply", state.environment, diagnostics, ({ lockId }) => {
        expect(lockId).toBeUndefined();
        return Promise.resolve();
      }),
    );
    expect(codes).toEqual(["warning state_lock_disabled"]);
    expect(await readLock(state.store)).toEqual({ kind: "held", lock: FOREIGN });
  });

  test.each([
    ["no JSON", "{", "invalid_state_lock"],
    ["a member too many (7.1: exactly)", encodeLock(FOREIGN).replace("{", '{"extra": 1,'), "invalid_state_lock"],
    ["a member too few", encodeLock(FOREIGN).replace(/"pid"[^\n]*/, '"x": 1'), "invalid_state_lock"],
    ["another version", encodeLock(FOREIGN).replace('"version": 1', '"version": 2'), "unsupported_state_lock_version"],
  ])("a lock that cannot be understood locks all the same: %s", async (_, text, code) => {
    await using state = await makeState(backend);
    await state.store.objects.writeText(state.store.layout.lock, text);
    expect(await codesOf((diagnostics) => withClusterLock(state.location, "apply", state.environment, diagnostics, () => Promise.reject(new Error("ran"))))).toEqual([`error ${code}`]);
    expect(await state.store.objects.readText(state.store.layout.lock)).toBe(text);
  });
});

describe("cluster.md §7 the lock and failing storage", () => {
  test("4.2 a lock that cannot be read is not taken for absent", async () => {
    await using state = await makeState("local");
    await state.store.objects.writeText(`${state.location.storageRoot}/__cluster/other`, "");
    await symlink("lock.json", join(state.location.storageRoot, "__cluster/lock.json"));
    expect(await readLock(state.store)).toMatchObject({ kind: "unusable", problem: { code: "state_lock_read_error" } });
    expect(await codesOf((diagnostics) => acquireLock(state.store, state.location, "apply", state.environment, diagnostics))).toEqual(["error state_lock_read_error"]);
  });

  test("a creation whose answer was lost is ours when the lock that is there is ours", async () => {
    await using state = await makeState("local");
    const objects = new FaultyObjectStore(state.store.objects, ({ operation, count }) =>
      operation === "writeTextIfAbsent" && count === 1 ? { kind: "replyLost", error: storageFailure() } : undefined,
    );
    const lock = await acquireLock({ ...state.store, objects }, state.location, "apply", state.environment, new Diagnostics());
    expect(await readLock(state.store)).toEqual({ kind: "held", lock });
  });

  test("the same on S3, where the client itself repeats the request and meets its own lock", async () => {
    await using state = await makeState("S3");
    let isDropped = false;
    state.server?.injectFaults(({ method }) => {
      if (isDropped || method !== "PUT") return undefined;
      isDropped = true;
      return { kind: "dropReply" };
    });
    const lock = await acquireLock(state.store, state.location, "apply", state.environment, new Diagnostics());
    expect(await readLock(state.store)).toEqual({ kind: "held", lock });
  });

  test("state_lock_error names the lock that a failed attempt may have left", async () => {
    await using state = await makeState("local");
    const objects = new FaultyObjectStore(state.store.objects, ({ operation }) => (operation === "writeTextIfAbsent" ? { kind: "error", error: storageFailure() } : undefined));
    const diagnostics = new Diagnostics();
    expect(await acquireLock({ ...state.store, objects }, state.location, "apply", state.environment, diagnostics)).toBe("refused");
    expect(diagnostics.list()).toMatchObject([{ code: "state_lock_error", severity: "error", message: expect.stringMatching(/force-unlock [0-9A-Z]{26} --config/) as string }]);
  });

  test("state_lock_error of settings that lead nowhere speaks of no lock", async () => {
    await using state = await makeState("local");
    const objects = new FaultyObjectStore(state.store.objects, ({ operation }) => (operation === "writeTextIfAbsent" ? { kind: "error", error: new StorageError("Configuration", "there are no credentials") } : undefined));
    const diagnostics = new Diagnostics();
    expect(await acquireLock({ ...state.store, objects }, state.location, "apply", state.environment, diagnostics)).toBe("refused");
    expect(diagnostics.list()).toMatchObject([{ code: "state_lock_error", message: "the lock could not be taken: there are no credentials. Check the storage, then run the command again." }]);
  });

  test("4.3 C5 a store that ignores conditions is refused, and left without a lock", async () => {
    await using state = await makeState("S3");
    const objects = new Proxy(state.store.objects, {
      get: (target, name) => (name === "replaceIfVersion" ? (uri: string, text: string) => target.writeText(uri, text).then(() => true) : (Reflect.get(target, name) as (...of: unknown[]) => unknown).bind(target)),
    });
    const codes = await codesOf((diagnostics) => acquireLock({ ...state.store, objects }, state.location, "apply", state.environment, diagnostics));
    expect(codes).toEqual(["error storage_root_invalid"]);
    expect(await state.clusterFiles()).toEqual([]);
  });

  test("4.3 C5 verifying a store leaves the lock as it was", async () => {
    await using state = await makeState("S3");
    const lock = must(await acquireLock(state.store, state.location, "apply", state.environment, new Diagnostics()), "the lock is free");
    expect(lock).not.toBe("refused");
    expect(await state.store.objects.readText(state.store.layout.lock)).toBe(encodeLock(lock as Exclude<typeof lock, "refused">));
  });

  test("a lock that cannot be removed is said with its id, and the run counts", async () => {
    await using state = await makeState("local");
    const diagnostics = new Diagnostics();
    const lock = must(await acquireLock(state.store, state.location, "apply", state.environment, diagnostics), "the lock is free");
    if (lock === "refused") throw new Error("refused");
    const objects = new FaultyObjectStore(state.store.objects, ({ operation }) => (operation === "delete" ? { kind: "error", error: storageFailure() } : undefined));
    expect(await releaseLock({ ...state.store, objects }, lock, state.location)).toMatchObject([{ code: "state_lock_error", severity: "warning", message: expect.stringContaining(`force-unlock ${lock.lockId} --config`) as string }]);
  });

  test("2.5 a root that cannot be set up is storage_root_invalid", async () => {
    await using state = await makeState("local");
    for (const storageRoot of ["s3://bucket/x", "gs://bucket/x"]) {
      const codes = await codesOf((diagnostics) => withClusterLock({ ...state.location, storageRoot }, "plan", state.environment, diagnostics, () => Promise.resolve()));
      expect(codes).toEqual(["error storage_root_invalid"]);
    }
  });
});

function storageFailure(): Error {
  return new StorageError("Transient", "the wire was cut");
}
