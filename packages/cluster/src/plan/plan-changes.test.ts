import { describe, expect, test } from "vitest";
import { approvalOf, type DesiredSpec, planInput, type PlanInputSpec } from "../../test-support/plan-input.js";
import { findBrokenInvariant } from "./broken-invariant.js";
import { planChanges } from "./plan-changes.js";
import type { ChangePlan } from "./planned-change.js";

function plan(spec: PlanInputSpec): ChangePlan {
  return planChanges(planInput(spec));
}

/** `blocked: approval_required`, or the disposition alone. */
function decisionOf(spec: PlanInputSpec, address: string): string | undefined {
  const change = plan(spec).changes.find(({ resource }) => resource === address);
  if (change === undefined) return undefined;
  return change.reason === undefined ? change.disposition : `${change.disposition}: ${change.reason}`;
}

/** A graph with one query, declared or recorded. */
function graph(id: string, digest: string): Readonly<Record<string, string>> {
  return { [`graph.${id}`]: digest, [`schema.${id}`]: digest, [`query.${id}.q`]: digest };
}

describe("cluster.md §8.1 changes", () => {
  test.each<[string, PlanInputSpec, object | undefined]>([
    ["row 1: absent in the ledger", { desired: { "schema.a": "new" }, recorded: {} }, { operation: "create", afterDigest: "new", isBindingChange: false }],
    ["row 2: another digest", { desired: { "schema.a": "new" }, recorded: { "schema.a": "old" } }, { operation: "update", beforeDigest: "old", afterDigest: "new", isBindingChange: false }],
    ["row 3: not declared", { desired: {}, recorded: { "schema.a": "old" } }, { operation: "delete", beforeDigest: "old", isBindingChange: false }],
    ["row 4: targets differ", { desired: { "policy.p": { digest: "d", appliesTo: ["graph.a"] } }, recorded: { "policy.p": { digest: "d", applies_to: ["cluster"] } } }, { operation: "update", beforeDigest: "d", afterDigest: "d", isBindingChange: true, metadataChange: "policy_bindings" }],
    ["row 4: targets unrecorded", { desired: { "policy.p": { digest: "d", appliesTo: ["cluster"] } }, recorded: { "policy.p": { digest: "d" } } }, { operation: "update", isBindingChange: true, metadataChange: "policy_bindings" }],
    ["row 4: targets in another order, one of them twice, are the same", { desired: { "policy.p": { digest: "d", appliesTo: ["graph.a", "graph.b"] } }, recorded: { "policy.p": { digest: "d", applies_to: ["graph.b", "graph.a", "graph.b"] } } }, undefined],
    ["rows 2 and 4: new content for other targets says both", { desired: { "policy.p": { digest: "new", appliesTo: ["graph.a"] } }, recorded: { "policy.p": { digest: "old", applies_to: ["cluster"] } } }, { operation: "update", beforeDigest: "old", afterDigest: "new", isBindingChange: true }],
    ["row 5: profile differs", { desired: { "provider.embedding.e": { digest: "d", embeddingProfile: { kind: "mock" } } }, recorded: { "provider.embedding.e": { digest: "d", embedding_profile: { kind: "gemini" } } } }, { operation: "update", isBindingChange: false, metadataChange: "embedding_profile" }],
    ["row 5: profile unrecorded", { desired: { "provider.embedding.e": { digest: "d", embeddingProfile: { kind: "mock" } } }, recorded: { "provider.embedding.e": "d" } }, { operation: "update", metadataChange: "embedding_profile" }],
    ["row 5: the members of a profile have no order", { desired: { "provider.embedding.e": { digest: "d", embeddingProfile: { kind: "mock", model: "m" } } }, recorded: { "provider.embedding.e": { digest: "d", embedding_profile: { model: "m", kind: "mock" } } } }, undefined],
    ["the same", { desired: { "query.a.q": "d" }, recorded: { "query.a.q": "d" } }, undefined],
  ])("cluster.md §8.1 %s", (_, spec, expected) => {
    const [change, ...others] = plan(spec).changes;
    expect(others).toEqual([]);
    if (expected === undefined) expect(change).toBeUndefined();
    else expect(change).toMatchObject(expected);
  });

  test("cluster.md §8.1 ascending by address; without a ledger everything is a create", () => {
    const { changes } = plan({ desired: { ...graph("b", "d"), "policy.p": "d", ...graph("a", "d"), "provider.embedding.e": "d" } });
    expect(changes.map(({ resource, operation }) => `${operation} ${resource}`)).toEqual([
      "create graph.a", "create graph.b", "create policy.p", "create provider.embedding.e", "create query.a.q", "create query.b.q", "create schema.a", "create schema.b",
    ]);
  });
});

