import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CancelledError } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { CLUSTER_FAILPOINT } from "../../src/apply/cluster-failpoints.js";
import { applyCluster } from "../../src/apply/apply-cluster.js";
import { contentDigest } from "../../src/digests.js";
import { encodeLedger } from "../../src/ledger/encode-ledger.js";
import type { ExternalBlobPolicy } from "../../src/ledger/ledger.js";
import type { ClusterProgress } from "../../src/run/cluster-environment.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { changesOf, codesOf, FIND, PERSON, PERSON_REFUSED, PERSON_WITH_CITY, READERS, withTestCluster } from "./apply-rig.js";

const PROVIDERS = { main: { kind: "mock", model: "m1" } };

/** Every file below a directory: content, and when it was last written. */
async function imageOf(directory: string): Promise<ReadonlyMap<string, string>> {
  const image = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const { mtimeNs, ino } = await stat(file, { bigint: true });
    image.set(file, `${mtimeNs} ${ino} ${createHash("sha256").update(await readFile(file)).digest("hex")}`);
  }
  return image;
}

describe("cluster.md 11.6 the new ledger", () => {
  test("a repeated apply touches nothing: no byte, no time, no revision", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON, queries: { find: FIND }, embeddingProvider: "main" } }, policies: { team: { text: READERS, appliesTo: ["a"] } }, providers: PROVIDERS });
      const before = await imageOf(cluster.root);
      const outcome = await cluster.apply();
      expect(outcome).toMatchObject({ isOk: true, isStateWritten: false, isConverged: true, appliedCount: 0, stateObservations: { stateRevision: 2 } });
      expect(await imageOf(cluster.root)).toEqual(before);
    }));

  test("nor does one that still waits for the same things", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON }, b: { schema: PERSON } } });
      await cluster.declare({ graphs: { a: { schema: PERSON_REFUSED } } });
      expect(await cluster.apply()).toMatchObject({ isStateWritten: true, isConverged: false });
      const { text } = await cluster.readLedger();
      expect(await cluster.apply()).toMatchObject({ isStateWritten: false, isConverged: false });
      expect((await cluster.readLedger()).text).toBe(text);
    }));

  test("providers are recorded only; a graph bound to one follows", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON, embeddingProvider: "main" } }, providers: PROVIDERS });
      const before = await imageOf(join(cluster.root, "graphs"));
      const outcome = await cluster.converge({ graphs: { a: { schema: PERSON, embeddingProvider: "main" } }, providers: { main: { kind: "mock", model: "m2" } } });
      expect(changesOf(outcome)).toEqual(["update graph.a derived", "update provider.embedding.main applied"]);
      const { resources } = await cluster.ledger();
      expect(resources.get("provider.embedding.main")?.embedding_profile).toMatchObject({ kind: "mock", model: "m2" });
      expect(resources.get("graph.a")?.embedding_provider).toBe("provider.embedding.main");
      expect(await imageOf(join(cluster.root, "graphs"))).toEqual(before);
    }));

  test("a graph whose schema waits keeps its recorded blob policy and provider; they follow once it converges", () =>
    withTestCluster(async (cluster) => {
      const policy: ExternalBlobPolicy = { mode: "allow", bases: [{ uri: "s3://media/in", scope: "server_safe" }] };
      await cluster.declare({ graphs: { a: { schema: PERSON, embeddingProvider: "main" } }, providers: PROVIDERS });
      await cluster.import();
      await cluster.apply();
      await cluster.declare({ graphs: { a: { schema: PERSON_REFUSED, externalBlobPolicy: policy } } });
      await cluster.apply();
      const waiting = (await cluster.ledger()).resources;
      expect(waiting.get("graph.a")).toMatchObject({ embedding_provider: "provider.embedding.main" });
      expect(waiting.get("graph.a")).not.toHaveProperty("external_blob_policy");
      expect(waiting.has("provider.embedding.main")).toBe(true);
      await cluster.declare({ graphs: { a: { schema: PERSON_WITH_CITY, externalBlobPolicy: policy } } });
      expect(await cluster.apply()).toMatchObject({ isOk: true, isConverged: true });
      const after = (await cluster.ledger()).resources;
      expect(after.get("graph.a")).toMatchObject({ external_blob_policy: policy });
      expect(after.get("graph.a")).not.toHaveProperty("embedding_provider");
      expect(after.has("provider.embedding.main")).toBe(false);
    }));

  test("18.2.16 a policy without recorded targets is filled in", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON } }, policies: { team: { text: READERS, appliesTo: ["a"] } } });
      const ledger = await cluster.ledger();
      const resources = new Map(ledger.resources).set("policy.team", { digest: contentDigest(READERS) });
      await cluster.store.objects.writeText(cluster.store.layout.ledger, encodeLedger({ ...ledger, resources }));
      expect(await cluster.apply()).toMatchObject({ isConverged: true, appliedCount: 1 });
      expect((await cluster.ledger()).resources.get("policy.team")).toEqual({ digest: contentDigest(READERS), applies_to: ["graph.a"] });
    }));

  test("config_digest is that of the last run that converged", () =>
    withTestCluster(async (cluster) => {
      const converged = await cluster.converge({ graphs: { a: { schema: PERSON } } });
      await cluster.declare({ graphs: { a: { schema: PERSON_REFUSED } } });
      await cluster.apply();
      expect((await cluster.ledger()).configDigest).toBe(converged.configDigest);
    }));

  test("decision 0026: what waited and need not any more is applied again, or forgotten", () =>
    withTestCluster(async (cluster) => {
      const declared: DeclaredCluster = { graphs: { a: { schema: PERSON } } };
      await cluster.converge(declared);
      await cluster.declare({ graphs: { a: { schema: PERSON_REFUSED }, b: { schema: PERSON } } });
      cluster.failAt(CLUSTER_FAILPOINT.beforeGraphCreate);
      await cluster.apply();
      expect((await cluster.ledger()).statuses.get("graph.b")).toEqual({ status: "blocked", conditions: ["graph_create_failed"] });
      await cluster.declare(declared);
      expect(await cluster.apply()).toMatchObject({ isConverged: true, isStateWritten: true });
      expect([...(await cluster.ledger()).statuses]).toEqual([
        ["graph.a", { status: "applied" }],
        ["schema.a", { status: "applied" }],
      ]);
    }));
});

