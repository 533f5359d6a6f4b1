import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AppliedCluster, type AppliedClusterSpec, writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { type Captured, runCaptured } from "./captured-io.js";

const SCHEMA = "node Person {\n  name: String @key\n}\n";

const DATA = `version: 1
groups:
  pipelines: [svc-import]
  owners: [mei, ann]
protected_branches: [main]
rules:
  - id: drafts
    allow:
      actors: { group: pipelines }
      actions: [change]
      branch_scope: unprotected
  - id: publish
    allow:
      actors: { group: owners }
      actions: [branch_merge]
      target_branch_scope: protected
`;

const CONTROL = `version: 1
groups: { operators: [mei] }
rules:
  - id: may-list
    allow: { actors: { group: operators }, actions: [graph_list] }
`;

const CASES = `version: 1
cases:
  - { id: import-cannot-touch-main, actor: svc-import, action: change, branch: main, expect: deny }
  - { id: owner-publishes, actor: mei, action: branch_merge, branch: draft-4, target_branch: main, expect: allow }
`;

interface Workplace extends AsyncDisposable {
  write(name: string, text: string): Promise<void>;
  apply(cluster: string, spec: AppliedClusterSpec): Promise<AppliedCluster>;
  run(line: string, stdin?: string): Promise<Captured>;
}