describe("cluster.md §11.7 C7: a graph that is created in place of a vanished one", () => {
  const vanished = { "graph.a": { status: "drifted", conditions: ["graph_missing"] } } as const;

  test.each<[string, PlanInputSpec, boolean]>([
    ["C7 its query is still recorded", { desired: graph("a", "d"), recorded: { "query.a.q": "d" }, statuses: vanished }, true],
    ["C7 a policy is still recorded for it", { desired: graph("a", "d"), recorded: { "policy.p": { digest: "d", applies_to: ["graph.a"] } }, statuses: vanished }, true],
    ["C7 nothing else is recorded of it, and refresh said that it was deployed", { desired: graph("a", "d"), recorded: {}, statuses: { "graph.a": { ...vanished["graph.a"], message: "it was deployed" } } }, true],
    ["C7 never deployed: import observes it as missing too", { desired: graph("a", "d"), recorded: {}, statuses: vanished }, false],
    ["C7 another graph's query", { desired: graph("a", "d"), recorded: { "query.a-b.q": "d" }, statuses: vanished }, false],
    ["C7 not observed as missing", { desired: graph("a", "d"), recorded: { "query.a.q": "d" } }, false],
  ])("%s", (_, spec, expected) => {
    expect(plan(spec).changes.find(({ resource }) => resource === "graph.a")?.recreatesVanishedGraph).toBe(expected);
  });
});

