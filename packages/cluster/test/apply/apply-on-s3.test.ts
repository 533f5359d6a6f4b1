import { parseS3Environment, type S3Settings } from "@omnigraphdb/engine";
import { makeScratchDir, type S3TestServer, startS3Server } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openClusterStore } from "../../src/storage/cluster-store.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { codesOf, FIND, PERSON, PERSON_WITH_CITY, READERS, TestCluster } from "./apply-rig.js";

const DECLARED: DeclaredCluster = { graphs: { a: { schema: PERSON, queries: { find: FIND } }, old: { schema: PERSON } }, policies: { team: { text: READERS, appliesTo: ["a"] } } };

let server: S3TestServer;
let s3: S3Settings;
let bucketCount = 0;

beforeAll(async () => {
  server = await startS3Server();
  const settings = parseS3Environment(server.environment);
  if (settings === undefined) throw new Error("the test server gives settings");
  s3 = settings;
});

afterAll(() => server[Symbol.asyncDispose]());

async function withBucket(run: (cluster: TestCluster, bucket: string) => Promise<void>): Promise<void> {
  await using directory = await makeScratchDir();
  const bucket = `cluster-${bucketCount++}`;
  const store = await openClusterStore(`s3://${bucket}/prod`, { durability: "process", s3 });
  try {
    await run(new TestCluster(`${directory.path}/config`, store, s3), bucket);
  } finally {
    server.injectFaults(undefined);
  }
}

/** Every change of an object that the server is asked for, as `METHOD key`, in order. */
function watchWrites(): readonly string[] {
  const writes: string[] = [];
  server.injectFaults(({ method, key }) => {
    if (method !== "GET" && method !== "HEAD") writes.push(`${method} ${key}`);
    return undefined;
  });
  return writes;
}

describe("apply on S3-compatible storage", () => {
  test("cluster.md §18.2.13 creates, migrates and deletes; nothing of a deleted graph and no lock remains", () =>
    withBucket(async (cluster, bucket) => {
      await cluster.converge(DECLARED);
      const { a } = DECLARED.graphs as Record<"a", DeclaredCluster["graphs"][string]>;
      await cluster.declare({ graphs: { a: { ...a, schema: PERSON_WITH_CITY } } });
      await cluster.approve("graph.old");
      // Another checkout.
      cluster.configDirectory += ".elsewhere";
      await cluster.declare({ graphs: { a: { ...a, schema: PERSON_WITH_CITY } } });
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true, diagnostics: [] });
      await using graph = await cluster.openGraph("a");
      expect(graph.schema.source).toBe(PERSON_WITH_CITY);
      const keys = server.keys(bucket);
      expect(keys.filter((key) => key.startsWith("prod/graphs/old.omni"))).toEqual([]);
      expect(keys).not.toContain("prod/__cluster/lock.json");
    }));

  test("cluster.md 11.6 a repeated apply changes no object but the lock", () =>
    withBucket(async (cluster) => {
      await cluster.converge(DECLARED);
      const writes = watchWrites();
      expect(await cluster.apply()).toMatchObject({ isStateWritten: false, isConverged: true });
      expect(new Set(writes.map((write) => write.split(" ")[1]))).toEqual(new Set(["prod/__cluster/lock.json"]));
    }));

  test("cluster.md §11.1 row 14 a sidecar that cannot be removed is a warning, and the next run removes it", () =>
    withBucket(async (cluster) => {
      await cluster.declare(DECLARED);
      await cluster.import();
      server.injectFaults(({ method, key }) => (method === "DELETE" && key.includes("/recoveries/") ? { kind: "fail", status: 403 } : undefined));
      const outcome = await cluster.apply();
      server.injectFaults(undefined);
      expect(outcome).toMatchObject({ isOk: true, isConverged: true, isStateWritten: true });
      expect(outcome.diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(["warning recovery_sidecar_cleanup_failed", "warning recovery_sidecar_cleanup_failed"]);
      expect(await cluster.apply()).toMatchObject({ diagnostics: [], isStateWritten: false });
      expect(await cluster.sidecars()).toEqual([]);
    }));

  test("cluster.md §11.2 without a sidecar nothing is created: recovery_sidecar_write_error", () =>
    withBucket(async (cluster) => {
      await cluster.declare({ graphs: { a: { schema: PERSON } } });
      await cluster.import();
      server.injectFaults(({ method, key }) => (method === "PUT" && key.includes("/recoveries/") ? { kind: "fail", status: 403 } : undefined));
      const outcome = await cluster.apply();
      server.injectFaults(undefined);
      expect(outcome.diagnostics[0]).toMatchObject({ code: "recovery_sidecar_write_error", severity: "error" });
      expect(outcome.resourceStatuses.get("graph.a")).toEqual({ status: "blocked", conditions: ["graph_create_failed"] });
      expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot("a"))).toBe(false);
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
    }));

  test("cluster.md §11.5 a delete that the storage refuses: graph_delete_failed, the approval still counts", () =>
    withBucket(async (cluster) => {
      await cluster.converge(DECLARED);
      await cluster.declare({ graphs: { a: { schema: PERSON, queries: { find: FIND } } } });
      await cluster.approve("graph.old");
      server.injectFaults(({ method, query }) => (method === "POST" && query.has("delete") ? { kind: "fail", status: 403 } : undefined));
      const outcome = await cluster.apply();
      server.injectFaults(undefined);
      expect(codesOf(outcome)[0]).toBe("graph_delete_failed graph.old");
      expect(outcome.resourceStatuses.get("graph.old")).toEqual({ status: "blocked", conditions: ["graph_delete_failed"] });
      const next = await cluster.apply();
      expect(codesOf(next)).toEqual(["graph_delete_incomplete graph.old"]);
      expect(next).toMatchObject({ isConverged: true });
    }));
});
