import { type LogFields, PolicyEvaluationError, POLICY_ACTIONS, type PolicyAction, type PolicyRequest, silentLogger } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { type CompiledPolicy, compilePolicy, parsePolicyBundle, type PolicyBundleKind } from "../src/index.js";
import { type BundleDocument, expectedDecision, policyText, type RuleDocument, type ScopeText } from "../test-support/index.js";

function compile(document: BundleDocument, kind?: PolicyBundleKind): CompiledPolicy {
  return compilePolicy(parsePolicyBundle(policyText(document), { source: "test", ...(kind === undefined ? {} : { kind }) }), { graphId: "crm" });
}

const SCOPED: Readonly<Record<"branch_scope" | "target_branch_scope", readonly PolicyAction[]>> = {
  branch_scope: ["read", "export", "change"],
  target_branch_scope: ["schema_apply", "branch_create", "branch_delete", "branch_merge"],
};

/** One rule, one group and one actor for every action and every scope it may have. */
function everyRule(): BundleDocument {
  const groups: Record<string, readonly string[]> = {};
  const rules: RuleDocument[] = [];
  const add = (action: PolicyAction, scope: { readonly branch_scope?: ScopeText; readonly target_branch_scope?: ScopeText }): void => {
    const name = `${action}-${scope.branch_scope ?? scope.target_branch_scope ?? "unscoped"}`;
    groups[name] = [`actor-${name}`];
    rules.push({ id: name, allow: { actors: { group: name }, actions: [action], ...scope } });
  };
  for (const action of POLICY_ACTIONS) if (action !== "graph_list") add(action, {});
  for (const scope of ["any", "protected", "unprotected"] as const) {
    for (const action of SCOPED.branch_scope) add(action, { branch_scope: scope });
    for (const action of SCOPED.target_branch_scope) add(action, { target_branch_scope: scope });
  }
  return { version: 1, groups, protected_branches: ["main", "release"], rules };
}

const NAMES = [undefined, "main", "release", "draft", "never-created", " main ", "Main", "main2", ""];