describe("cluster.md §8.2 dispositions", () => {
  const approved = [approvalOf("graph.a")];
  const created: PlanInputSpec = { desired: graph("a", "new"), recorded: {} };
  const updated: PlanInputSpec = { desired: graph("a", "new"), recorded: graph("a", "old") };
  const deleted: PlanInputSpec = { desired: {}, recorded: graph("a", "old") };
  const schemaAppears: PlanInputSpec = { desired: graph("a", "new"), recorded: { "graph.a": "old", "query.a.q": "old" } };
  const schemaLeaves: PlanInputSpec = { desired: { "graph.a": "new", "query.a.q": "new" }, recorded: graph("a", "old") };
  const pending = { pending: ["a"] };
  const policyOf = (digest: string): DesiredSpec => ({ "policy.p": { digest, appliesTo: ["graph.a", "graph.b"] } });
  const policyBefore = { "policy.p": { digest: "old", applies_to: ["graph.a"] } };
  // p lets go of a, which nobody approved, and of b, which q takes; r takes c from q.
  const handover: PlanInputSpec = {
    desired: { ...graph("b", "old"), ...graph("c", "old"), "policy.q": { digest: "old", appliesTo: ["graph.b"] }, "policy.r": { digest: "old", appliesTo: ["graph.c"] } },
    recorded: { ...graph("a", "old"), ...graph("b", "old"), ...graph("c", "old"), "policy.p": { digest: "old", applies_to: ["graph.a", "graph.b"] }, "policy.q": { digest: "old", applies_to: ["graph.c"] } },
  };
  const WAITS = "blocked: cluster_recovery_pending";
  const UNAPPROVED = "blocked: approval_required";
  const UNSUPPORTED = "deferred: apply_unsupported_kind";

  test.each<[string, PlanInputSpec, string, string]>([
    ["graph create", created, "graph.a", "applied"],
    ["graph create, pending", { ...created, ...pending }, "graph.a", WAITS],
    ["graph create, another graph pending", { ...created, pending: ["b"] }, "graph.a", "applied"],
    ["graph update", updated, "graph.a", "derived"],
    ["graph update, pending", { ...updated, ...pending }, "graph.a", "derived"],
    ["graph update, its schema created on its own", schemaAppears, "graph.a", UNSUPPORTED],
    ["graph update, its schema deleted on its own", schemaLeaves, "graph.a", UNSUPPORTED],
    ["graph delete", deleted, "graph.a", UNAPPROVED],
    ["graph delete, approved", { ...deleted, approvals: approved }, "graph.a", "applied"],
    ["graph delete, pending", { ...deleted, ...pending }, "graph.a", WAITS],
    ["graph delete, pending and approved", { ...deleted, ...pending, approvals: approved }, "graph.a", WAITS],
    ["schema create with its graph's", created, "schema.a", "applied"],
    ["schema create with its graph's, pending", { ...created, ...pending }, "schema.a", WAITS],
    ["schema create without its graph's", schemaAppears, "schema.a", WAITS],
    ["schema update", updated, "schema.a", "applied"],
    ["schema update, pending", { ...updated, ...pending }, "schema.a", WAITS],
    ["schema delete with its graph's", deleted, "schema.a", UNAPPROVED],
    ["schema delete with its graph's, approved", { ...deleted, approvals: approved }, "schema.a", "applied"],
    ["schema delete with its graph's, pending and approved", { ...deleted, ...pending, approvals: approved }, "schema.a", WAITS],
    ["schema delete alone", schemaLeaves, "schema.a", UNSUPPORTED],
    ["schema delete alone, approved", { ...schemaLeaves, approvals: [approvalOf("schema.a")] }, "schema.a", UNSUPPORTED],
    ["query create", created, "query.a.q", "applied"],
    ["query create, pending", { ...created, ...pending }, "query.a.q", WAITS],
    ["query create, its schema created on its own", { desired: graph("a", "new"), recorded: { "graph.a": "old" } }, "query.a.q", "blocked: dependency_not_applied"],
    ["query update", updated, "query.a.q", "applied"],
    ["query update, pending", { ...updated, ...pending }, "query.a.q", WAITS],
    ["query update, its schema created on its own", schemaAppears, "query.a.q", "blocked: dependency_not_applied"],
    ["query update, its schema deleted on its own", schemaLeaves, "query.a.q", "blocked: dependency_not_applied"],
    ["query update, its schema deleted on its own, pending", { ...schemaLeaves, ...pending }, "query.a.q", WAITS],
    ["query delete", { desired: { "graph.a": "new", "schema.a": "old" }, recorded: graph("a", "old") }, "query.a.q", "applied"],
    ["query delete, pending", { desired: { "graph.a": "new", "schema.a": "old" }, recorded: graph("a", "old"), ...pending }, "query.a.q", "applied"],
    ["query delete with its graph's", deleted, "query.a.q", UNAPPROVED],
    ["query delete with its graph's, approved, the graph pending (decision 0031)", { ...deleted, ...pending, approvals: approved }, "query.a.q", WAITS],
    ["query delete with its graph's, approved", { ...deleted, approvals: approved }, "query.a.q", "applied"],
    ["policy create", { desired: policyOf("new"), recorded: {} }, "policy.p", "applied"],
    ["policy create, a bound graph pending", { desired: policyOf("new"), recorded: {}, pending: ["b"] }, "policy.p", WAITS],
    ["policy update", { desired: policyOf("new"), recorded: policyBefore }, "policy.p", "applied"],
    ["policy update, a bound graph pending", { desired: policyOf("new"), recorded: policyBefore, ...pending }, "policy.p", WAITS],
    ["policy update of its bindings, a bound graph pending", { desired: policyOf("old"), recorded: policyBefore, ...pending }, "policy.p", WAITS],
    ["policy update, an unbound graph pending", { desired: policyOf("new"), recorded: policyBefore, pending: ["c"] }, "policy.p", "applied"],
    ["policy delete", { recorded: policyBefore }, "policy.p", "applied"],
    ["policy delete, a bound graph pending", { recorded: policyBefore, ...pending }, "policy.p", "applied"],
    ["policy delete, with the unapproved delete of its graph (decision 0031)", { recorded: { ...graph("a", "old"), ...policyBefore } }, "policy.p", UNAPPROVED],
    ["policy delete, with the unapproved delete of its graph, recorded by its bare id (decision 0031)", { recorded: { ...graph("a", "old"), "policy.p": { digest: "old", applies_to: ["a"] } } }, "policy.p", UNAPPROVED],
    ["policy delete, with the pending delete of its graph (decision 0031)", { recorded: { ...graph("a", "old"), ...policyBefore }, ...pending, approvals: approved }, "policy.p", WAITS],
    ["policy delete, with the approved delete of its graph", { recorded: { ...graph("a", "old"), ...policyBefore }, approvals: approved }, "policy.p", "applied"],
    ["policy delete, its graph stays: nobody guards it from then on, as declared", { desired: graph("a", "old"), recorded: { ...graph("a", "old"), ...policyBefore } }, "policy.p", "applied"],
    ["policy update that unbinds a graph whose delete is not approved (decision 0031)", { desired: { ...graph("b", "old"), "policy.p": { digest: "old", appliesTo: ["graph.b"] } }, recorded: { ...graph("a", "old"), ...graph("b", "old"), ...policyBefore } }, "policy.p", UNAPPROVED],
    ["policy create that takes over from one that waits (decision 0031)", handover, "policy.q", "blocked: dependency_not_applied"],
    ["policy create that takes over from one that takes over from one that waits (decision 0031)", handover, "policy.r", "blocked: dependency_not_applied"],
    ["policy delete, its successor waits for a pending graph (decision 0031)", { desired: { "graph.a": "old", "graph.b": "old", "policy.q": { digest: "new", appliesTo: ["graph.a", "graph.b"] } }, recorded: { "graph.a": "old", "graph.b": "old", ...policyBefore }, pending: ["b"] }, "policy.p", "blocked: dependency_not_applied"],
    ["graph create, its policy waits (decision 0031)", { desired: { ...graph("a", "new"), "policy.p": { digest: "new", appliesTo: ["graph.a", "graph.b"] } }, recorded: {}, pending: ["b"] }, "graph.a", "blocked: dependency_not_applied"],
    ["query create, the policy of its new graph waits (decision 0031)", { desired: { ...graph("a", "new"), "policy.p": { digest: "new", appliesTo: ["graph.a", "graph.b"] } }, recorded: {}, pending: ["b"] }, "query.a.q", "blocked: dependency_not_applied"],
    ["provider update, with the unapproved delete of a graph that uses it", { desired: { "provider.embedding.e": "new" }, recorded: { "graph.a": { digest: "old", embedding_provider: "provider.embedding.e" }, "provider.embedding.e": "old" } }, "provider.embedding.e", "applied"],
    ["provider update, with the pending delete of a graph that uses it (decision 0031)", { desired: { "provider.embedding.e": "new" }, recorded: { "graph.a": { digest: "old", embedding_provider: "provider.embedding.e" }, "provider.embedding.e": "old" }, ...pending, approvals: approved }, "provider.embedding.e", "blocked: dependency_not_applied"],
    ["provider create", { desired: { "provider.embedding.e": "new" }, recorded: {} }, "provider.embedding.e", "applied"],
    ["provider update", { desired: { "provider.embedding.e": "new" }, recorded: { "provider.embedding.e": "old" } }, "provider.embedding.e", "applied"],
    ["provider delete", { recorded: { "provider.embedding.e": "old" } }, "provider.embedding.e", "applied"],
    ["provider delete, its graph takes another one", { desired: { "graph.a": "new" }, recorded: { "graph.a": { digest: "old", embedding_provider: "provider.embedding.e" }, "provider.embedding.e": "old" } }, "provider.embedding.e", "applied"],
    ["provider delete, with the approved delete of its graph", { recorded: { "graph.a": { digest: "old", embedding_provider: "provider.embedding.e" }, "provider.embedding.e": "old" }, approvals: approved }, "provider.embedding.e", "applied"],
    ["provider delete, with the blocked delete of its graph", { recorded: { "graph.a": { digest: "old", embedding_provider: "provider.embedding.e" }, "provider.embedding.e": "old" } }, "provider.embedding.e", "blocked: dependency_not_applied"],
    ["unknown kind", { recorded: { "pipeline.nightly": "old" } }, "pipeline.nightly", UNSUPPORTED],
    ["unknown kind of provider", { recorded: { "provider.storage.s": "old" } }, "provider.storage.s", UNSUPPORTED],
  ])("cluster.md §8.2 %s", (_, spec, address, expected) => {
    expect(decisionOf(spec, address)).toBe(expected);
  });
});