describe("decision 0026: statuses that a run does not make untrue", () => {
  test("a graph that could not be opened stays so when only its queries change", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON } } });
      await rm(join(cluster.store.layout.graphRoot("a"), "__schema_state.json"));
      await cluster.refresh();
      await cluster.declare({ graphs: { a: { schema: PERSON, queries: { find: FIND } } } });
      const outcome = await cluster.apply();
      expect(changesOf(outcome)).toEqual(["update graph.a derived", "create query.a.find applied"]);
      expect(outcome.resourceStatuses.get("graph.a")).toMatchObject({ status: "error", conditions: ["graph_observation_error"] });
    }));
});

describe("cluster.md 11.7 result", () => {
  test("C7 a graph whose root vanished is created again, and said to be empty", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON, queries: { find: FIND } } } });
      await cluster.store.objects.deletePrefix(cluster.store.layout.graphRoot("a"));
      await cluster.refresh();
      const outcome = await cluster.apply();
      expect(outcome).toMatchObject({ isOk: true, isConverged: true });
      expect(outcome.changes.find(({ resource }) => resource === "graph.a")).toMatchObject({ operation: "create", recreatesVanishedGraph: true });
    }));
});

describe("cluster.md 11.8 actor", () => {
  test("is recorded in sidecars, tombstones, recovery records and the history of migrated graphs; none is none", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON }, old: { schema: PERSON } } });
      await cluster.declare({ graphs: { a: { schema: PERSON_WITH_CITY } } });
      await cluster.approve("graph.old");
      const seen: unknown[] = [];
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeStateWrite, async () => {
        seen.push(...(await cluster.sidecars()));
        throw new Error("armed by the test");
      });
      await cluster.apply({}, "eve");
      cluster.failpoints.disarm(CLUSTER_FAILPOINT.beforeStateWrite);
      expect(seen).toMatchObject([{ kind: "schema_apply", actor: "eve" }, { kind: "graph_delete", actor: "eve" }]);
      await cluster.apply({}, "ann");
      const { recoveries, observations } = await cluster.ledger();
      expect([...recoveries.values()].map(({ actor }) => actor)).toEqual(["eve", "eve"]);
      expect(observations.get("graph.old")).toMatchObject({ kind: "tombstone", actor: "eve" });
      {
        await using graph = await cluster.openGraph("a");
        expect((await graph.listCommits())[0]).toMatchObject({ actorId: "eve" });
      }
      await cluster.declare({ graphs: { a: { schema: PERSON } } });
      const anonymous = await applyCluster({ configDirectory: cluster.configDirectory, environment: cluster.environment() });
      expect(anonymous).toMatchObject({ isConverged: true });
      expect(anonymous).not.toHaveProperty("actor");
      await using graph = await cluster.openGraph("a");
      expect((await graph.listCommits())[0]).toMatchObject({ actorId: null });
    }));
});

