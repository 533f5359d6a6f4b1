import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { approvalOf, CONFIG_DIGEST, type DesiredSpec, planInput } from "../../test-support/plan-input.js";
import { expectedDecision, ledgerAfter, recompose } from "../../test-support/plan-model.js";
import type { Approval } from "../approvals/approval.js";
import type { Ledger, LedgerResource } from "../ledger/ledger.js";
import { findBrokenInvariant } from "./broken-invariant.js";
import { demoteDependents } from "./demote-dependents.js";
import { planChanges } from "./plan-changes.js";
import type { FailureReason, PlanInput } from "./planned-change.js";

const GRAPHS = ["a", "b", "c"] as const;
const QUERIES = ["q", "r"] as const;
const POLICIES = ["p", "s", "t"] as const;
const PROVIDERS = ["provider.embedding.e", "provider.embedding.f"] as const;
const TARGETS = ["cluster", ...GRAPHS.map((id) => `graph.${id}`)];
const RUNS = { numRuns: 400, seed: 20_260_101 };

const version = fc.constantFrom("1", "2");
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });

/** What a valid configuration can declare: a graph has a schema; its queries, and what binds to it, need it. */
const desiredSpec: fc.Arbitrary<DesiredSpec> = fc
  .record({
    graphs: fc.tuple(...GRAPHS.map(() => maybe(fc.record({ schema: version, queries: fc.tuple(...QUERIES.map(() => maybe(version))), provider: maybe(fc.nat(1)) })))),
    policies: fc.tuple(...POLICIES.map(() => maybe(fc.record({ digest: version, targets: fc.subarray(TARGETS, { minLength: 1 }) })))),
    providers: fc.tuple(...PROVIDERS.map(() => maybe(version))),
  })
  .map(({ graphs, policies, providers }) => {
    const parts: Record<string, LedgerResource> = {};
    const profile = (digest: string): LedgerResource => ({ digest, embedding_profile: { kind: "mock", model: digest } });
    PROVIDERS.forEach((address, index) => providers[index] !== undefined && (parts[address] = profile(providers[index])));
    GRAPHS.forEach((id, index) => {
      const graph = graphs[index];
      if (graph === undefined) return;
      const provider = graph.provider === undefined ? undefined : PROVIDERS[graph.provider];
      parts[`graph.${id}`] = { digest: "", ...(provider !== undefined && parts[provider] !== undefined ? { embedding_provider: provider } : {}) };
      parts[`schema.${id}`] = { digest: graph.schema };
      QUERIES.forEach((name, at) => graph.queries[at] !== undefined && (parts[`query.${id}.${name}`] = { digest: graph.queries[at] }));
    });
    POLICIES.forEach((name, index) => {
      const policy = policies[index];
      const isTaken = (target: string): boolean => POLICIES.some((other) => other !== name && parts[`policy.${other}`]?.applies_to?.includes(target) === true);
      const targets = policy?.targets.filter((target) => (target === "cluster" || parts[target] !== undefined) && !isTaken(target)) ?? [];
      if (policy !== undefined && targets.length > 0) parts[`policy.${name}`] = { digest: policy.digest, applies_to: [...targets].sort() };
    });
    return Object.fromEntries(
      [...recompose(new Map(Object.entries(parts)))].map(([address, { digest, applies_to, embedding_profile, embedding_provider }]) => [
        address,
        { digest, ...(applies_to === undefined ? {} : { appliesTo: applies_to }), ...(embedding_profile === undefined ? {} : { embeddingProfile: embedding_profile }), ...(embedding_provider === undefined ? {} : { embeddingProvider: embedding_provider }) },
      ]),
    );
  });