describe("cluster.md §8.3 blast radius", () => {
  test("cluster.md §8.3 the direct dependents, sorted; nothing for a change without any", () => {
    const { blastRadius } = plan({ desired: { ...graph("a", "d"), "graph.a": { digest: "d", embeddingProvider: "provider.embedding.e" }, "provider.embedding.e": "d", "policy.p": { digest: "d", appliesTo: ["graph.a"] } }, recorded: {} });
    expect(blastRadius).toEqual([
      { resource: "graph.a", affected: ["policy.p", "query.a.q", "schema.a"] },
      { resource: "provider.embedding.e", affected: ["graph.a"] },
      { resource: "schema.a", affected: ["query.a.q"] },
    ]);
  });

  test("cluster.md §8.3 a resource that is gone from the configuration: its dependents are those recorded", () => {
    const { blastRadius } = plan({ recorded: { ...graph("a", "old"), "policy.p": { digest: "d", applies_to: ["cluster", "graph.a"] } } });
    expect(blastRadius).toEqual([
      { resource: "graph.a", affected: ["policy.p", "query.a.q", "schema.a"] },
      { resource: "schema.a", affected: ["query.a.q"] },
    ]);
  });

  test("cluster.md §8.3 an unchanged resource has none", () => {
    expect(plan({ desired: { ...graph("a", "d"), "query.a.q": "new" }, recorded: graph("a", "d") }).blastRadius).toEqual([]);
  });
});

