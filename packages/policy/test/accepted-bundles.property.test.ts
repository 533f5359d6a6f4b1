import { POLICY_ACTIONS } from "@omnigraphdb/common";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePolicy, parsePolicyBundle, type PolicyBundle, PolicyBundleError } from "../src/index.js";
import { bundleDocuments, policyText } from "../test-support/index.js";

const TEXT = policyText({
  version: 1,
  groups: { team: ["ann", "bob"], ops: ["eve"] },
  protected_branches: ["main"],
  rules: [
    { id: "r", allow: { actors: { group: "team" }, actions: ["read", "export"], branch_scope: "unprotected" } },
    { id: "s", allow: { actors: { group: "ops" }, actions: ["schema_apply"], target_branch_scope: "protected" } },
  ],
});
const WORDS = [...new Set(TEXT.match(/\w+/g))];
const REPLACEMENTS = ["", " ", ",", ":", "{", "]", '"', "\\", "\u0000", "\ud800", "server", "graph_list", "any", "__proto__", "r:read", "7", "~", ...POLICY_ACTIONS];
const RULES = 500;

function accepted(text: string): PolicyBundle | undefined {
  try {
    return parsePolicyBundle(text, { source: "random" });
  } catch (error) {
    if (!(error instanceof PolicyBundleError)) throw error;
    return undefined;
  }
}

// The check of a cluster's configuration leans on this: it parses bundles and does not ask Cedar (cluster.md 2.7.3).
test("policy.md §4.4 what the parser accepts, Cedar accepts: whatever becomes of the text", () => {
  const edit = fc.record({ word: fc.constantFrom(...WORDS), by: fc.oneof(fc.constantFrom(...REPLACEMENTS), fc.string({ unit: "binary", maxLength: 3 })) });
  let acceptedCount = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const text = edits.reduce((before, { word, by }) => before.replaceAll(new RegExp(`\\b${word}\\b`, "g"), () => by), TEXT);
      const bundle = accepted(text);
      if (bundle === undefined) return;
      acceptedCount++;
      compilePolicy(bundle)[Symbol.dispose]();
    }),
    { numRuns: 150 },
  );
  expect(acceptedCount).toBeGreaterThan(10);
});

test("policy.md §4.4 what the parser accepts, Cedar accepts: names of any length, and many rules", () => {
  const long = "ü".repeat(100_000);
  const rule = (id: string): string => `  - { id: "${id}", allow: { actors: { group: "g" }, actions: [read, change], branch_scope: protected } }\n`;
  const many = accepted(`version: 1\ngroups: { "g": ["${long}"] }\nrules:\n${Array.from({ length: RULES }, (_, index) => rule(String(index))).join("")}`);
  expect(many?.rules).toHaveLength(RULES);
  if (many !== undefined) compilePolicy(many)[Symbol.dispose]();
  const named = accepted(`version: 1\ngroups: { "${long}": [a] }\nrules:\n  - { id: "${long}", allow: { actors: { group: "${long}" }, actions: [read] } }\n`);
  expect(named?.rules).toHaveLength(1);
  if (named !== undefined) compilePolicy(named)[Symbol.dispose]();
});

test("policy.md §4.4 what the parser accepts, Cedar accepts: bundles of graphs and of the server", () => {
  const name = fc.string({ unit: "binary", minLength: 1, maxLength: 5 }).filter((text) => text.trim() !== "" && text.isWellFormed());
  fc.assert(
    fc.property(bundleDocuments({ actors: name, groups: name, branches: name, ruleIds: name, rulesMax: 4 }), fc.boolean(), (document, isServer) => {
      const rules = document.rules.map((rule) => ({ ...rule, allow: { actors: rule.allow.actors, actions: ["graph_list" as const] } }));
      compilePolicy(parsePolicyBundle(policyText(isServer ? { ...document, rules } : document), { kind: isServer ? "server" : "graph", source: "random" }))[Symbol.dispose]();
    }),
    { numRuns: 60 },
  );
});
