import { describe, expect, test } from "vitest";
import { compilePolicy, parsePolicyBundle, parsePolicyTests, PolicyTestsError, runPolicyTests } from "../src/index.js";

const CASES = `version: 1
cases:
  - id: import-cannot-touch-main
    actor: svc-import
    action: change
    branch: main
    expect: deny
  - id: owner-publishes
    actor: mei
    action: branch_merge
    branch: draft-4
    target_branch: main
    expect: allow
`;

const BUNDLE = `version: 1
groups: { pipelines: [svc-import], owners: [mei] }
protected_branches: [main]
rules:
  - { id: drafts, allow: { actors: { group: pipelines }, actions: [change], branch_scope: unprotected } }
  - { id: publish, allow: { actors: { group: owners }, actions: [branch_merge], target_branch_scope: protected } }
`;

function problems(text: string): readonly string[] {
  try {
    parsePolicyTests(text, { source: "policy.tests.yaml" });
  } catch (error) {
    if (!(error instanceof PolicyTestsError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

const one = (members: string): string => `version: 1\ncases:\n  - { ${members} }\n`;

describe("policy §8: test cases", () => {
  test("§8 the example is read, and holds", () => {
    const cases = parsePolicyTests(CASES, { source: "t" });
    expect(cases.map(({ id }) => id)).toEqual(["import-cannot-touch-main", "owner-publishes"]);
    using policy = compilePolicy(parsePolicyBundle(BUNDLE, { source: "b" }));
    expect(runPolicyTests(policy, cases)).toEqual({ caseCount: 2, failures: [] });
  });

  test("§12.12 cases that do not hold are listed in the order of the file", () => {
    const turned = CASES.replace("expect: deny", "expect: X").replace("expect: allow", "expect: deny").replace("expect: X", "expect: allow");
    using policy = compilePolicy(parsePolicyBundle(BUNDLE, { source: "b" }));
    expect(runPolicyTests(policy, parsePolicyTests(turned, { source: "t" })).failures).toEqual([
      { id: "import-cannot-touch-main", expected: "allow", actual: "deny" },
      { id: "owner-publishes", expected: "deny", actual: "allow" },
    ]);
  });

  test.each<readonly [what: string, text: string, problem: string]>([
    ["no content", "", "1:1 the file must be a mapping, but there is no value"],
    ["no version", "cases: []\n", "1:1 version is missing; it must be 1"],
    ["another version", "version: 2\ncases: []\n", "1:10 version must be 1"],
    ["no cases", "version: 1\n", "1:1 cases are missing"],
    ["an unknown member", "version: 1\ncases: []\ncase: 1\n", "3:1 unknown member 'case'; the file has version, cases"],
    ["an unknown member of a case", one("id: a, actor: b, action: read, expect: deny, why: x"), "3:52 unknown member 'why'; cases[0] has id, actor, action, branch, target_branch, expect"],
    ["a case without an id", one("actor: b, action: read, expect: deny"), "3:5 cases[0] has no member 'id'"],
    ["a blank id", one("id: ' ', actor: b, action: read, expect: deny"), "3:11 cases[0].id must not be blank"],
    ["a blank actor", one("id: a, actor: '', action: read, expect: deny"), "3:21 cases[0].actor must not be blank"],
    ["an unknown action", one("id: a, actor: b, action: fly, expect: deny"), "3:32 cases[0].action must be one of read, export, change, schema_apply, branch_create, branch_delete, branch_merge, admin, invoke_query, graph_list, not 'fly'"],
    ["an unknown expectation", one("id: a, actor: b, action: read, expect: maybe"), "3:46 cases[0].expect must be one of allow, deny, not 'maybe'"],
    ["a branch that is a number", one("id: a, actor: b, action: read, branch: 7, expect: deny"), "3:46 cases[0].branch must be text; put it in quotes"],
    ["two cases with one id", one("id: a, actor: b, action: read, expect: deny }\n  - { id: a, actor: b, action: read, expect: deny"), "4:11 two cases have the id 'a'"],
  ])("§8 refuses %s", (_what, text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });
});