describe("policy §4.5: decisions", () => {
  test("§12.4 every action with every scope, for every actor and every kind of request, as the model says", () => {
    const document = everyRule();
    using policy = compile(document);
    expect(policy.actorCount).toBe(30);
    const actors = [...Object.values(document.groups).flat(), "stranger"];
    const wrong: string[] = [];
    let allowed = 0;
    for (const actor of actors) {
      for (const action of POLICY_ACTIONS) {
        for (const branch of NAMES) {
          for (const targetBranch of NAMES) {
            const request: PolicyRequest = { action, ...(branch === undefined ? {} : { branch }), ...(targetBranch === undefined ? {} : { targetBranch }) };
            const { isAllowed, matchedRuleId } = policy.decide(actor, request);
            const expected = expectedDecision(document, actor, request);
            if (isAllowed) allowed++;
            if (isAllowed !== expected.isAllowed || matchedRuleId !== expected.matchedRuleId) wrong.push(`${actor} ${JSON.stringify(request)} ${JSON.stringify({ isAllowed, matchedRuleId })}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    // 16 rules hold for all 81 pairs of names (9 unscoped, 7 "any"), 7 for 3 spellings of protected names, 7 for the 5 others.
    expect(allowed).toBe(16 * 81 + 7 * 27 + 7 * 45);
  });

  test.each<readonly [scope: ScopeText | undefined, absent: boolean, isProtected: boolean, unprotected: boolean]>([
    [undefined, true, true, true],
    ["any", true, true, true],
    ["protected", false, true, false],
    ["unprotected", false, false, true],
  ])("§3.5.1, §3.5.2 scope %s holds without a branch: %s, on a protected one: %s, on another: %s", (scope, absent, isProtected, unprotected) => {
    const rule = (action: PolicyAction, member: "branch_scope" | "target_branch_scope"): RuleDocument => ({
      id: action,
      allow: { actors: { group: "g" }, actions: [action], ...(scope === undefined ? {} : { [member]: scope }) },
    });
    using policy = compile({ version: 1, groups: { g: ["ann"] }, protected_branches: ["main"], rules: [rule("read", "branch_scope"), rule("branch_merge", "target_branch_scope")] });
    const reads = (request: Partial<PolicyRequest>): boolean => policy.decide("ann", { action: "read", ...request }).isAllowed;
    const merges = (request: Partial<PolicyRequest>): boolean => policy.decide("ann", { action: "branch_merge", ...request }).isAllowed;
    expect([reads({}), reads({ branch: "main" }), reads({ branch: "new" })]).toEqual([absent, isProtected, unprotected]);
    expect([merges({}), merges({ targetBranch: "main" }), merges({ targetBranch: "new" })]).toEqual([absent, isProtected, unprotected]);
    // The other name of the request decides nothing (3.5.3).
    expect([reads({ targetBranch: "main" }), merges({ branch: "main" })]).toEqual([absent, absent]);
  });

  const small: BundleDocument = {
    version: 1,
    groups: { one: ["ann", "raj"], two: ["ann"] },
    protected_branches: ["main"],
    rules: [
      { id: "z-all", allow: { actors: { group: "one" }, actions: ["read"] } },
      { id: "b:colon", allow: { actors: { group: "two" }, actions: ["read", "change"], branch_scope: "any" } },
      { id: "c-main", allow: { actors: { group: "one" }, actions: ["read"], branch_scope: "protected" } },
    ],
  };

  test("§4.5 an actor in no group is denied as unknown, an actor without a rule as any other", () => {
    using policy = compile(small);
    expect(policy.decide("eve", { action: "read", branch: "main" })).toEqual({ isAllowed: false, matchedRuleId: null, message: "policy denies read on branch 'main' to unknown actor 'eve'" });
    expect(policy.decide("raj", { action: "branch_merge", branch: "a", targetBranch: "main" })).toEqual({
      isAllowed: false,
      matchedRuleId: null,
      message: "policy denies branch_merge on branch 'a' with target branch 'main' to actor 'raj'",
    });
  });

  test("§4.5 the matched rule is the smallest id among all that allow, over all groups of the actor", () => {
    using policy = compile(small);
    expect(policy.decide("ann", { action: "read", branch: "main" })).toEqual({ isAllowed: true, matchedRuleId: "b:colon", message: "policy allows read to actor 'ann'" });
    expect(policy.decide("raj", { action: "read", branch: "main" }).matchedRuleId).toBe("c-main");
    expect(policy.decide("raj", { action: "read", branch: "draft" }).matchedRuleId).toBe("z-all");
    expect(policy.decide("raj", { action: "read" }).matchedRuleId).toBe("z-all");
    expect(policy.actorCount).toBe(2);
  });

  test("P5 a padded spelling of a protected branch is protected", () => {
    using policy = compile(small);
    expect(policy.decide("raj", { action: "read", branch: "\t main\u00a0" }).matchedRuleId).toBe("c-main");
  });

  test("§4.3 a bundle of the server decides about graph_list, and about nothing else", () => {
    using policy = compile({ version: 1, groups: { ops: ["mei"] }, protected_branches: [], rules: [{ id: "list", allow: { actors: { group: "ops" }, actions: ["graph_list"] } }] }, "server");
    expect(policy.decide("mei", { action: "graph_list" })).toMatchObject({ isAllowed: true, matchedRuleId: "list" });
    expect(policy.decide("ann", { action: "graph_list" }).isAllowed).toBe(false);
    expect(POLICY_ACTIONS.filter((action) => policy.decide("mei", { action }).isAllowed)).toEqual(["graph_list"]);
  });

  test("server 12.5.1 mayEver says whether some rule grants the action, whatever its scope", () => {
    using policy = compile(small);
    expect(POLICY_ACTIONS.filter((action) => policy.mayEver("ann", action))).toEqual(["read", "change"]);
    expect(POLICY_ACTIONS.filter((action) => policy.mayEver("raj", action))).toEqual(["read"]);
    expect(POLICY_ACTIONS.filter((action) => policy.mayEver("eve", action))).toEqual([]);
  });

  test("§5.5 two compiled bundles in one process never answer for each other", () => {
    using first = compile(small);
    using second = compile({ ...small, rules: [] });
    expect(first.decide("ann", { action: "read" }).isAllowed).toBe(true);
    expect(second.decide("ann", { action: "read" }).isAllowed).toBe(false);
  });

  test("§4.5, §4.6.6 a policy that is not in use any more fails: neither an allowance nor a denial", () => {
    const policy = compile(small);
    expect(policy.decide("ann", { action: "read" }).isAllowed).toBe(true);
    policy[Symbol.dispose]();
    policy[Symbol.dispose]();
    using next = compile({ ...small, rules: [] });
    expect(() => policy.decide("ann", { action: "read" })).toThrow(PolicyEvaluationError);
    expect(next.decide("ann", { action: "read" }).isAllowed).toBe(false);
  });

  test("§10 every decision is logged with its fields, and nothing else is", () => {
    const lines: unknown[] = [];
    const logger = { ...silentLogger, info: (message: string, fields?: LogFields): void => void lines.push([message, fields]) };
    using policy = compilePolicy(parsePolicyBundle(policyText(small), { source: "test" }), { logger });
    policy.decide("ann", { action: "read", branch: "main" });
    policy.decide("eve", { action: "branch_merge", branch: "a", targetBranch: "b" });
    policy.decide("eve", { action: "branch_merge", branch: "x".repeat(1_000_000), targetBranch: "y".repeat(255) });
    expect(lines).toEqual([
      ["policy decision", { actor: "ann", action: "read", branch: "main", target_branch: null, allowed: true, matched_rule: "b:colon" }],
      ["policy decision", { actor: "eve", action: "branch_merge", branch: "a", target_branch: "b", allowed: false, matched_rule: null }],
      // Longer than any branch: a caller may send a megabyte, and need not fill the log with it.
      ["policy decision", { actor: "eve", action: "branch_merge", branch: `${"x".repeat(255)}…`, target_branch: "y".repeat(255), allowed: false, matched_rule: null }],
    ]);
  });

  test("a decision costs at most 0.3 ms, also with a thousand rules and actors", () => {
    const groups = Object.fromEntries(Array.from({ length: 100 }, (_, group) => [`g${group}`, Array.from({ length: 20 }, (__, actor) => `a${group}-${actor}`)]));
    const rules = Object.keys(groups).flatMap((group): RuleDocument[] => [
      { id: `${group}-r`, allow: { actors: { group }, actions: ["read", "change", "export"], branch_scope: "unprotected" } },
      { id: `${group}-w`, allow: { actors: { group }, actions: ["branch_create", "branch_merge"], target_branch_scope: "unprotected" } },
    ]);
    using policy = compile({ version: 1, groups, protected_branches: ["main"], rules });
    const ask = (): void => {
      for (let group = 0; group < 100; group++) policy.decide(`a${group}-7`, { action: "change", branch: `b${group}` });
    };
    ask();
    const startedAt = performance.now();
    for (let round = 0; round < 20; round++) ask();
    expect((performance.now() - startedAt) / 2000).toBeLessThan(0.3);
  });
});
