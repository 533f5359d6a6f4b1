import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Digest } from "@omnigraphdb/common";
import { parseS3Environment } from "@omnigraphdb/engine";
import { makeTempDir, startS3Server } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { Diagnostics } from "../../src/diagnostics/cluster-diagnostic.js";
import { contentDigest } from "../../src/digests.js";
import { encodeLedger } from "../../src/ledger/encode-ledger.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { LedgerDraft } from "../../src/ledger/ledger-draft.js";
import { encodeLock } from "../../src/lock/cluster-lock.js";
import { withClusterLock } from "../../src/lock/with-cluster-lock.js";
import { forceUnlock } from "../../src/unlock/force-unlock.js";
import { encodeSidecar } from "../../src/recovery/recovery-sidecar.js";
import type { ClusterEnvironment } from "../../src/run/cluster-environment.js";
import { clusterStatus } from "../../src/status/cluster-status.js";
import { openClusterStore } from "../../src/storage/cluster-store.js";
import { smallLedger } from "../../test-support/state-fixture.js";
import { testEnvironment } from "../../test-support/test-session.js";

const ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const LOCK = { lockId: ULID, operation: "apply", createdAt: "2026-03-01T11:58:30.000Z", pid: 77 };
const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
const clock = { nowMs: () => NOW_MS, nowMicros: () => NOW_MS * 1000, sleep: () => Promise.resolve() };

function applied(): Ledger {
  const draft = new LedgerDraft(smallLedger({ stateRevision: 3, configDigest: "c0" }));
  draft.setResource("policy.team", { digest: contentDigest("policy"), applies_to: ["cluster"] });
  draft.setStatus("policy.team", { status: "applied" });
  draft.setObservation("graph.old", { kind: "tombstone", deleted_at: "2026-01-01T00:00:00Z", approval_id: null, actor: null });
  return draft.finish();
}

interface Fixture extends AsyncDisposable {
  readonly path: string;
  readonly environment: ClusterEnvironment;
  write(file: string, text: string): Promise<void>;
  /** Every file below the directory, with its content. */
  tree(): Promise<Readonly<Record<string, string>>>;
}

