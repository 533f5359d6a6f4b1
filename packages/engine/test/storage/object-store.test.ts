import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { bundleScript, makeTempDir, type S3Fault, type S3TestServer, startS3Server } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { must, randomIds } from "@omnigraphdb/common";
import { openDatasetFiles } from "../../src/storage/dataset-files.js";
import { LocalObjectStore } from "../../src/storage/local-object-store.js";
import type { ObjectStore } from "../../src/storage/object-store.js";
import { StorageError } from "../../src/storage/errors.js";
import { openObjectStore } from "../../src/storage/open-object-store.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { canonicalRootIdentity, localPathOf } from "../../src/storage/uri.js";
import { describeObjectStore, FaultyObjectStore, MemoryObjectStore, type ObjectStoreFixture } from "../../test-support/index.js";

const localFixture = (rootOf: (path: string) => string) => async (): Promise<ObjectStoreFixture> => {
  const dir = await makeTempDir();
  return {
    store: new LocalObjectStore(),
    root: rootOf(dir.path),
    readRaw: (uri) => readFile(localPathOf(uri), "utf8"),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
};

describeObjectStore("local", localFixture((path) => `${path}/graph root`), { rounds: 1000 });
describeObjectStore("local, file:// root", localFixture((path) => `file://${path}/graph%20root`), { rounds: 20 });

describeObjectStore(
  "memory",
  () => {
    const store = new MemoryObjectStore();
    const readRaw = (uri: string): Promise<string> => store.readText(uri);
    return Promise.resolve({ store, root: "/memory/root", readRaw, [Symbol.asyncDispose]: () => Promise.resolve() });
  },
  { rounds: 1000 },
);

describeObjectStore(
  "S3 (test server)",
  async () => {
    const server = await startS3Server();
    const s3 = parseS3Environment(server.environment);
    const store = await openObjectStore("s3://bucket/some/root", { s3 });
    const other = await openObjectStore("s3://bucket/some/root", { s3 });
    return {
      store,
      root: "s3://bucket/some/root",
      readRaw: (uri) => other.readText(uri),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
  { rounds: 100 },
);

// STT-0: against a real bucket when one is given. The suite is declared unconditionally then, so it cannot pass vacuously.
const testBucket = process.env["OMNIGRAPH_S3_TEST_BUCKET"];
if (testBucket !== undefined && testBucket !== "") {
  describeObjectStore(
    "S3 (OMNIGRAPH_S3_TEST_BUCKET)",
    async () => {
      const root = `s3://${testBucket}/omnigraph-test/${randomIds.ulid()}`;
      const store = await openObjectStore(root, { s3: parseS3Environment(process.env) });
      const files = await openDatasetFiles(root, parseS3Environment(process.env));
      return { store, root, readRaw: (uri) => store.readText(uri), [Symbol.asyncDispose]: () => files.deletePrefix(root) };
    },
    { rounds: 20 },
  );
}

describe("local object store", () => {
  test("STT-6 an empty directory does not exist; neither do nested empty ones", async () => {
    await using dir = await makeTempDir();
    await mkdir(join(dir.path, "empty/inner"), { recursive: true });
    expect(await new LocalObjectStore().exists(join(dir.path, "empty"))).toBe(false);
  });

  test("STT-13 an unreadable object is loud", async (context) => {
    if (process.getuid?.() === 0) context.skip("root reads everything");
    await using dir = await makeTempDir();
    const store = new LocalObjectStore();
    await store.writeText(join(dir.path, "secret"), "1");
    await chmod(join(dir.path, "secret"), 0);
    await expect(store.readTextIfExists(join(dir.path, "secret"))).rejects.toMatchObject({ kind: "Permanent" });
  });

  test("a directory that takes no children is an error, never a hang", async (context) => {
    if (!existsSync("/proc/self")) context.skip("needs a /proc file system");
    await expect(new LocalObjectStore().writeText("/proc/omnigraph/nested/x", "1")).rejects.toMatchObject({ kind: "NotFound" });
  });

  test("ST-13 a directory that may not be emptied is loud, and its siblings stay", async (context) => {
    if (process.getuid?.() === 0) context.skip("root removes everything");
    await using dir = await makeTempDir();
    const store = new LocalObjectStore();
    await store.writeText(join(dir.path, "g/inner/x"), "1");
    await chmod(join(dir.path, "g/inner"), 0o500);
    await expect(store.deletePrefix(join(dir.path, "g"))).rejects.toMatchObject({ kind: "Permanent" });
    await chmod(join(dir.path, "g/inner"), 0o700);
    await store.deletePrefix(join(dir.path, "g"));
    expect(await readdir(dir.path)).toEqual([]);
    await expect(store.deletePrefix("/")).rejects.toMatchObject({ kind: "Configuration" });
  });

  test("STT-14 dot segments and relative addresses reach the same object", async () => {
    await using dir = await makeTempDir();
    const store = new LocalObjectStore();
    await store.writeText(join(dir.path, "x"), "1");
    expect(await store.readText(`${dir.path}/a/../x`)).toBe("1");
    expect(await store.readText(relative(process.cwd(), join(dir.path, "x")))).toBe("1");
  });

  test("URI-7 one identity for every spelling of a root, also before it exists", async () => {
    await using dir = await makeTempDir();
    await mkdir(join(dir.path, "real"));
    await symlink(join(dir.path, "real"), join(dir.path, "link"));
    const identity = await canonicalRootIdentity(join(dir.path, "real/g.omni"));
    expect(await canonicalRootIdentity(join(dir.path, "link/g.omni/"))).toBe(identity);
    expect(await canonicalRootIdentity(`file://${dir.path}/link/g.omni`)).toBe(identity);
    expect(await canonicalRootIdentity("s3://b/p/")).toBe(await canonicalRootIdentity("s3://b/p"));
  });
});

describe("S3 object store", () => {
  test("STT-15 another bucket and an empty key are configuration errors", async () => {
    await using server = await startS3Server();
    const store = await openObjectStore("s3://mine/root", { s3: parseS3Environment(server.environment) });
    await expect(store.readText("s3://other/root/x")).rejects.toMatchObject({ kind: "Configuration" });
    await expect(store.readText("s3://mine")).rejects.toMatchObject({ kind: "Configuration" });
    await expect(openObjectStore("s3://", { s3: parseS3Environment({}) })).rejects.toMatchObject({ kind: "Configuration" });
  });

  test("URI-8 plain http needs consent", async () => {
    const s3 = parseS3Environment({ AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
    await expect(openObjectStore("s3://b/r", { s3 })).rejects.toMatchObject({ kind: "Configuration" });
  });

  test("a listing longer than one page is complete, and so is a removal", async () => {
    await using server = await startS3Server();
    const s3 = parseS3Environment(server.environment);
    const store = await openObjectStore("s3://b/r", { s3 });
    await Promise.all(Array.from({ length: 1100 }, (_, index) => store.writeText(`s3://b/r/list/${index}`, "")));
    expect(await store.listDir("s3://b/r/list")).toHaveLength(1100);
    const files = await openDatasetFiles("s3://b/r", s3);
    expect(await files.list("s3://b/r/list")).toHaveLength(1100);
    await files.deletePrefix("s3://b/r/list");
    expect(server.keys("b")).toEqual([]);
  });

  const LEDGER = "s3://b/r/ledger.json";
  /** A store of one bucket in which an object was read, and whose next conditional PUTs meet a fault. */
  const withLedger = async (server: S3TestServer, fault: S3Fault, faultCount: number): Promise<{ store: ObjectStore; version: string }> => {
    const store = await openObjectStore("s3://b/r", { s3: parseS3Environment(server.environment) });
    await store.writeText(LEDGER, "first");
    const { version } = must(await store.readVersioned(LEDGER), "it was written");
    let remaining = faultCount;
    server.injectFaults(({ headers }) => (headers["if-match"] !== undefined && remaining-- > 0 ? fault : undefined));
    return { store, version };
  };

  test("ST-12 a replacement whose answers were lost is looked up, and counts", async () => {
    await using server = await startS3Server();
    const { store, version } = await withLedger(server, { kind: "dropReply" }, 1);
    expect(await store.replaceIfVersion(LEDGER, "second", version)).toBe(true);
    expect(await store.readText(LEDGER)).toBe("second");
  });

  test("ST-12 a replacement whose answer was lost may have been replaced itself: nobody can tell", async () => {
    await using server = await startS3Server();
    const { store, version } = await withLedger(server, { kind: "reset" }, 1);
    const other = await openObjectStore("s3://b/r", { s3: parseS3Environment(server.environment) });
    await other.writeText(LEDGER, "somebody else's");
    await expect(store.replaceIfVersion(LEDGER, "second", version)).rejects.toMatchObject({ code: "STORAGE", effects: "possible" });
    expect(await store.readText(LEDGER)).toBe("somebody else's");
  });

  test("ST-12 a replacement that may still land is an error with possible effects", async () => {
    await using server = await startS3Server();
    const { store, version } = await withLedger(server, { kind: "reset" }, 100);
    await expect(store.replaceIfVersion(LEDGER, "second", version)).rejects.toMatchObject({ code: "STORAGE", effects: "possible" });
  });

  test("ST-12 a refusal is an error, never a lost race", async () => {
    await using server = await startS3Server();
    const { store, version } = await withLedger(server, { kind: "fail", status: 403 }, 100);
    await expect(store.replaceIfVersion(LEDGER, "second", version)).rejects.toMatchObject({ kind: "Permanent", effects: "none" });
  });

  test.each([409, 412])("ST-12 the answer %i is a lost race", async (status) => {
    await using server = await startS3Server();
    const { store, version } = await withLedger(server, { kind: "fail", status }, 1);
    expect(await store.replaceIfVersion(LEDGER, "second", version)).toBe(false);
  });

  test("ST-13 a removal that broke off is finished by the next one", async () => {
    await using server = await startS3Server();
    const store = await openObjectStore("s3://b/r", { s3: parseS3Environment(server.environment) });
    await Promise.all(Array.from({ length: 1100 }, (_, index) => store.writeText(`s3://b/r/g.omni/${index}`, "")));
    let deletionCount = 0;
    server.injectFaults(({ query }) => (query.has("delete") && ++deletionCount > 1 ? { kind: "fail", status: 403 } : undefined));
    await expect(store.deletePrefix("s3://b/r/g.omni")).rejects.toMatchObject({ kind: "Permanent" });
    expect(server.keys("b")).toHaveLength(100);
    server.injectFaults(undefined);
    await store.deletePrefix("s3://b/r/g.omni");
    expect(server.keys("b")).toEqual([]);
  });

  test("ST-13 no bucket is emptied", async () => {
    await using server = await startS3Server();
    const store = await openObjectStore("s3://b/r", { s3: parseS3Environment(server.environment) });
    await store.writeText("s3://b/x", "1");
    await expect(store.deletePrefix("s3://b")).rejects.toMatchObject({ kind: "Configuration" });
    expect(server.keys("b")).toEqual(["x"]);
  });

  test("a store that ignores If-Match is refused by the probe (C5)", async () => {
    const blind = new MemoryObjectStore();
    blind.replaceIfVersion = async (uri, text) => {
      await blind.writeText(uri, text);
      return true;
    };
    await expect(blind.probeConditionalReplace("s3://b/r")).rejects.toMatchObject({ kind: "Configuration" });
    expect(await blind.listDir("s3://b/r")).toEqual([]);
  });

  test("a store that ignores conditional PUT is refused by the probe (ST-14)", async () => {
    const blind = new MemoryObjectStore();
    blind.writeTextIfAbsent = async (uri, text) => {
      await blind.writeText(uri, text);
      return true;
    };
    await expect(blind.probeCreateIfAbsent("s3://b/r")).rejects.toMatchObject({ kind: "Configuration" });
  });
});

test("a lost reply leaves the write in place", async () => {
  const store = new FaultyObjectStore(new MemoryObjectStore(), ({ operation, count }) =>
    operation === "writeText" && count === 1 ? { kind: "replyLost", error: new Error("reset") } : undefined,
  );
  await expect(store.writeText("/m/x", "1")).rejects.toThrow("reset");
  expect(await store.readText("/m/x")).toBe("1");
});

test("a write that the disk refuses leaves nothing behind", async () => {
  await using dir = await makeTempDir();
  const script = await bundleScript(join(import.meta.dirname, "scripts/write-too-much.ts"), join(import.meta.dirname, "../.."));
  const limited = 'ulimit -f 8; exec "$0" "$@"';
  expect(execFileSync("sh", ["-c", limited, process.execPath, script, `${dir.path}/x.json`], { encoding: "utf8" })).toBe("refused");
  expect(await readdir(dir.path)).toEqual([]);
});

test("a directory removed by other hands during a write is a storage error, or none", async () => {
  await using dir = await makeTempDir();
  const store = new LocalObjectStore();
  for (let round = 0; round < 100; round++) {
    const removing = rm(`${dir.path}/lease`, { recursive: true, force: true }).catch(() => undefined);
    const outcomes = await Promise.allSettled([store.writeTextIfAbsent(`${dir.path}/lease/x.json`, "{}"), store.writeText(`${dir.path}/lease/y.json`, "{}"), removing]);
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(StorageError);
  }
});
