import { describe, expect, test } from "vitest";
import { approvalOf, planInput, type PlanInputSpec } from "../../test-support/plan-input.js";
import { demoteDependents } from "./demote-dependents.js";
import { planChanges } from "./plan-changes.js";
import type { BlockReason } from "./planned-change.js";

/** Every change that stands differently after the failures, as `address: reason`. */
function demoted(spec: PlanInputSpec, failures: Readonly<Record<string, BlockReason>>): readonly string[] {
  const input = planInput(spec);
  const { changes } = planChanges(input);
  const after = demoteDependents(changes, new Map(Object.entries(failures)), input);
  expect(after.map(({ resource }) => resource)).toEqual(changes.map(({ resource }) => resource));
  return after.filter((change, index) => change !== changes[index]).map(({ resource, disposition, reason }) => `${resource}: ${disposition}, ${String(reason)}`);
}

const DEPENDS = "blocked, dependency_not_applied";

describe("cluster.md §8.2 last paragraph: after a failure", () => {
  const two = { "graph.a": "d", "schema.a": "d", "query.a.q": "d", "graph.b": "d", "schema.b": "d", "query.b.q": "d" };
  const old = { "graph.a": "o", "schema.a": "o", "query.a.q": "o", "query.a.gone": "o", "graph.b": "o", "schema.b": "o", "query.b.q": "o" };
  const policies = { "policy.all": "d", "policy.of-a": { digest: "d", appliesTo: ["graph.a"] }, "policy.of-b": { digest: "d", appliesTo: ["graph.b"] }, "policy.of-both": { digest: "d", appliesTo: ["graph.a", "graph.b"] } };

  test("cluster.md §8.2 graph_create_failed: its schema, queries and policies wait", () => {
    expect(demoted({ desired: { ...two, ...policies }, recorded: {} }, { "graph.a": "graph_create_failed", "graph.b": "dependency_not_applied" })).toEqual([
      "graph.a: blocked, graph_create_failed", `graph.b: ${DEPENDS}`, `policy.of-a: ${DEPENDS}`, `policy.of-b: ${DEPENDS}`, `policy.of-both: ${DEPENDS}`, `query.a.q: ${DEPENDS}`, `query.b.q: ${DEPENDS}`, `schema.a: ${DEPENDS}`, `schema.b: ${DEPENDS}`,
    ]);
  });

  test("cluster.md §8.2 schema_apply_failed: its graph, queries (deletes too) and policies wait", () => {
    expect(demoted({ desired: { ...two, ...policies }, recorded: old }, { "schema.a": "schema_apply_failed" })).toEqual([
      `graph.a: ${DEPENDS}`, `policy.of-a: ${DEPENDS}`, `policy.of-both: ${DEPENDS}`, `query.a.gone: ${DEPENDS}`, `query.a.q: ${DEPENDS}`, "schema.a: blocked, schema_apply_failed",
    ]);
  });

  test("cluster.md §8.2 graph_delete_failed: what belongs to the graph stays recorded, the policy that guards it too", () => {
    const spec = { desired: {}, recorded: { ...old, "policy.of-a": { digest: "o", applies_to: ["graph.a"] }, "policy.of-b": { digest: "o", applies_to: ["graph.b"] } }, approvals: [approvalOf("graph.a", { boundBeforeDigest: "o" })] };
    expect(demoted(spec, { "graph.a": "graph_delete_failed" })).toEqual(["graph.a: blocked, graph_delete_failed", `policy.of-a: ${DEPENDS}`, `query.a.gone: ${DEPENDS}`, `query.a.q: ${DEPENDS}`, `schema.a: ${DEPENDS}`]);
  });

  test("cluster.md §8.2 the embedding provider of a graph that could not be deleted stays", () => {
    const provider = "provider.embedding.e";
    const spec = { recorded: { "graph.a": { digest: "old", embedding_provider: provider }, [provider]: "o" }, approvals: [approvalOf("graph.a")] };
    expect(demoted(spec, { "graph.a": "graph_delete_failed" })).toEqual(["graph.a: blocked, graph_delete_failed", `${provider}: ${DEPENDS}`]);
  });

  test("cluster.md §8.2 the embedding provider of such a graph stays as its approval saw it (decision 0031)", () => {
    const provider = "provider.embedding.e";
    const spec = { desired: { [provider]: "n" }, recorded: { "graph.a": { digest: "old", embedding_provider: provider }, [provider]: "o" }, approvals: [approvalOf("graph.a")] };
    expect(demoted(spec, { "graph.a": "graph_delete_failed" })).toEqual(["graph.a: blocked, graph_delete_failed", `${provider}: ${DEPENDS}`]);
  });

  test("cluster.md §8.2 a policy that takes over from one that waits, waits too (decision 0031)", () => {
    const spec = { desired: { ...two, "policy.new": { digest: "d", appliesTo: ["graph.b"] } }, recorded: { ...old, "policy.old": { digest: "o", applies_to: ["graph.a", "graph.b"] } } };
    expect(demoted(spec, { "schema.a": "schema_apply_failed" })).toEqual(expect.arrayContaining([`policy.new: ${DEPENDS}`, `policy.old: ${DEPENDS}`]));
  });

  test("cluster.md §8.2 the policy of a graph that was created does not wait for another graph (decision 0031)", () => {
    expect(demoted({ desired: { ...two, ...policies }, recorded: {} }, { "graph.b": "graph_create_failed" })).toEqual(["graph.b: blocked, graph_create_failed", `policy.of-b: ${DEPENDS}`, `query.b.q: ${DEPENDS}`, `schema.b: ${DEPENDS}`]);
  });

  test("cluster.md §8.2 what was skipped after another failure waits as a dependent", () => {
    expect(demoted({ desired: two, recorded: {} }, { "graph.a": "graph_create_failed", "graph.b": "dependency_not_applied" })).toEqual([
      "graph.a: blocked, graph_create_failed", `graph.b: ${DEPENDS}`, `query.a.q: ${DEPENDS}`, `query.b.q: ${DEPENDS}`, `schema.a: ${DEPENDS}`, `schema.b: ${DEPENDS}`,
    ]);
  });

  test("cluster.md §8.2 what waits already keeps its reason", () => {
    const spec = { desired: { ...two, ...policies }, recorded: {}, pending: ["b"] };
    expect(demoted(spec, { "graph.a": "graph_create_failed" })).not.toContain(`policy.of-both: ${DEPENDS}`);
  });

  test("cluster.md §8.2 no failure, no difference", () => {
    expect(demoted({ desired: { ...two, ...policies }, recorded: old }, {})).toEqual([]);
  });
});