async function makeDirectory(config = "version: 1\ngraphs:\n  orders: { schema: nowhere.pg }\n"): Promise<Fixture> {
  const dir = await makeTempDir();
  await writeFile(join(dir.path, "cluster.yaml"), config);
  await mkdir(join(dir.path, "__cluster"));
  return {
    path: dir.path,
    environment: testEnvironment({ clock }),
    async write(file, text) {
      await mkdir(join(dir.path, file, ".."), { recursive: true });
      await writeFile(join(dir.path, file), text);
    },
    async tree() {
      const entries = await readdir(dir.path, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      return Object.fromEntries(await Promise.all(files.sort().map(async (file) => [file, await readFile(file, "utf8")] as const)));
    },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

const codesOf = ({ diagnostics }: { readonly diagnostics: readonly { readonly code: string; readonly severity: string }[] }): readonly string[] => diagnostics.map(({ code, severity }) => `${severity} ${code}`);

describe("cluster.md §12.2 status", () => {
  test("without a ledger: a warning, and no error", async () => {
    await using dir = await makeDirectory();
    const outcome = await clusterStatus({ configDirectory: dir.path, environment: dir.environment });
    expect(outcome.isOk).toBe(true);
    expect(codesOf(outcome)).toEqual(["warning state_missing"]);
    expect(outcome.stateObservations).toEqual({
      statePath: `${dir.path}/__cluster/state.json`,
      lockPath: `${dir.path}/__cluster/lock.json`,
      stateFound: false,
      stateRevision: 0,
      resourceCount: 0,
      locked: false,
      lockAcquired: false,
    });
  });

  test("13.1 13.2 what is recorded and who holds the lock; nothing is written, and no declared file is needed", async () => {
    await using dir = await makeDirectory();
    const text = encodeLedger(applied());
    await dir.write("__cluster/state.json", text);
    await dir.write("__cluster/lock.json", encodeLock(LOCK));
    await dir.write(`__cluster/resources/policy/team/${contentDigest("policy")}.yaml`, "policy");
    const before = await dir.tree();
    const outcome = await clusterStatus({ configDirectory: dir.path, environment: dir.environment });
    expect(outcome).toEqual({
      isOk: true,
      configDirectory: dir.path,
      stateObservations: {
        statePath: `${dir.path}/__cluster/state.json`,
        lockPath: `${dir.path}/__cluster/lock.json`,
        stateFound: true,
        appliedConfigDigest: "c0",
        stateRevision: 4,
        stateCas: sha256Digest(text),
        resourceCount: 1,
        locked: true,
        lockId: ULID,
        lockAcquired: false,
        lockOperation: "apply",
        lockCreatedAt: LOCK.createdAt,
        lockPid: 77,
        lockAgeSeconds: 90,
      },
      resourceDigests: new Map([["policy.team", contentDigest("policy")]]),
      resourceStatuses: new Map([["policy.team", { status: "applied" }]]),
      observations: new Map([["graph.old", { kind: "tombstone", deleted_at: "2026-01-01T00:00:00Z", approval_id: null, actor: null }]]),
      diagnostics: [],
    });
    expect(await dir.tree()).toEqual(before);
  });

  test.each<[string, (dir: Fixture) => Promise<void>, readonly string[], boolean]>([
    ["a catalog object that is missing", () => Promise.resolve(), ["warning catalog_payload_missing"], true],
    ["a catalog object that was altered", (dir) => dir.write(`__cluster/resources/policy/team/${contentDigest("policy")}.yaml`, "other"), ["warning catalog_payload_mismatch"], true],
    [
      "a catalog object that cannot be read",
      async (dir) => {
        await mkdir(join(dir.path, "__cluster/resources/policy/team"), { recursive: true });
        await symlink(`${contentDigest("policy")}.yaml`, join(dir.path, `__cluster/resources/policy/team/${contentDigest("policy")}.yaml`));
      },
      ["error catalog_payload_read_error"],
      false,
    ],
    ["7.6 a malformed lock", (dir) => dir.write("__cluster/lock.json", "{"), ["warning invalid_state_lock", "warning catalog_payload_missing"], true],
    ["7.6 a lock of another version", (dir) => dir.write("__cluster/lock.json", encodeLock(LOCK).replace(": 1", ": 7")), ["warning unsupported_state_lock_version", "warning catalog_payload_missing"], true],
    ["an unreadable lock", (dir) => symlink("lock.json", join(dir.path, "__cluster/lock.json")), ["warning state_lock_read_error", "warning catalog_payload_missing"], true],
    [
      "10.4 a pending sidecar",
      (dir) =>
        dir.write(
          `__cluster/recoveries/${ULID}.json`,
          encodeSidecar({ operationId: ULID, startedAt: "t", actor: null, kind: "schema_apply", graphId: "orders", graphUri: "/x", observedManifestVersion: 1, expectedManifestVersion: null, desiredSchemaDigest: "s", stateCasBase: null, approvalId: null }),
        ),
      ["warning cluster_recovery_pending", "warning catalog_payload_missing"],
      true,
    ],
  ])("%s", async (_, damage, codes, isOk) => {
    await using dir = await makeDirectory();
    await dir.write("__cluster/state.json", encodeLedger(applied()));
    await damage(dir);
    const before = await dir.tree();
    const outcome = await clusterStatus({ configDirectory: dir.path, environment: dir.environment });
    expect(codesOf(outcome)).toEqual(codes);
    expect(outcome.isOk).toBe(isOk);
    expect(await dir.tree()).toEqual(before);
  });

  test.each([
    ["{", "invalid_state_json"],
    ['{ "version": 2 }', "unsupported_state_version"],
  ])("a ledger that is %s is an error", async (text, code) => {
    await using dir = await makeDirectory();
    await dir.write("__cluster/state.json", text);
    const outcome = await clusterStatus({ configDirectory: dir.path, environment: dir.environment });
    expect([outcome.isOk, codesOf(outcome)]).toEqual([false, [`error ${code}`]]);
  });

  test("4.2 a ledger that cannot be read is not missing", async () => {
    await using dir = await makeDirectory();
    await symlink("state.json", join(dir.path, "__cluster/state.json"));
    expect(codesOf(await clusterStatus({ configDirectory: dir.path, environment: dir.environment }))).toEqual(["error state_read_error"]);
  });

  test("a configuration that does not say where the state lies ends it; without a store the rest is unknown", async () => {
    await using dir = await makeDirectory("version: 9\n");
    const unknown = await clusterStatus({ configDirectory: dir.path, environment: dir.environment });
    expect([unknown.isOk, unknown.stateObservations, codesOf(unknown)]).toEqual([false, undefined, ["error unsupported_cluster_config_version"]]);
    await dir.write("cluster.yaml", "version: 1\nstorage: s3://bucket/prod\n");
    const unreachable = await clusterStatus({ configDirectory: dir.path, environment: dir.environment });
    expect(codesOf(unreachable)).toEqual(["error storage_root_invalid"]);
    expect(unreachable.stateObservations).toMatchObject({ statePath: "s3://bucket/prod/__cluster/state.json", stateFound: false });
  });

  test("4.5 locations on object storage are addresses", async () => {
    await using server = await startS3Server();
    await using dir = await makeDirectory("version: 1\nstorage: s3://bucket/prod/\n");
    const environment = { ...dir.environment, s3: parseS3Environment(server.environment) };
    const { stateObservations } = await clusterStatus({ configDirectory: dir.path, environment });
    expect([stateObservations?.statePath, stateObservations?.lockPath]).toEqual(["s3://bucket/prod/__cluster/state.json", "s3://bucket/prod/__cluster/lock.json"]);
    expect(server.keys("bucket")).toEqual([]);
  });
});

describe("cluster.md 7.5 force-unlock", () => {
  test("removes the lock of exactly that id, and nothing else", async () => {
    await using dir = await makeDirectory();
    await dir.write("__cluster/state.json", encodeLedger(applied()));
    const before = await dir.tree();
    await dir.write("__cluster/lock.json", encodeLock(LOCK));
    const outcome = await forceUnlock({ configDirectory: dir.path, environment: dir.environment, lockId: ULID });
    expect(outcome).toMatchObject({ isOk: true, isLockRemoved: true, diagnostics: [], stateObservations: { locked: false, stateRevision: 4 } });
    expect(await dir.tree()).toEqual(before);
  });

  test.each<[string, (dir: Fixture) => Promise<void>, string]>([
    ["there is no lock", () => Promise.resolve(), "state_lock_missing"],
    ["it has another id", (dir) => dir.write("__cluster/lock.json", encodeLock({ ...LOCK, lockId: "01ARZ3NDEKTSV4RRFFQ69G5FAW" })), "state_lock_id_mismatch"],
    ["it has that id in other letters", (dir) => dir.write("__cluster/lock.json", encodeLock({ ...LOCK, lockId: ULID.toLowerCase() })), "state_lock_id_mismatch"],
    ["it does not parse", (dir) => dir.write("__cluster/lock.json", ULID), "invalid_state_lock"],
    ["it has another version", (dir) => dir.write("__cluster/lock.json", encodeLock(LOCK).replace(": 1", ": 2")), "unsupported_state_lock_version"],
    ["it cannot be read", (dir) => symlink("lock.json", join(dir.path, "__cluster/lock.json")), "state_lock_read_error"],
  ])("when %s, nothing changes: %s", async (_, prepare, code) => {
    await using dir = await makeDirectory();
    await prepare(dir);
    const before = await dir.tree();
    const outcome = await forceUnlock({ configDirectory: dir.path, environment: dir.environment, lockId: ULID });
    expect([outcome.isOk, outcome.isLockRemoved, codesOf(outcome)]).toEqual([false, false, [`error ${code}`]]);
    expect(await dir.tree()).toEqual(before);
  });

  test("another id: the message names the one that is held", async () => {
    await using dir = await makeDirectory();
    await dir.write("__cluster/lock.json", encodeLock(LOCK));
    const { diagnostics, stateObservations } = await forceUnlock({ configDirectory: dir.path, environment: dir.environment, lockId: "01X" });
    expect(diagnostics[0]?.message).toContain(ULID);
    expect(stateObservations).toMatchObject({ locked: true, lockId: ULID });
  });

  test("it cannot be deleted: state_lock_error", async () => {
    await using server = await startS3Server();
    await using dir = await makeDirectory("version: 1\nstorage: s3://bucket/prod\n");
    const environment = { ...dir.environment, s3: parseS3Environment(server.environment) };
    const store = await openClusterStore("s3://bucket/prod", { s3: environment.s3 });
    await store.objects.writeText(store.layout.lock, encodeLock(LOCK));
    server.injectFaults(({ method }) => (method === "DELETE" ? { kind: "fail", status: 403 } : undefined));
    const outcome = await forceUnlock({ configDirectory: dir.path, environment, lockId: ULID });
    expect([outcome.isOk, outcome.isLockRemoved, codesOf(outcome)]).toEqual([false, false, ["error state_lock_error"]]);
    expect(server.keys("bucket")).toEqual(["prod/__cluster/lock.json"]);
  });
});

describe("cluster.md 4.2 permissions", () => {
  /** Root may read everything, so such a process becomes somebody else meanwhile. */
  async function asNobody(run: () => Promise<void>): Promise<void> {
    if (process.geteuid?.() !== 0) return run();
    process.seteuid?.(65_534);
    try {
      await run();
    } finally {
      process.seteuid?.(0);
    }
  }

  test("a directory that may not be entered holds an unknown ledger, lock and records, not none", async () => {
    await using dir = await makeDirectory();
    await dir.write("__cluster/state.json", encodeLedger(applied()));
    await chmod(dir.path, 0o755);
    await chmod(join(dir.path, "__cluster"), 0);
    try {
      await asNobody(async () => {
        const outcome = await clusterStatus({ configDirectory: dir.path, environment: dir.environment });
        expect(codesOf(outcome)).toEqual(["error state_read_error", "warning state_lock_read_error", "warning recovery_sidecar_read_error"]);
        expect(outcome.stateObservations).toMatchObject({ stateFound: false, locked: false });
        expect(codesOf(await forceUnlock({ configDirectory: dir.path, environment: dir.environment, lockId: ULID }))).toEqual(["error state_lock_read_error"]);
        const location = { configDirectory: dir.path, storageRoot: dir.path, isLockEnabled: true };
        const diagnostics = new Diagnostics();
        await withClusterLock(location, "import", dir.environment, diagnostics, () => Promise.reject(new Error("ran")));
        expect(diagnostics.list().map(({ code }) => code)).toEqual(["state_lock_error"]);
      });
    } finally {
      await chmod(join(dir.path, "__cluster"), 0o700);
    }
  });
});
