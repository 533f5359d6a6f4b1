import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePolicy, parsePolicyBundle, PolicyBundleError, type PolicyBundleKind } from "../src/index.js";

const EXAMPLE = `version: 1
groups:
  analysts: [ann, raj]
  pipelines: [svc-import]
  owners: [mei]
protected_branches: [main, release]
rules:
  - id: everyone-in-analytics-reads
    allow:
      actors: { group: analysts }
      actions: [read, invoke_query]
  - id: pipelines-write-drafts
    allow:
      actors: { group: pipelines }
      actions: [read, change]
      branch_scope: unprotected
  - id: pipelines-fork
    allow:
      actors: { group: pipelines }
      actions: [branch_create, branch_delete]
      target_branch_scope: unprotected
  - id: owners-publish
    allow:
      actors: { group: owners }
      actions: [branch_merge, schema_apply]
      target_branch_scope: protected
  - id: owners-all-data
    allow:
      actors: { group: owners }
      actions: [read, change, export]
      branch_scope: any
`;

/** Problems of a text as `line:column message`. */
function problems(text: string, kind: PolicyBundleKind | undefined = "graph"): readonly string[] {
  try {
    parsePolicyBundle(text, { source: "p.yaml", ...(kind === undefined ? {} : { kind }) });
  } catch (error) {
    if (!(error instanceof PolicyBundleError)) throw error;
    expect(error.message.split("\n")).toHaveLength(error.problems.length + 1);
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

/** A bundle with one rule whose `allow` is given. */
function withAllow(allow: string): string {
  return `version: 1\ngroups: { g: [ann] }\nrules:\n  - id: r\n    allow: ${allow}\n`;
}

const GRAPH_ACTIONS = "read, export, change, schema_apply, branch_create, branch_delete, branch_merge, admin, invoke_query, graph_list";

describe("policy §3: bundles", () => {
  test("the example of §3.1 is read as it is meant", () => {
    const bundle = parsePolicyBundle(EXAMPLE, { kind: "graph", source: "p.yaml" });
    expect([...bundle.groups]).toEqual([["analysts", ["ann", "raj"]], ["pipelines", ["svc-import"]], ["owners", ["mei"]]]);
    expect([...bundle.protectedBranches]).toEqual(["main", "release"]);
    expect(bundle.rules).toHaveLength(5);
    expect(bundle.rules[1]).toEqual({ id: "pipelines-write-drafts", group: "pipelines", actions: ["read", "change"], branchScope: "unprotected" });
    expect(bundle.rules[2]).toEqual({ id: "pipelines-fork", group: "pipelines", actions: ["branch_create", "branch_delete"], targetBranchScope: "unprotected" });
  });

  test.each<readonly [string, string]>([
    ["only a version", "version: 1\n"],
    ["an empty map of groups", "version: 1\ngroups: {}\nrules: []\nprotected_branches: []\n"],
    ["groups without rules", "version: 1\ngroups: { g: [a] }\n"],
    ["the kind of its binding (P9)", "version: 1\nkind: graph\n"],
    ["anchors", "version: 1\ngroups: { g: &a [ann], h: *a }\n"],
    ["an action that is listed twice", withAllow("{ actors: { group: g }, actions: [read, read] }")],
  ])("§3.2 accepts %s", (_what, text) => {
    expect(problems(text)).toEqual([]);
  });

  test.each<readonly [what: string, text: string, problem: string]>([
    ["no content", "", "1:1 the file must be a mapping, but there is no value"],
    ["a list at the top", "- 1\n", "1:1 the file must be a mapping"],
    ["no version", "groups: {}\n", "1:1 version is missing; it must be 1"],
    ["another version", "version: 2\n", "1:10 version must be 1"],
    ["a version as text", 'version: "1"\n', "1:10 version must be 1"],
    ["an unknown member", "version: 1\ngroup: {}\n", "2:1 unknown member 'group'; the file has version, kind, groups, protected_branches, rules"],
    ["an unknown member of a rule", "version: 1\ngroups: { g: [a] }\nrules:\n  - id: r\n    deny: {}\n    allow: { actors: { group: g }, actions: [read] }\n", "5:5 unknown member 'deny'; rules[0] has id, allow"],
    ["an unknown member of allow", withAllow("{ actors: { group: g }, actions: [read], when: x }"), "5:53 unknown member 'when'; rules[0].allow has actors, actions, branch_scope, target_branch_scope"],
    ["an unknown member of actors", withAllow("{ actors: { group: g, user: ann }, actions: [read] }"), "5:34 unknown member 'user'; rules[0].allow.actors has group"],
    ["a member __proto__", "version: 1\n__proto__: {}\n", "2:1 unknown member '__proto__'; the file has version, kind, groups, protected_branches, rules"],
    ["a kind that contradicts the binding (P9)", "version: 1\nkind: server\n", "2:7 kind is 'server', but the bundle is bound to a graph"],
    ["an unknown kind", "version: 1\nkind: cluster\n", "2:7 kind must be one of graph, server, not 'cluster'"],
    ["groups that are a list", "version: 1\ngroups: [a]\n", "2:9 groups must be a mapping"],
    ["a blank group name", 'version: 1\ngroups: { " ": [a] }\n', "2:11 the name of a group must not be blank"],
    ["an empty group", "version: 1\ngroups: { g: [] }\n", "2:14 group 'g' has no actors"],
    ["a group without a value", "version: 1\ngroups:\n  g:\n", "3:3 groups.g must be a list, but there is no value"],
    ["a blank actor", 'version: 1\ngroups: { g: [ann, ""] }\n', "2:20 groups.g[1] must not be blank"],
    ["an actor that is a number", "version: 1\ngroups: { g: [7] }\n", "2:15 groups.g[0] must be text; put it in quotes"],
    ["an actor that is not Unicode", 'version: 1\ngroups: { g: ["\\ud800"] }\n', "2:15 groups.g[0] is not valid Unicode text"],
    ["a group name that is a number", "version: 1\ngroups: { 7: [a] }\n", "2:11 a member of groups must have a name that is text; put it in quotes"],
    ["a group twice", "version: 1\ngroups:\n  g: [a]\n  g: [b]\n", "4:3 Map keys must be unique"],
    ["a blank protected branch", 'version: 1\nprotected_branches: [" "]\n', "2:22 protected_branches[0] must not be blank"],
    ["protected branches without a value", "version: 1\nprotected_branches:\n", "2:1 protected_branches must be a list, but there is no value"],
    ["rules that are a mapping", "version: 1\nrules: {}\n", "2:8 rules must be a list"],
    ["a rule without id", "version: 1\ngroups: { g: [a] }\nrules:\n  - allow: { actors: { group: g }, actions: [read] }\n", "4:5 rules[0] has no member 'id'"],
    ["a blank rule id", "version: 1\ngroups: { g: [a] }\nrules:\n  - id: ''\n    allow: { actors: { group: g }, actions: [read] }\n", "4:9 rules[0].id must not be blank"],
    ["a rule without allow", "version: 1\nrules:\n  - id: r\n", "3:5 rules[0] has no member 'allow'"],
    ["a rule without actors", withAllow("{ actions: [read] }"), "5:12 rules[0].allow has no member 'actors'"],
    ["actors without a group", withAllow("{ actors: {}, actions: [read] }"), "5:22 rules[0].allow.actors has no member 'group'"],
    ["a group that is not declared", withAllow("{ actors: { group: nobody }, actions: [read] }"), "5:31 rule 'r': group 'nobody' is not declared; groups are g"],
    ["a rule without actions", withAllow("{ actors: { group: g } }"), "5:12 rules[0].allow has no member 'actions'"],
    ["an empty list of actions", withAllow("{ actors: { group: g }, actions: [] }"), "5:45 rule 'r' has no actions"],
    ["an unknown action", withAllow("{ actors: { group: g }, actions: [write] }"), `5:46 rule 'r': unknown action 'write'; actions are ${GRAPH_ACTIONS}`],
    ["a reserved action (§3.3)", withAllow("{ actors: { group: g }, actions: [graph_create] }"), `5:46 rule 'r': unknown action 'graph_create'; actions are ${GRAPH_ACTIONS}`],
    ["an unknown scope", withAllow("{ actors: { group: g }, actions: [read], branch_scope: mine }"), "5:67 rules[0].allow.branch_scope must be one of any, protected, unprotected, not 'mine'"],
    ["two rules with one id", "version: 1\ngroups: { g: [a] }\nrules:\n  - { id: r, allow: { actors: { group: g }, actions: [read] } }\n  - { id: r, allow: { actors: { group: g }, actions: [read] } }\n", "5:11 two rules have the id 'r'"],
    ["an alias without an anchor", "version: 1\ngroups: { g: *a }\n", "2:14 groups.g must be a list, but no anchor has the name of the alias"],
    ["a merge key", "version: 1\n<<: { rules: [] }\n", "2:1 unknown member '<<'; the file has version, kind, groups, protected_branches, rules"],
    ["a group that contains itself", "version: 1\ngroups: &g { a: *g }\n", "2:17 groups.a must be a list"],
    ["two documents", "version: 1\n---\nversion: 1\n", "2:1 the file has more than one document; keep one"],
  ])("§3.2 refuses %s", (_what, text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  const allow = (members: string): string => withAllow(`{ actors: { group: g }, ${members} }`);

  test.each<readonly [what: string, text: string, kind: PolicyBundleKind, problem: string]>([
    ["both scopes", allow("actions: [read], branch_scope: any, target_branch_scope: any"), "graph", "5:93 rule 'r' has branch_scope and target_branch_scope; a rule has at most one of them"],
    ["a scope that does not fit all actions", allow("actions: [read, branch_create], branch_scope: any"), "graph", "5:52 rule 'r': action 'branch_create' takes target_branch_scope, not branch_scope; split the rule"],
    ["a target scope that does not fit", allow("actions: [branch_merge, change], target_branch_scope: any"), "graph", "5:60 rule 'r': action 'change' takes branch_scope, not target_branch_scope; split the rule"],
    ["a scope on an action without any", allow("actions: [invoke_query], branch_scope: any"), "graph", "5:46 rule 'r': action 'invoke_query' takes no scope, not branch_scope; split the rule"],
    ["graph_list in a bundle of a graph", allow("actions: [graph_list]"), "graph", "5:46 rule 'r': action 'graph_list' belongs into a bundle bound to the cluster, not to a graph"],
    ["a graph action in a bundle of the cluster", allow("actions: [read]"), "server", "5:46 rule 'r': action 'read' belongs into a bundle bound to a graph, not to the cluster"],
  ])("§3.4 refuses %s", (_what, text, kind, problem) => {
    expect(problems(text, kind)).toEqual([problem]);
  });

  test("§3.4 refuses server and graph actions in one rule, whatever the bundle is bound to", () => {
    const text = allow("actions: [graph_list, read]");
    const mixed = "4:5 rule 'r' mixes actions on the server with actions on graphs: graph_list, read; split the rule";
    expect(problems(text, "graph")).toEqual([mixed, expect.stringContaining("'graph_list'")]);
    expect(problems(text, "server")).toEqual([mixed, expect.stringContaining("'read'")]);
  });

  test("everything that is wrong is reported at once, in the order of the text", () => {
    const text = "version: 3\nkind: server\ngroups: { g: [] }\nrules:\n  - id: a\n    allow: { actors: { group: h }, actions: [fly] }\n  - id: a\n    allow: { actions: [read, admin], branch_scope: any }\n";
    expect(problems(text).map((problem) => problem.split(" ")[0])).toEqual(["1:10", "2:7", "3:14", "6:31", "6:46", "7:9", "8:12", "8:30"]);
  });

  test("text that is not YAML is refused at its place", () => {
    expect(problems("version: 1\ngroups: { g: [ann\n")[0]).toMatch(/^3:1 /);
    expect(problems("\tversion: 1\n").length).toBeGreaterThan(0);
  });

  test("a huge file is refused before it is parsed", () => {
    expect(problems(`version: 1\n# ${"x".repeat(1024 * 1024)}\n`)).toEqual(["1:1 the file is longer than 1048576 characters"]);
  });

  test("a file that is nested too deeply, or wrong everywhere, is refused with a list of readable length", () => {
    expect(problems(`version: 1\ngroups: ${"[".repeat(50_000)}`)[0]).toMatch(/it is nested too deeply$/);
    expect(problems(`version: 1\nrules: [${"{ id: a },".repeat(1000)}]\n`)).toHaveLength(100);
  });

  test("whatever the text, it is refused with places or it compiles", () => {
    const fragments = ["version: 1", "groups:", "rules:", "  - ", "id: r", "allow:", "{", "}", "[", "]", ",", ": ", "\n", "read", "graph_list", "g", "*a", "&a ", "!!str ", "'", '"', "#", "? ", "|", "<<", "%YAML 1.1\n---\n", "\t", "\u0000", "\ud800"];
    const noise = fc.array(fc.constantFrom(...fragments), { maxLength: 12 }).map((parts) => parts.join(""));
    const edit = fc.tuple(fc.nat(EXAMPLE.length), fc.nat(40), noise).map(([at, length, text]) => EXAMPLE.slice(0, at) + text + EXAMPLE.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(noise, edit), (text) => {
        try {
          compilePolicy(parsePolicyBundle(text, { source: "p.yaml" }))[Symbol.dispose]();
        } catch (error) {
          if (!(error instanceof PolicyBundleError)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
          expect(error.problems.every(({ line, column, message }) => line >= 1 && column >= 1 && !message.startsWith("Cedar"))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("P5 entries of protected_branches are trimmed", () => {
    expect([...parsePolicyBundle('version: 1\nprotected_branches: [" main "]\n', { source: "p" }).protectedBranches]).toEqual(["main"]);
  });

  test("P4 without a binding the kind is what the bundle says, or what its rules fit", () => {
    const kindOf = (text: string): string => parsePolicyBundle(text, { source: "p" }).kind;
    expect(kindOf("version: 1\n")).toBe("graph");
    expect(kindOf("version: 1\nkind: server\n")).toBe("server");
    expect(kindOf(allow("actions: [graph_list]"))).toBe("server");
    expect(kindOf(allow("actions: [read]"))).toBe("graph");
  });
});