describe("cluster.md §8.4 approval gates", () => {
  test.each<[string, PlanInputSpec, readonly string[]]>([
    ["every graph delete, once per subtree", { recorded: { ...graph("b", "old"), ...graph("a", "old") } }, ["graph.a", "graph.b"]],
    ["a schema delete whose graph stays", { desired: { "graph.a": "new" }, recorded: { "graph.a": "old", "schema.a": "old" } }, ["schema.a"]],
    ["a schema delete whose graph is not recorded", { recorded: { "schema.a": "old" } }, ["schema.a"]],
    ["nothing else", { desired: graph("a", "new"), recorded: { ...graph("a", "old"), "query.a.old": "d", "policy.p": "d", "provider.embedding.e": "d" } }, []],
  ])("cluster.md §8.4 %s", (_, spec, expected) => {
    const { approvalsRequired } = plan(spec);
    expect(approvalsRequired.map(({ resource }) => resource)).toEqual(expected);
    expect(approvalsRequired.every(({ satisfied, reason }) => !satisfied && reason !== "")).toBe(true);
  });
});

describe("cluster.md §9.2 validity of approvals", () => {
  const recorded = graph("a", "old");

  test.each<[string, PlanInputSpec, boolean, number]>([
    ["matching", { recorded, approvals: [approvalOf("graph.a")] }, true, 0],
    ["none", { recorded, approvals: [] }, false, 0],
    ["of another resource", { recorded, approvals: [approvalOf("graph.b")] }, false, 0],
    ["consumed", { recorded, approvals: [approvalOf("graph.a", { consumedAt: "2026-01-02T00:00:00.000Z", consumedByOperation: "01X" })] }, false, 0],
    ["consumed as the ledger knows, the artifact not yet marked", { recorded, approvals: [approvalOf("graph.a")], consumed: ["01APPROVAL"] }, false, 0],
    ["another configuration", { recorded, approvals: [approvalOf("graph.a", { boundConfigDigest: "config-0" })] }, false, 1],
    ["another deployed definition", { recorded, approvals: [approvalOf("graph.a", { boundBeforeDigest: "older" })] }, false, 1],
    ["no deployed definition", { recorded, approvals: [approvalOf("graph.a", { boundBeforeDigest: null })] }, false, 1],
    ["another target", { recorded, approvals: [approvalOf("graph.a", { boundAfterDigest: "new" })] }, false, 1],
    ["another operation", { recorded, approvals: [approvalOf("graph.a", { operation: "update" })] }, false, 1],
    ["given before the last delete of such a graph (decision 0031)", { recorded, approvals: [approvalOf("graph.a", { approvalId: "01B" }), approvalOf("graph.a", { consumedAt: "2026-01-02T00:00:00Z" })] }, false, 1],
    ["given before the last delete, whose approval is gone (decision 0031)", { recorded, approvals: [approvalOf("graph.a")], tombstones: { "graph.a": "2026-01-02T00:00:00Z" } }, false, 1],
    ["given after the last delete of such a graph", { recorded, approvals: [approvalOf("graph.a", { approvalId: "01B", createdAt: "2026-01-03T00:00:00Z" }), approvalOf("graph.a", { consumedAt: "2026-01-02T00:00:00Z" })] }, true, 0],
    ["given at no time that could be read, after a delete", { recorded, approvals: [approvalOf("graph.a", { approvalId: "01B", createdAt: "late" }), approvalOf("graph.a", { consumedAt: "2026-01-02T00:00:00Z" })] }, false, 1],
    ["given before the delete of another graph", { recorded, approvals: [approvalOf("graph.a"), approvalOf("graph.b", { approvalId: "01B", consumedAt: "2026-01-02T00:00:00Z" })] }, true, 0],
    ["a stale one besides the valid one", { recorded, approvals: [approvalOf("graph.a", { approvalId: "01B" }), approvalOf("graph.a", { approvalId: "01A", boundConfigDigest: "config-0" })] }, true, 1],
    ["the graph is declared again", { desired: graph("a", "old"), recorded, approvals: [approvalOf("graph.a")] }, false, 0],
  ])("cluster.md §9.2 %s", (_, spec, isSatisfied, staleCount) => {
    const { approvalsRequired, diagnostics } = plan(spec);
    expect(approvalsRequired.some(({ satisfied }) => satisfied)).toBe(isSatisfied);
    expect(diagnostics.map(({ code, severity, path }) => ({ code, severity, path }))).toEqual(Array.from({ length: staleCount }, () => ({ code: "approval_stale", severity: "warning", path: "graph.a" })));
  });

  test("cluster.md §9.2 of several valid ones the oldest is named", () => {
    const approvals = ["01C", "01A", "01B"].map((approvalId) => approvalOf("graph.a", { approvalId }));
    expect(plan({ recorded, approvals }).approvalsRequired).toMatchObject([{ resource: "graph.a", satisfied: true, approvalId: "01A" }]);
  });
});

