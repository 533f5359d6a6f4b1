import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLUSTER_FAILPOINT, type ClusterFailpoint } from "../../src/apply/cluster-failpoints.js";
import type { DeclaredCluster, DeclaredGraph } from "../../test-support/declare-cluster.js";
import { codesOf, FIND, FIND_AGED, LIST, PERSON, PERSON_WITH_CITY, READERS, type TestCluster, withTestCluster } from "./apply-rig.js";

const PROVIDERS = { main: { kind: "mock", model: "m1" } };

const graph: fc.Arbitrary<DeclaredGraph | undefined> = fc.option(
  fc.record({
    schema: fc.constantFrom(PERSON, `// people\n${PERSON}`, PERSON_WITH_CITY),
    queries: fc.dictionary(fc.constantFrom("find", "list"), fc.constant(""), { maxKeys: 2, noNullPrototype: true }).chain((names) => fc.constantFrom(FIND, FIND_AGED).map((find) => queriesOf(Object.keys(names), find))),
    isBound: fc.boolean(),
  }).map(({ isBound, ...declared }) => (isBound ? { ...declared, embeddingProvider: "main" } : declared)),
  { nil: undefined, freq: 3 },
);

function queriesOf(names: readonly string[], find: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name === "find" ? find : LIST]));
}

const declared: fc.Arbitrary<DeclaredCluster> = fc.record({ a: graph, b: graph, isGuarded: fc.boolean() }).map(({ a, b, isGuarded }) => {
  const graphs = { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
  const isUsed = Object.values(graphs).some(({ embeddingProvider }) => embeddingProvider !== undefined);
  return {
    graphs,
    ...(isGuarded && a !== undefined ? { policies: { team: { text: READERS, appliesTo: ["graph.a"] } } } : {}),
    ...(isUsed ? { providers: PROVIDERS } : {}),
  };
});

const step = fc.record({ declared, failure: fc.option(fc.constantFrom(...Object.values(CLUSTER_FAILPOINT)), { nil: undefined }), isRefreshed: fc.boolean() });

/** What a person would do: apply, read, approve what is asked for, apply again. */
async function bringTo(cluster: TestCluster, target: DeclaredCluster, failure: ClusterFailpoint | undefined, isRefreshed: boolean): Promise<void> {
  await cluster.declare(target);
  if (failure !== undefined) {
    cluster.failAt(failure);
    const outcome = await cluster.apply();
    const isPassed = cluster.failpoints.hitCount(failure) > 0 && codesOf(outcome).includes(`injected_failpoint ${failure}`);
    expect(outcome.isOk).toBe(!isPassed);
    cluster.failpoints.disarm(failure);
  }
  if (isRefreshed) await cluster.refresh();
  const outcome = await cluster.apply();
  expect(outcome.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  for (const { resource, reason } of outcome.changes) if (reason === "approval_required" && resource.startsWith("graph.")) await cluster.approve(resource);
  const last = await cluster.apply();
  expect(last).toMatchObject({ isOk: true, isConverged: true });
  expect((await cluster.plan()).changes).toEqual([]);
  const { text } = await cluster.readLedger();
  expect(await cluster.apply()).toMatchObject({ changes: [], diagnostics: [], isStateWritten: false });
  expect((await cluster.readLedger()).text).toBe(text);
}

async function expectDeployed(cluster: TestCluster, { graphs }: DeclaredCluster): Promise<void> {
  for (const graphId of ["a", "b"]) {
    const isDeclared = graphId in graphs;
    expect(await cluster.store.objects.exists(cluster.store.layout.graphRoot(graphId))).toBe(isDeclared);
    if (!isDeclared) continue;
    await using opened = await cluster.openGraph(graphId);
    expect(opened.schema.source).toBe(graphs[graphId]?.schema);
  }
  expect(await cluster.sidecars()).toEqual([]);
}

describe("cluster.md §11 any sequence of configurations", () => {
  test("with failures in between converges on each: plan, apply, empty plan, nothing written", () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 4 }), (steps) =>
        withTestCluster(async (cluster) => {
          await cluster.declare({ graphs: {} });
          await cluster.import();
          for (const { declared: target, failure, isRefreshed } of steps) {
            await bringTo(cluster, target, failure, isRefreshed);
            await expectDeployed(cluster, target);
          }
        }),
      ),
      { numRuns: Number(process.env["APPLY_PROPERTY_RUNS"] ?? 6) },
    ), 120_000);
});
