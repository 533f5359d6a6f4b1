import { POLICY_ACTIONS, type PolicyRequest } from "@omnigraphdb/common";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePolicy, parsePolicyBundle } from "../src/index.js";
import { type BundleDocument, bundleDocuments, expectedDecision, policyText } from "../test-support/index.js";

const HOSTILE = [
  'say "hi"', "it's", "back\\slash", "a\\u0041", "line\nfeed", "tab\there", "nul\u0000byte", "bell\u0007", "escape\u001b[31m", "delete\u007f", "line\u2028separator",
  "Zoë", "Ω", "名前", "🦊", "e\u0301", "é", "\u202eevil", "zero\u200bwidth", "__proto__", "constructor", "toString", "a:read", "a:read:read", ":", "Omnigraph::Actor::\"x\"",
  "permit(principal,action,resource);", "${x}", "null", "true", "7", "~", "[]", "{}", "- x", "# no comment", "&anchor", "*alias", "!!int 3", "|", "main", "Main", "ann",
];

const name = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...HOSTILE) }, fc.string({ unit: "binary", minLength: 1, maxLength: 6 }).filter((text) => text.trim() !== "" && text.isWellFormed()));

const bundle = bundleDocuments({ actors: name, groups: name, branches: name, ruleIds: name, rulesMax: 5 });

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

test("policy §12.6, 4.6.1 whatever the names are made of, Cedar decides as the model does", () => {
  let allowed = 0;
  fc.assert(
    fc.property(
      bundle.chain((document) => fc.tuple(fc.constant(document), questions(document), name)),
      ([document, asked, graphId]) => {
        const parsed = parsePolicyBundle(policyText(document), { kind: "graph", source: "random" });
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
