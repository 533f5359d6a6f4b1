/**
 * Every request of an apply on S3-compatible storage fails once, in every way, and the apply is repeated as its messages say.
 * `scripts/soak-cluster-faults.mjs` goes through all of them; every run of the tests takes a sample.
 */
import { must } from "@omnigraphdb/common";
import { parseS3Environment, type S3Settings } from "@omnigraphdb/engine";
import { makeScratchDir, type S3Fault, type S3Request, type S3TestServer, startS3Server, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApplyOutcome } from "../../src/apply/apply-outcome.js";
import { forceUnlock } from "../../src/unlock/force-unlock.js";
import { openClusterStore } from "../../src/storage/cluster-store.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { codesOf, FIND, FIND_AGED, LIST, PERSON, PERSON_WITH_CITY, READERS, TestCluster } from "../apply/apply-rig.js";

/** One request in this many is made to fail; 1 = every one. At least one fails in every way. */
const STRIDE = Number(process.env["OMNIGRAPH_CLUSTER_FAULT_STRIDE"] ?? 1_000);

const BASE: DeclaredCluster = { graphs: { evolving: { schema: PERSON, queries: { find: FIND } }, old: { schema: PERSON } } };
const TARGET: DeclaredCluster = {
  graphs: { evolving: { schema: PERSON_WITH_CITY, queries: { find: FIND_AGED } }, fresh: { schema: PERSON } },
  policies: { team: { text: READERS, appliesTo: ["graph.evolving"] } },
};

const FAULTS: Readonly<Record<string, S3Fault>> = {
  refused: { kind: "fail", status: 403 },
  "out of service": { kind: "fail", status: 503 },
  "cut off": { kind: "reset" },
  "answered in vain": { kind: "dropReply" },
};

const STEPS_MAX = 6;

let server: S3TestServer;
let s3: S3Settings;
let directory: TempDir;
let requestCount = 0;
let caseCount = 0;

beforeAll(async () => {
  server = await startS3Server();
  s3 = must(parseS3Environment(server.environment), "the test server gives settings");
  directory = await makeScratchDir();
  const cluster = await clusterIn("base");
  await cluster.converge(BASE);
  {
    await using graph = await cluster.openGraph("evolving", "rw");
    await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
  }
  const whole = await copyOfBase();
  server.injectFaults(() => {
    requestCount++;
    return undefined;
  });
  expect(await whole.apply()).toMatchObject({ isConverged: true });
  server.injectFaults(undefined);
}, 60_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function clusterIn(bucket: string): Promise<TestCluster> {
  return new TestCluster(`${directory.path}/${bucket}`, await openClusterStore(`s3://${bucket}/prod`, { durability: "process", s3 }), s3);
}

/** The base, with the target declared and its delete approved. */
async function copyOfBase(): Promise<TestCluster> {
  const bucket = `case-${caseCount++}`;
  for (const key of server.keys("base")) {
    const { ok } = await fetch(`${server.endpoint}/${bucket}/${key}`, { method: "PUT", headers: { "x-amz-copy-source": `/base/${encodeURIComponent(key)}` } });
    expect(ok).toBe(true);
  }
  const cluster = await clusterIn(bucket);
  await cluster.declare(TARGET);
  await cluster.approve("graph.old");
  return cluster;
}

/** Does what the messages of an apply that did not converge say. */
async function doAsTold(cluster: TestCluster, { diagnostics }: ApplyOutcome): Promise<void> {
  for (const { code, message } of diagnostics) {
    const lockId = /force-unlock (\w+)/.exec(message)?.[1];
    if (lockId !== undefined && (await cluster.store.objects.exists(cluster.store.layout.lock))) {
      expect(await forceUnlock({ configDirectory: cluster.configDirectory, environment: cluster.environment(), lockId })).toMatchObject({ isLockRemoved: true });
    }
    const root = code === "graph_create_incomplete" ? / remove (\S+) with everything in it by hand/.exec(message)?.[1] : undefined;
    if (root !== undefined) await cluster.store.objects.deletePrefix(root);
  }
}

async function expectRepairable(at: number, fault: S3Fault): Promise<void> {
  const cluster = await copyOfBase();
  let seen = 0;
  let failed: S3Request | undefined;
  server.injectFaults((request) => {
    if (seen++ !== at) return undefined;
    failed = request;
    return fault;
  });
  const log: unknown[] = [];
  let outcome = await cluster.apply();
  server.injectFaults(undefined);
  const context = (): string => JSON.stringify({ at, fault, method: failed?.method, key: failed?.key, query: failed?.query.toString(), log }, undefined, 1);
  log.push(codesOf(outcome));
  expect(codesOf(outcome).join(), context()).not.toContain("state_cas_mismatch");
  for (let step = 0; step < STEPS_MAX && !(outcome.isConverged && outcome.isOk && !outcome.isStateWritten); step++) {
    await doAsTold(cluster, outcome);
    outcome = await cluster.apply();
    log.push(outcome.diagnostics);
  }
  expect(outcome, context()).toMatchObject({ isOk: true, isConverged: true, isStateWritten: false, diagnostics: [] });
  expect(await cluster.sidecars(), context()).toEqual([]);
  const { layout, objects } = cluster.store;
  expect([await objects.exists(layout.lock), await objects.exists(layout.graphRoot("old"))], context()).toEqual([false, false]);
  await using graph = await cluster.openGraph("evolving");
  expect([graph.schema.source, (await graph.query(LIST)).rowCount], context()).toEqual([PERSON_WITH_CITY, 1]);
  await using fresh = await cluster.openGraph("fresh");
  expect(fresh.schema.source).toBe(PERSON);
}

describe("an apply on S3-compatible storage of which one request fails", () => {
  test.each(Object.entries(FAULTS).map(([name, fault], index) => ({ name, fault, index })))(
    "cluster.md §10, 4.1, 6.5 $name: repeated, it converges, and no row is lost",
    async ({ fault, index }) => {
      const offset = Math.floor((index * Math.min(STRIDE, requestCount)) / Object.keys(FAULTS).length);
      let count = 0;
      for (let at = offset; at < requestCount; at += STRIDE, count++) await expectRepairable(at, fault);
      if (STRIDE < 20) console.log(`${count} of ${requestCount} requests`);
    },
    60_000 + 3_000_000 / STRIDE,
  );
});