/** What a ledger can hold: anything, as long as the composites are those of its parts. Refreshes leave graphs without a schema, and the reverse. */
const recordedSpec: fc.Arbitrary<Readonly<Record<string, LedgerResource>>> = fc
  .record({
    plain: fc.tuple(...GRAPHS.flatMap((id) => [`schema.${id}`, ...QUERIES.map((name) => `query.${id}.${name}`)]).map((address) => maybe(version).map((digest) => [address, digest] as const))),
    graphs: fc.tuple(...GRAPHS.map(() => maybe(maybe(fc.constantFrom(...PROVIDERS))))),
    policies: fc.tuple(...POLICIES.map(() => maybe(fc.record({ digest: version, applies_to: fc.subarray(TARGETS, { minLength: 1 }) })))),
    providers: fc.tuple(...PROVIDERS.map(() => maybe(version))),
    unknown: fc.boolean(),
  })
  .map(({ plain, graphs, policies, providers, unknown }) => {
    const parts: Record<string, LedgerResource> = unknown ? { "pipeline.nightly": { digest: "1" } } : {};
    for (const [address, digest] of plain) if (digest !== undefined) parts[address] = { digest };
    GRAPHS.forEach((id, index) => (index === 0 || graphs[index] !== undefined) && (parts[`graph.${id}`] = { digest: "", ...(graphs[index] === undefined ? {} : { embedding_provider: graphs[index] }) }));
    POLICIES.forEach((name, index) => policies[index] !== undefined && (parts[`policy.${name}`] = policies[index]));
    PROVIDERS.forEach((address, index) => providers[index] !== undefined && (parts[address] = { digest: providers[index], embedding_profile: { kind: "mock", model: providers[index] } }));
    return Object.fromEntries(recompose(new Map(Object.entries(parts))));
  });

type Stamp = "valid" | "other configuration" | "other state" | "consumed" | "consumed in the ledger";

const planCase: fc.Arbitrary<{ readonly input: PlanInput; readonly approved: ReadonlySet<string> }> = fc
  .record({
    desired: desiredSpec,
    recorded: maybe(recordedSpec),
    pending: fc.subarray([...GRAPHS]),
    stamps: fc.tuple(...GRAPHS.map(() => maybe(fc.constantFrom<Stamp>("valid", "valid", "valid", "other configuration", "other state", "consumed", "consumed in the ledger")))),
  })
  .map(({ desired, recorded, pending, stamps }) => {
    const approvals = GRAPHS.flatMap((id, index) => (stamps[index] === undefined ? [] : [stamped(id, stamps[index], recorded?.[`graph.${id}`]?.digest ?? "none")]));
    const consumed = approvals.filter((_, index) => stamps.filter((stamp) => stamp !== undefined)[index] === "consumed in the ledger").map(({ approvalId }) => approvalId);
    const input = planInput({ desired, ...(recorded === undefined ? {} : { recorded }), pending, approvals, consumed });
    return { input, approved: new Set(GRAPHS.filter((_, index) => stamps[index] === "valid").map((id) => `graph.${id}`)) };
  });

function stamped(graphId: string, stamp: Stamp, before: string): Approval {
  return approvalOf(`graph.${graphId}`, {
    approvalId: `01${graphId}`,
    boundConfigDigest: stamp === "other configuration" ? "config-0" : CONFIG_DIGEST,
    boundBeforeDigest: stamp === "other state" ? "other" : before,
    consumedAt: stamp === "consumed" ? "2026-01-02T00:00:00.000Z" : null,
  });
}

/** The same input, every collection of it in another order. */
function shuffled(input: PlanInput, order: readonly number[]): PlanInput {
  const shuffle = <T>(items: Iterable<T>): T[] => [...items].map((item, index) => ({ item, key: order[index % order.length] ?? 0 })).sort((a, b) => a.key - b.key).map(({ item }) => item);
  return {
    desired: { ...input.desired, resources: new Map(shuffle(input.desired.resources)), dependencies: shuffle(input.desired.dependencies) },
    ledger: input.ledger === undefined ? undefined : { ...input.ledger, resources: new Map(shuffle(input.ledger.resources)) },
    pendingGraphs: new Set(shuffle(input.pendingGraphs)),
    approvals: shuffle(input.approvals),
  };
}

