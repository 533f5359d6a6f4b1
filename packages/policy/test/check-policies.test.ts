import { describe, expect, test } from "vitest";
import { checkPolicies, parsePolicyBundle } from "../src/index.js";

const bundle = (id: string, group = "team"): ReturnType<typeof parsePolicyBundle> =>
  parsePolicyBundle(`version: 1\ngroups: { ${JSON.stringify(group)}: [act-a] }\nrules:\n  - { id: ${JSON.stringify(id)}, allow: { actors: { group: ${JSON.stringify(group)} }, actions: [read, change], branch_scope: any } }\n`, { source: `${id}.yaml` });

describe("policy.md §4.4 many bundles are checked at once", () => {
  test("policy.md §4.4 none, one, and several that use the same ids", () => {
    expect(checkPolicies([]).size).toBe(0);
    expect(checkPolicies([bundle("r")]).size).toBe(0);
    expect(checkPolicies([bundle("r"), bundle("r"), bundle("__proto__"), bundle("1:r", 'a "quoted" name'), bundle("ünï", "\u{1F600}")]).size).toBe(0);
  });
});