async function makeWorkplace(): Promise<Workplace> {
  const dir = await makeScratchDir();
  return {
    write: async (name, text) => {
      const file = join(dir.path, name);
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, text);
    },
    apply: async (cluster, spec) => {
      await mkdir(join(dir.path, cluster));
      return writeAppliedCluster(join(dir.path, cluster), spec);
    },
    run: (line, stdin) => runCaptured(line.split(" "), { cwd: dir.path, env: { HOME: dir.path, OMNIGRAPH_SUPPRESS_YAML_DEPRECATION: "1" }, ...(stdin === undefined ? {} : { stdin }) }),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

const ok = (stdout: string): Captured => ({ exitCode: 0, stdout, stderr: "" });

describe("policy of a file", () => {
  test("policy §9 validate says in one line that it is valid, and for how many actors", async () => {
    await using place = await makeWorkplace();
    await place.write("data.yaml", DATA);
    await place.write("control.yaml", CONTROL);
    expect(await place.run("policy validate --file data.yaml")).toEqual(ok("policy data.yaml is valid: 3 actors\n"));
    expect(await place.run("policy validate --file control.yaml")).toEqual(ok("policy control.yaml is valid: 1 actor\n"));
    expect(await place.run("policy validate --file -", DATA)).toEqual(ok("policy - is valid: 3 actors\n"));
    expect(JSON.parse((await place.run("policy validate --file data.yaml --json")).stdout)).toEqual({ valid: true, policy: "data.yaml", actors: 3, problems: [] });
  });

  test("policy §9 validate lists everything that is wrong, with its place, and ends with 1", async () => {
    await using place = await makeWorkplace();
    await place.write("data.yaml", DATA.replace("version: 1", "version: 2").replace("[change]", "[chnge]"));
    const { exitCode, stdout, stderr } = await place.run("policy validate --file data.yaml");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("Error: policy bundle data.yaml is not valid:\n");
    expect(stderr).toContain("data.yaml:1:10: version must be 1\n");
    expect(stderr).toContain("data.yaml:10:17: rule 'drafts': unknown action 'chnge'");
    const json = await place.run("policy validate --file data.yaml --json");
    expect(json).toMatchObject({ exitCode: 1, stderr: "" });
    expect(JSON.parse(json.stdout)).toMatchObject({ valid: false, policy: "data.yaml", actors: null, problems: [{ line: 1, column: 10, message: "version must be 1" }, { line: 10, column: 17 }] });
  });

  test("P9 --kind stands for the binding", async () => {
    await using place = await makeWorkplace();
    await place.write("control.yaml", CONTROL);
    expect(await place.run("policy validate --file control.yaml --kind server")).toMatchObject({ exitCode: 0 });
    const { exitCode, stderr } = await place.run("policy validate --file control.yaml --kind graph");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("action 'graph_list' belongs into a bundle bound to the cluster, not to a graph");
  });

  test("policy §12.12 test runs the cases, lists those that fail and ends with 1", async () => {
    await using place = await makeWorkplace();
    await place.write("ops/data.yaml", DATA);
    await place.write("ops/policy.tests.yaml", CASES);
    await place.write("turned.yaml", CASES.replace("expect: deny", "expect: allow"));
    expect(await place.run("policy test --file ops/data.yaml")).toEqual(ok("2 cases: all as expected\n"));
    expect(await place.run("policy test --file ops/data.yaml --tests turned.yaml")).toEqual({
      exitCode: 1,
      stdout: "2 cases: 1 not as expected\n  import-cannot-touch-main: expected allow, got deny\n",
      stderr: "",
    });
    const json = await place.run("policy test --file ops/data.yaml --tests turned.yaml --json");
    expect(json.exitCode).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({ policy: "ops/data.yaml", cases: 2, failures: [{ id: "import-cannot-touch-main", expected: "allow", actual: "deny" }] });
  });

  test("policy §8 mistakes in the cases are shown with their place", async () => {
    await using place = await makeWorkplace();
    await place.write("data.yaml", DATA);
    await place.write("cases.yaml", CASES.replace("expect: deny", "expect: no"));
    const { exitCode, stderr } = await place.run("policy test --file data.yaml --tests cases.yaml");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cases.yaml:3:94: cases[0].expect must be one of allow, deny, not 'no'");
    expect((await place.run("policy test --file data.yaml")).stderr).toContain("cannot read --tests 'policy.tests.yaml': no such file");
    expect(await place.run("policy test --file - --tests -")).toMatchObject({ exitCode: 2 });
  });

  test("policy §9 explain prints every line there is, and ends with 0 for both decisions", async () => {
    await using place = await makeWorkplace();
    await place.write("data.yaml", DATA);
    expect(await place.run("policy explain --file data.yaml --actor mei --action branch_merge --branch draft --target-branch main")).toEqual(
      ok("decision: allow\nactor: mei\naction: branch_merge\nbranch: draft\ntarget_branch: main\nmatched_rule: publish\nmessage: policy allows branch_merge to actor 'mei'\n"),
    );
    expect(await place.run("policy explain --file data.yaml --actor eve --action change")).toEqual(
      ok("decision: deny\nactor: eve\naction: change\nmessage: policy denies change to unknown actor 'eve'\n"),
    );
    expect(JSON.parse((await place.run("policy explain --file data.yaml --actor svc-import --action change --branch main --json")).stdout)).toEqual({
      policy: "data.yaml",
      decision: "deny",
      actor: "svc-import",
      action: "change",
      branch: "main",
      message: "policy denies change on branch 'main' to actor 'svc-import'",
    });
  });

  test("wrong flags are refused before anything is read", async () => {
    await using place = await makeWorkplace();
    await place.write("data.yaml", DATA);
    for (const line of [
      "policy explain --file data.yaml --action read",
      "policy explain --file data.yaml --actor ann",
      "policy explain --file data.yaml --actor ann --action fly",
      "policy validate --file data.yaml --kind cluster",
      "policy validate --file data.yaml --cluster x",
      "policy validate --kind graph --cluster x",
      "policy validate --file data.yaml --store x",
      "policy validate --as ann",
    ]) {
      const { exitCode, stdout, stderr } = await place.run(line);
      expect({ line, exitCode, stdout }).toEqual({ line, exitCode: 2, stdout: "" });
      expect(stderr).toMatch(/^Error: /);
    }
    expect((await place.run("policy validate --target crm")).stderr).toContain("there is no such file to look the graph 'crm' up in");
    const { exitCode, stderr } = await place.run("policy validate");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("no policy addressed for 'policy validate'");
  });
});

describe("policy of a cluster", () => {
  test("cli §10.21 --graph selects the bundle of a graph or of the cluster; without it there must be one", async () => {
    await using place = await makeWorkplace();
    await place.apply("depot", {
      graphs: { crm: { schema: SCHEMA }, kb: { schema: SCHEMA }, lab: { schema: SCHEMA } },
      policies: { "control-plane": { text: CONTROL, appliesTo: ["cluster"] }, data: { text: DATA, appliesTo: ["graph.crm", "graph.kb"] } },
    });
    await place.write("cases.yaml", CASES);
    expect(await place.run("policy validate --cluster depot --graph kb")).toEqual(ok("policy data is valid: 3 actors\n"));
    expect(await place.run("policy validate --cluster depot --graph graph.crm")).toEqual(ok("policy data is valid: 3 actors\n"));
    expect(await place.run("policy validate --cluster depot --graph cluster")).toEqual(ok("policy control-plane is valid: 1 actor\n"));
    expect((await place.run("policy explain --cluster depot --graph cluster --actor mei --action graph_list")).stdout).toContain("decision: allow\n");
    expect(await place.run("policy test --cluster depot --graph crm --tests cases.yaml")).toMatchObject({ exitCode: 0 });
    expect((await place.run("policy test --cluster depot --graph crm")).stderr).toContain("'policy test' needs --tests FILE");
    const several = await place.run("policy validate --cluster depot");
    expect(several.exitCode).toBe(1);
    expect(several.stderr).toContain("'control-plane' (cluster), 'data' (crm, kb)");
    expect((await place.run("policy validate --cluster depot --graph lab")).stderr).toContain("decides about graph 'lab'; applied: 'control-plane' (cluster), 'data' (crm, kb)");
  });

  test("P4 9.2 the only bundle needs no selection; a cluster without any says so", async () => {
    await using place = await makeWorkplace();
    await place.apply("one", { graphs: { crm: { schema: SCHEMA } }, policies: { ops: { text: CONTROL, appliesTo: ["cluster"] } } });
    await place.apply("none", { graphs: { crm: { schema: SCHEMA } } });
    expect(await place.run("policy validate --cluster one")).toEqual(ok("policy ops is valid: 1 actor\n"));
    expect((await place.run("policy validate --cluster none")).stderr).toContain("no policy is applied in the cluster");
    expect((await place.run("policy validate --cluster missing")).exitCode).toBe(1);
  });

  test("policy 7.1.4 a bundle whose bytes are not those that were applied is refused", async () => {
    await using place = await makeWorkplace();
    const { store, ledger } = await place.apply("depot", { graphs: { crm: { schema: SCHEMA } }, policies: { data: { text: DATA, appliesTo: ["graph.crm"] } } });
    await store.objects.writeText(store.layout.policyObject("data", ledger.resources.get("policy.data")?.digest ?? ""), CONTROL);
    const { exitCode, stderr } = await place.run("policy validate --cluster depot");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("[catalog_payload_digest_mismatch] policy.data");
  });
});

describe("policy of the legacy file", () => {
  const FILE = `graphs:
  crm: { uri: ./crm.omni, policy: { file: ops/data.yaml } }
  kb: { uri: ./kb.omni }
server: { policy: { file: ops/control.yaml } }
cli: { graph: crm }
`;

  test("cli §10.21 the policy of cli.graph, of a graph by name, or of the server, with the cases next to it", async () => {
    await using place = await makeWorkplace();
    await place.write("ops/data.yaml", DATA);
    await place.write("ops/control.yaml", CONTROL);
    await place.write("ops/policy.tests.yaml", CASES);
    await place.write("omnigraph.yaml", FILE);
    expect(await place.run("policy validate")).toEqual(ok("policy ops/data.yaml is valid: 3 actors\n"));
    expect(await place.run("policy validate --graph cluster")).toEqual(ok("policy ops/control.yaml is valid: 1 actor\n"));
    expect(await place.run("policy test")).toEqual(ok("2 cases: all as expected\n"));
    const { exitCode, stderr } = await place.run("policy validate --target kb");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("names no policy for graph 'kb'");
    expect(stderr).toContain("Select one with --target crm or --graph cluster.");
    expect((await place.run("policy validate --target nowhere")).stderr).toContain("there is no graph 'nowhere'; graphs: crm, kb");
    expect(await place.run("policy validate --target crm --graph cluster")).toMatchObject({ exitCode: 2 });
  });

  test("cli §10.21 without a selected graph it is the policy at the top of the file", async () => {
    await using place = await makeWorkplace();
    await place.write("data.yaml", DATA);
    await place.write("omnigraph.yaml", "policy: { file: data.yaml }\n");
    expect(await place.run("policy validate")).toEqual(ok("policy data.yaml is valid: 3 actors\n"));
    await place.write("omnigraph.yaml", "policy: { file: nowhere.yaml }\n");
    expect((await place.run("policy validate")).stderr).toContain("nowhere.yaml': no such file");
  });
});