describe("cluster.md §8 plans of any configuration and ledger", () => {
  test("cluster.md §8 the same input gives the same bytes, in whatever order it comes", () => {
    fc.assert(
      fc.property(planCase, fc.array(fc.nat(99), { minLength: 7, maxLength: 40 }), ({ input }, order) => {
        expect(JSON.stringify(planChanges(shuffled(input, order)))).toBe(JSON.stringify(planChanges(input)));
      }),
      RUNS,
    );
  });

  test("cluster.md §8.2 every change stands where a second reading of the table puts it", () => {
    fc.assert(
      fc.property(planCase, ({ input, approved }) => {
        const found = planChanges(input).changes.map(({ resource, disposition, reason }) => `${resource} ${reason === undefined ? disposition : `${disposition}: ${reason}`}`);
        const expected = planChanges(input).changes.map(({ resource }) => `${resource} ${expectedDecision(resource, input, (address) => approved.has(address))}`);
        expect(found).toEqual(expected);
      }),
      RUNS,
    );
  });

  test("cluster.md §9.2 no delete of a graph or schema is executable without an approval", () => {
    fc.assert(
      fc.property(planCase, ({ input, approved }) => {
        const plan = planChanges(input);
        expect(findBrokenInvariant(plan)).toBeUndefined();
        for (const { resource, operation, disposition } of plan.changes) {
          if (operation === "delete" && disposition === "applied" && /^(graph|schema)\./.test(resource)) expect(approved.has(resource.replace("schema.", "graph."))).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test("decision 0031: a scope has a bundle and one only, before and after, unless the configuration says that a graph has none", () => {
    const holders = (resources: PlanInput["desired"]["resources"] | Ledger["resources"], scope: string): number =>
      [...resources.values()].filter((each) => ("appliesTo" in each ? each.appliesTo : "applies_to" in each ? each.applies_to : undefined)?.includes(scope) === true).length;
    fc.assert(
      fc.property(planCase, fc.subarray([...GRAPHS]), ({ input }, failing) => {
        const { changes } = planChanges(input);
        const failures = new Map(changes.filter(({ resource, disposition }) => disposition === "applied" && failing.some((id) => resource === `graph.${id}`)).map(({ resource }) => [resource, "dependency_not_applied"] as const));
        const recorded = input.ledger?.resources ?? new Map<string, LedgerResource>();
        const after = ledgerAfter(demoteDependents(changes, failures, input), input).resources;
        for (const scope of TARGETS) {
          if (holders(recorded, scope) > 1) continue;
          expect(holders(after, scope)).toBeLessThanOrEqual(1);
          const isDeclaredOpen = (scope === "cluster" || input.desired.resources.has(scope)) && holders(input.desired.resources, scope) === 0;
          const isCreated = after.has(scope) && !recorded.has(scope);
          if (isCreated && failures.size === 0 && !isDeclaredOpen) expect(holders(after, scope)).toBe(1);
          if (holders(recorded, scope) === 1 && after.has(scope) && !isDeclaredOpen) expect(holders(after, scope)).toBe(1);
        }
      }),
      RUNS,
    );
  });

  test("cluster.md §11.6 what remains after a run is nothing, exactly when nothing waited", () => {
    fc.assert(
      fc.property(planCase, ({ input }) => {
        const { changes } = planChanges(input);
        const residual = planChanges({ ...input, ledger: ledgerAfter(changes, input) }).changes;
        const waited = changes.some(({ disposition }) => disposition === "blocked" || disposition === "deferred");
        expect(residual.length > 0).toBe(waited);
      }),
      RUNS,
    );
  });

  test("cluster.md §8.2 a failure only ever takes changes out of the run, and none of an unrelated graph", () => {
    fc.assert(
      fc.property(planCase, fc.subarray([...GRAPHS]), ({ input }, failing) => {
        const { changes } = planChanges(input);
        const failures = new Map<string, FailureReason>();
        for (const { resource, operation, disposition } of changes) {
          if (disposition !== "applied" || !failing.some((id) => resource === `graph.${id}` || resource === `schema.${id}`)) continue;
          if (resource.startsWith("graph.")) failures.set(resource, operation === "create" ? "graph_create_failed" : "graph_delete_failed");
          else if (operation === "update") failures.set(resource, "schema_apply_failed");
        }
        const failed = new Set([...failures.keys()].map((address) => address.split(".")[1]));
        const after = demoteDependents(changes, failures, input);
        after.forEach((change, index) => {
          const before = changes[index];
          if (change.disposition !== before?.disposition) {
            expect(["applied", "derived"]).toContain(before?.disposition);
            expect(change).toEqual({ ...before, disposition: "blocked", reason: failures.get(change.resource) ?? "dependency_not_applied" });
          } else expect(change).toBe(before);
          const [kind, id] = change.resource.split(".");
          if ((kind === "graph" || kind === "schema" || kind === "query") && change !== before) expect(failed).toContain(id);
          if (kind !== "policy" && kind !== "provider" && failed.has(id)) expect(["blocked", "deferred"]).toContain(change.disposition);
        });
        expect(demoteDependents(after, failures, input)).toEqual(after);
      }),
      RUNS,
    );
  });
});