describe("cluster.md §11.1 phase 6: the invariant of approvals", () => {
  const approved = plan({ recorded: { ...graph("a", "old"), ...graph("b", "old") }, approvals: [approvalOf("graph.a")] });

  test("cluster.md §11.1 phase 6 holds for what is planned", () => {
    expect(findBrokenInvariant(approved)).toBeUndefined();
  });

  test.each<[string, ChangePlan]>([
    ["its gate is missing", { ...approved, approvalsRequired: [] }],
    ["its gate is not satisfied", { ...approved, approvalsRequired: approved.approvalsRequired.map((gate) => ({ ...gate, satisfied: false })) }],
    ["no approval is named", { ...approved, approvalsRequired: [{ resource: "graph.a", reason: "", satisfied: true }] }],
    ["only another graph's gate is satisfied", { ...approved, approvalsRequired: [{ resource: "graph.b", reason: "", satisfied: true, approvalId: "01A" }] }],
  ])("cluster.md §11.1 phase 6 %s", (_, broken) => {
    expect(findBrokenInvariant(broken)).toMatchObject({ code: "apply_approval_invariant_violation", severity: "error", path: "graph.a" });
  });

  test("cluster.md §11.1 phase 6 a schema that would go alone", () => {
    const changes = [{ resource: "schema.a", operation: "delete", beforeDigest: "old", isBindingChange: false, recreatesVanishedGraph: false, disposition: "applied" }] as const;
    expect(findBrokenInvariant({ changes, approvalsRequired: [] })).toMatchObject({ path: "schema.a" });
  });
});