describe("a run that is told to stop, or watched", () => {
  test("cluster.md 4.4 stops between two steps, says what that leaves, gives the lock back, and the next run goes on", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare({ graphs: { a: { schema: PERSON }, b: { schema: PERSON } } });
      await cluster.import();
      const controller = new AbortController();
      cluster.failpoints.arm(CLUSTER_FAILPOINT.afterGraphCreate, () => controller.abort());
      const stopped = await cluster.apply({ signal: controller.signal }).catch((error: unknown) => error);
      expect(stopped).toBeInstanceOf(CancelledError);
      expect(stopped).toMatchObject({ effects: "possible", hint: expect.stringContaining("omnigraph cluster apply") as string });
      cluster.failpoints.disarm(CLUSTER_FAILPOINT.afterGraphCreate);
      expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot("b"))).toBe(false);
      const next = await cluster.apply();
      expect(codesOf(next)).toEqual(["cluster_recovery_rolled_forward graph.a"]);
      expect(next).toMatchObject({ isOk: true, isConverged: true });
    }));

  test("one that is told while a migration waits its turn leaves neither effect nor sidecar", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON } } });
      await cluster.declare({ graphs: { a: { schema: PERSON_WITH_CITY } } });
      const controller = new AbortController();
      cluster.failpoints.arm(CLUSTER_FAILPOINT.beforeSchemaApply, () => controller.abort());
      const stopped = await cluster.apply({ signal: controller.signal }).catch((error: unknown) => error);
      expect(stopped).toBeInstanceOf(CancelledError);
      expect(await cluster.sidecars()).toEqual([]);
      await using graph = await cluster.openGraph("a");
      expect(graph.schema.source).toBe(PERSON);
    }));

  test("one that is told before its first step has no effects", () =>
    withTestCluster(async (cluster) => {
      await cluster.declare({ graphs: { a: { schema: PERSON } } });
      await cluster.import();
      const { text } = await cluster.readLedger();
      const stopped = await cluster.apply({ signal: AbortSignal.abort() }).catch((error: unknown) => error);
      expect(stopped).toBeInstanceOf(CancelledError);
      expect(stopped).toMatchObject({ effects: "none" });
      expect((await cluster.readLedger()).text).toBe(text);
    }));

  test("reports its phases in order, each step before and after", () =>
    withTestCluster(async (cluster) => {
      await cluster.converge({ graphs: { a: { schema: PERSON }, old: { schema: PERSON } } });
      await cluster.declare({ graphs: { a: { schema: PERSON_WITH_CITY }, b: { schema: PERSON, queries: { find: FIND } } } });
      await cluster.approve("graph.old");
      const events: ClusterProgress[] = [];
      await cluster.apply({ onProgress: (event) => events.push(event) });
      expect(events.map(({ phase, resource = "", done, total }) => `${phase} ${resource} ${done}/${total}`.replace("  ", " "))).toEqual([
        "load 0/1", "load 1/1", "lock 0/1", "lock 1/1", "plan 0/1", "plan 1/1",
        "create graph.b 0/1", "create graph.b 1/1", "migrate schema.a 0/1", "migrate schema.a 1/1",
        "catalog query.b.find 0/1", "catalog 1/1", "delete graph.old 0/1", "delete graph.old 1/1", "ledger 0/1", "ledger 1/1",
      ]);
    }));
});
