import { type PolicyAction, POLICY_ACTIONS, type PolicyRequest } from "@omnigraphdb/common";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { compilePolicy, parsePolicyBundle } from "../src/index.js";
import { type BundleDocument, expectedDecision, type RuleDocument } from "./policy-model.js";

const HOSTILE = [
  'say "hi"', "it's", "back\\slash", "a\\u0041", "line\nfeed", "tab\there", "nul\u0000byte", "bell\u0007", "escape\u001b[31m", "delete\u007f", "line\u2028separator",
  "Zoë", "Ω", "名前", "🦊", "e\u0301", "é", "\u202eevil", "zero\u200bwidth", "__proto__", "constructor", "toString", "a:read", "a:read:read", ":", "Omnigraph::Actor::\"x\"",
  "permit(principal,action,resource);", "${x}", "null", "true", "7", "~", "[]", "{}", "- x", "# no comment", "&anchor", "*alias", "!!int 3", "|", "main", "Main", "ann",
];

const name = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...HOSTILE) }, fc.string({ unit: "binary", minLength: 1, maxLength: 6 }).filter((text) => text.trim() !== "" && text.isWellFormed()));

const GRAPH_ACTIONS: readonly (readonly PolicyAction[])[] = [["read", "export", "change"], ["schema_apply", "branch_create", "branch_delete", "branch_merge"], ["admin", "invoke_query"]];
const SCOPE_MEMBERS = ["branch_scope", "target_branch_scope", undefined] as const;
const scopes = fc.constantFrom("any" as const, "protected" as const, "unprotected" as const, undefined);

function ruleOf(group: string): fc.Arbitrary<Omit<RuleDocument, "id">> {
  return fc.integer({ min: 0, max: 2 }).chain((kind) =>
    fc.record({ actions: fc.uniqueArray(fc.constantFrom(...(GRAPH_ACTIONS[kind] ?? [])), { minLength: 1, maxLength: 3 }), scope: scopes }).map(({ actions, scope }) => {
      const member = SCOPE_MEMBERS[kind];
      return { allow: { actors: { group }, actions, ...(member === undefined || scope === undefined ? {} : { [member]: scope }) } };
    }),
  );
}

const bundle: fc.Arbitrary<BundleDocument> = fc
  .record({
    groups: fc.uniqueArray(fc.tuple(name, fc.array(name, { minLength: 1, maxLength: 3 })), { minLength: 1, maxLength: 3, selector: ([group]) => group }),
    protectedBranches: fc.array(name, { maxLength: 2 }),
    ids: fc.uniqueArray(name, { maxLength: 5 }),
  })
  .chain(({ groups, protectedBranches, ids }) =>
    fc.tuple(...ids.map((id) => fc.constantFrom(...groups.map(([group]) => group)).chain(ruleOf).map((rule) => ({ id, ...rule })))).map((rules) => ({
      version: 1 as const,
      groups: Object.fromEntries(groups),
      protected_branches: protectedBranches,
      rules,
    })),
  );

/** An actor and names of branches that are often, but not always, those of the bundle. */
function questions(document: BundleDocument): fc.Arbitrary<readonly { readonly actor: string; readonly request: PolicyRequest }[]> {
  const actors = Object.values(document.groups).flat();
  const branch = fc.option(fc.oneof(fc.constantFrom("main", " main ", "\ud800", ...document.protected_branches), name), { nil: undefined });
  const question = fc.record({ actor: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("nobody", ...actors) }, name), action: fc.constantFrom(...POLICY_ACTIONS), branch, targetBranch: branch });
  return fc.array(
    question.map(({ actor, action, branch: asked, targetBranch }) => ({
      actor,
      request: { action, ...(asked === undefined ? {} : { branch: asked }), ...(targetBranch === undefined ? {} : { targetBranch }) },
    })),
    { minLength: 8, maxLength: 8 },
  );
}

test("policy §12.6 whatever the names are made of, Cedar decides as the model does", () => {
  let allowed = 0;
  fc.assert(
    fc.property(
      bundle.chain((document) => fc.tuple(fc.constant(document), questions(document), name)),
      ([document, asked, graphId]) => {
        const parsed = parsePolicyBundle(stringify(document), { kind: "graph", source: "random" });
        expect(parsed.rules.map(({ id }) => id)).toEqual(document.rules.map(({ id }) => id));
        using policy = compilePolicy(parsed, { graphId });
        expect(policy.actorCount).toBe(new Set(Object.values(document.groups).flat()).size);
        for (const { actor, request } of asked) {
          const { isAllowed, matchedRuleId } = policy.decide(actor, request);
          if (isAllowed) allowed++;
          expect({ isAllowed, matchedRuleId }, JSON.stringify({ actor, request })).toEqual(expectedDecision(document, actor, request));
          if (isAllowed) expect(policy.mayEver(actor, request.action)).toBe(true);
        }
      },
    ),
    { numRuns: 100 },
  );
  expect(allowed).toBeGreaterThan(20);
});
