import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Captured } from "../captured-io.js";
import { type Home, personalHome } from "../operator/home.js";

const SCHEMA = "node Shipment {\n  ref: String @key\n  note: String?\n}\n";
const QUERIES = `query recent($n: I64) { match { $s: Shipment } return { $s.ref as ref } order { $s.ref asc } limit 1 }
query one($ref: String) { match { $s: Shipment { ref: $ref } } return { $s.ref as ref, $s.note as note } }
query add($ref: String, $note: String?) { insert Shipment { ref: $ref, note: $note } }
`;
const FILE = `
graphs:
  depot: { uri: ./graphs/depot.omni }
  other: { uri: ./graphs/other.omni }
cli: { graph: depot, branch: main, output_format: csv, actor: act-legacy }
query: { roots: [queries] }
auth: { env_file: .env }
aliases:
  shipment: { command: read, query: shipments.gq, name: one, args: [ref] }
  shipments: { command: query, query: shipments.gq, name: recent, args: [n], format: kv }
  add-shipment: { command: change, query: shipments.gq, name: add, args: [ref, note] }
  elsewhere: { query: shipments.gq, name: one, args: [ref], graph: other, branch: review }
${Array.from({ length: 40 }, (_, at) => `  bulk-${at}: { command: ${at % 2 === 0 ? "read" : "change"}, query: shipments.gq, name: ${at % 2 === 0 ? "one" : "add"}, args: [ref] }\n`).join("")}`;

let home: Home;
const QUIET = { OMNIGRAPH_SUPPRESS_YAML_DEPRECATION: "" };

/** With the notices of the file silenced. */
function run(...argv: string[]): Promise<Captured> {
  return home.run(argv, { env: QUIET });
}

async function lastCommit(branch = "main"): Promise<{ actor_id: string | null }> {
  const { stdout } = await run("commit", "list", "--uri", "./graphs/depot.omni", "--branch", branch, "--json");
  return (JSON.parse(stdout) as { commits: { actor_id: string | null }[] }).commits[0] ?? { actor_id: null };
}

beforeAll(async () => {
  home = personalHome();
  home.write("s.pg", SCHEMA);
  home.write("queries/shipments.gq", QUERIES);
  home.write("seed.jsonl", '{"type":"Shipment","data":{"ref":"shp-12","note":"first"}}\n');
  home.write("more.jsonl", '{"type":"Shipment","data":{"ref":"shp-99"}}\n');
  mkdirSync(`${home.cwd}/graphs`);
  for (const name of ["depot", "other"]) {
    expect(await run("init", "--schema", "s.pg", `./graphs/${name}.omni`)).toMatchObject({ exitCode: 0 });
    expect(await run("load", `./graphs/${name}.omni`, "--data", "seed.jsonl", "--mode", "append")).toMatchObject({ exitCode: 0 });
  }
  await run("branch", "create", "review", "--uri", "./graphs/other.omni");
  home.write("omnigraph.yaml", FILE);
}, 60_000);
afterAll(() => home[Symbol.dispose]());

describe("check 11: a working legacy file (cli §12.7)", () => {
  test("aliases, in old and new words, with their notices", async () => {
    const one = await run("query", "--alias", "shipment", "shp-12");
    expect(one).toMatchObject({ exitCode: 0, stdout: "ref,note\nshp-12,first\n" });
    expect(one.stderr).toContain("'query --alias shipment' is deprecated; use 'omnigraph alias shipment'");
    expect(one.stderr.match(/warning/g)).toHaveLength(1);
    expect(await run("read", "--alias", "shipments", "5", "--format", "jsonl")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('{"ref":"shp-12"}') as string });
    expect(await run("query", "--alias", "shipments", "5")).toMatchObject({ stdout: expect.stringContaining("row 1") as string });
    expect(await run("mutate", "--alias", "add-shipment", "shp-13", "Late crate")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("1 nodes") as string });
    expect(await run("query", "--alias", "bulk-2", "shp-13")).toMatchObject({ stdout: "ref,note\nshp-13,Late crate\n" });
    expect(await run("change", "--alias", "bulk-7", "shp-14")).toMatchObject({ exitCode: 0 });
  });

  test("query files by query.roots, the default graph, --target, --config", async () => {
    expect(await run("query", "--query", "shipments.gq", "--name", "recent", "--params", '{"n":1}')).toMatchObject({ exitCode: 0, stdout: "ref\nshp-12\n" });
    expect(await run("query", "one", "--query", "shipments.gq", "--params", '{"ref":"shp-13"}', "--target", "other", "--json")).toMatchObject({ stdout: expect.stringContaining('"row_count": 0') as string });
    expect(await run("query", "--config", "omnigraph.yaml", "--alias", "shipment", "shp-12")).toMatchObject({ exitCode: 0 });
    const missing = await run("query", "--query", "absent.gq");
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toContain(`${home.cwd}/queries`);
    mkdirSync(`${home.cwd}/below`, { recursive: true });
    const elsewhere = await home.run(["query", "--config", "../omnigraph.yaml", "--alias", "shipment", "shp-12"], { cwd: `${home.cwd}/below`, env: QUIET });
    expect(elsewhere).toMatchObject({ exitCode: 0, stdout: "ref,note\nshp-12,first\n" });
  });

  test("writes with a plain address", async () => {
    expect(await run("branch", "create", "--uri", "./graphs/depot.omni", "--from", "main", "review")).toMatchObject({ exitCode: 0 });
    expect(await run("load", "--data", "more.jsonl", "--mode", "merge", "--branch", "review", "--uri", "./graphs/depot.omni")).toMatchObject({ exitCode: 0 });
    expect(await run("query", "--alias", "shipment", "shp-99", "--branch", "review")).toMatchObject({ stdout: "ref,note\nshp-99,null\n" });
  });

  test("a graph and a branch of the alias; flags go before", async () => {
    expect(await run("query", "--alias", "elsewhere", "shp-12", "--json")).toMatchObject({ stdout: expect.stringContaining('"branch": "review"') as string });
    expect(await run("query", "--alias", "elsewhere", "shp-13", "--branch", "main", "--store", "./graphs/depot.omni")).toMatchObject({ stdout: "ref,note\nshp-13,Late crate\n" });
  });

  test("10.5 failures: unknown, wrong command, too many arguments", async () => {
    home.config("aliases: {late: {server: s, query: q}}\nservers: {s: {url: 'http://127.0.0.1:1'}}\n");
    for (const [argv, text] of [
      [["query", "--alias", "nobody"], "'nobody' is not defined; defined: late"],
      [["mutate", "--alias", "shipment", "x"], "'shipment' is for 'query'"],
      [["query", "--alias", "add-shipment", "x"], "'add-shipment' is for 'mutate'"],
      [["query", "--alias", "shipment", "x", "y", "z"], "takes ref, and 2 more were given"],
      [["mutate", "--alias", "late"], "only reads"],
      [["query", "--alias", "shipment", "--query", "shipments.gq"], "cannot be used with"],
      [["query", "one", "two", "--store", "g.omni"], "too many arguments"],
    ] as const) {
      const { exitCode, stdout, stderr } = await run(...argv);
      expect(exitCode, argv.join(" ")).toBeGreaterThan(0);
      expect(stdout).toBe("");
      expect(stderr).toContain(text);
    }
    home.config("aliases: {shipment: {server: s, query: q}}\nservers: {s: {url: 'http://127.0.0.1:1'}}\n");
    const both = await run("query", "--alias", "shipment", "shp-12");
    expect(both).toMatchObject({ exitCode: 0, stdout: "ref,note\nshp-12,first\n" });
    expect(both.stderr).toContain(`${home.cwd}/omnigraph.yaml and in ${home.home}/config.yaml`);
    home.config("");
  });
});

describe("who writes (check 4)", () => {
  test("--as over cli.actor over operator.actor over nobody", async () => {
    home.config("operator: {actor: act-operator}\n");
    const write = async (ref: string, ...flags: string[]): Promise<string | null> => {
      expect(await run("mutate", "add", "--query", `${home.cwd}/queries/shipments.gq`, "--params", `{"ref":"${ref}"}`, "--store", "./graphs/depot.omni", ...flags)).toMatchObject({ exitCode: 0 });
      return (await lastCommit()).actor_id;
    };
    expect(await write("w1", "--as", "act-x")).toBe("act-x");
    expect(await write("w2")).toBe("act-legacy");
    home.write("omnigraph.yaml", FILE.replace(", actor: act-legacy", ""));
    expect(await write("w3")).toBe("act-operator");
    home.config("");
    expect(await write("w4")).toBeNull();
    home.write("omnigraph.yaml", FILE);
  });
});

describe("finding and announcing the file (§10.1, §10.7)", () => {
  test("check 10, 10.7.1, 10.7.2: one line for each key that is present, in order; its variable silences them", async () => {
    home.write("all.yaml", "project: {name: x}\ngraphs: {g: {uri: ./graphs/depot.omni}}\nqueries: {q: {file: q.gq}}\npolicy: {file: p.yaml}\nserver: {bind: 'x'}\nauth: {env_file: .env}\naliases: {a: {query: q.gq}}\nquery: {roots: [q]}\ncli: {actor: a, output_format: kv, table_max_column_width: 9, table_cell_layout: wrap, graph: g, branch: main}\n");
    const { stderr } = await home.run(["schema", "show", "./graphs/depot.omni", "--config", "all.yaml"]);
    const [heading = "", ...lines] = stderr.trimEnd().split("\n");
    expect(heading).toContain(`${home.cwd}/all.yaml`);
    expect(heading).toContain("omnigraph config migrate");
    expect(heading).toContain("OMNIGRAPH_SUPPRESS_YAML_DEPRECATION");
    expect(lines.map((line) => line.trim().split(":", 1)[0])).toEqual(
      ["graphs", "queries", "policy", "server", "auth", "aliases", "query", "project", "cli.actor", "cli.output_format", "cli.table_max_column_width", "cli.table_cell_layout", "cli.graph", "cli.branch"],
    );
    expect((await home.run(["schema", "show", "./graphs/depot.omni", "--config", "all.yaml"], { env: QUIET })).stderr).toBe("");
    home.write("few.yaml", "graphs: {}\ncli: {actor: a, branch: ''}\nquery: {roots: []}\n");
    expect((await home.run(["schema", "show", "./graphs/depot.omni", "--config", "few.yaml"])).stderr.trimEnd().split("\n")).toHaveLength(2);
  });

  test("10.7.3 strict mode: finding a file is an error that names the variable, the file and the repair", async () => {
    const env = { OMNIGRAPH_NO_LEGACY_CONFIG: "" };
    for (const argv of [["branch", "list"], ["snapshot", "./graphs/depot.omni", "--config", "omnigraph.yaml"]]) {
      const { exitCode, stdout, stderr } = await home.run(argv, { env });
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
      for (const text of ["OMNIGRAPH_NO_LEGACY_CONFIG", `${home.cwd}/omnigraph.yaml`, "omnigraph config migrate"]) expect(stderr).toContain(text);
    }
    expect(await home.run(["snapshot", `${home.cwd}/graphs/depot.omni`], { cwd: `${home.cwd}/graphs`, env })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("10.1 --config over OMNIGRAPH_CONFIG over the working directory; a named file must exist", async () => {
    home.write("conf/other.yaml", "cli: {graph: g}\ngraphs: {g: {uri: ../graphs/other.omni}}\n");
    const uriOf = async (argv: string[], env: Record<string, string>): Promise<string> => (JSON.parse((await home.run(["load", "--data", "seed.jsonl", "--mode", "merge", "--json", ...argv], { env: { ...QUIET, ...env } })).stdout) as { uri: string }).uri;
    expect(await uriOf([], {})).toContain("depot.omni");
    expect(await uriOf([], { OMNIGRAPH_CONFIG: "conf/other.yaml" })).toContain("other.omni");
    expect(await uriOf(["--config", "omnigraph.yaml"], { OMNIGRAPH_CONFIG: "conf/other.yaml" })).toContain("depot.omni");
    for (const [argv, env, text] of [
      [["branch", "list", "--config", "absent.yaml"], {}, "--config names"],
      [["branch", "list"], { OMNIGRAPH_CONFIG: "absent.yaml" }, "OMNIGRAPH_CONFIG names"],
    ] as const) {
      const { exitCode, stderr } = await home.run(argv, { env });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(text);
      expect(stderr).toContain("absent.yaml");
    }
  });

  test("12.3 what is personal never loads it, nor does a parent folder's count", async () => {
    for (const argv of [["version"], ["profile", "list"], ["logout", "h"]]) expect((await home.run(argv)).stderr).toBe("");
    expect((await home.run(["branch", "list", "--store", `${home.cwd}/graphs/depot.omni`], { cwd: `${home.cwd}/graphs` })).stderr).toBe("");
  });

  test.each([
    ["graphs: [", "omnigraph.yaml"],
    ["cli: {output_format: yaml}", "'cli.output_format' must be one of table"],
    ["cli: {table_cell_layout: fold}", "'cli.table_cell_layout' must be one of truncate, wrap"],
    ["aliases: {a: {query: q.gq, format: yaml}}", "'aliases.a.format' must be one of"],
    ["cli: {graph: nowhere}", "there is no graph 'nowhere'"],
    ["graphs: {g: {uri: ./graphs/depot.omni}}\ncli: {graph: g}\npolicy: {file: p.yaml}", "'policy'"],
  ])("a wrong file is an error before any effect: %s", async (text, expected) => {
    home.write("wrong/omnigraph.yaml", text);
    const { exitCode, stdout, stderr } = await home.run(["branch", "list"], { cwd: `${home.cwd}/wrong`, env: QUIET });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(expected);
  });
});

describe("the policy of the file decides about direct writes (cli §6, policy 6.8)", () => {
  const BUNDLE = "version: 1\ngroups: {writers: [act-writer]}\nprotected_branches: [main]\nrules:\n  - id: writers-change\n    allow: {actors: {group: writers}, actions: [change], branch_scope: any}\n";
  const write = (ref: string, ...flags: string[]): Promise<Captured> => home.run(["mutate", "add", "--query", `${home.cwd}/queries/shipments.gq`, "--params", `{"ref":"${ref}"}`, ...flags], { cwd: `${home.cwd}/guarded`, env: QUIET });

  test("named graph, plain address, and a missing actor", async () => {
    home.write("guarded/policy.yaml", BUNDLE);
    home.write("guarded/omnigraph.yaml", "graphs: {g: {uri: ../graphs/depot.omni, policy: {file: policy.yaml}}, open: {uri: ../graphs/depot.omni}}\ncli: {graph: g}\n");
    expect(await write("p1", "--as", "act-writer")).toMatchObject({ exitCode: 0 });
    for (const flags of [["--as", "act-stranger"], []]) expect(await write("p2", ...flags)).toMatchObject({ exitCode: 1, stdout: "" });
    expect(await write("p3", "--as", "act-stranger", "--target", "open")).toMatchObject({ exitCode: 0 });
    home.write("guarded/omnigraph.yaml", "policy: {file: policy.yaml}\n");
    expect(await write("p4", "--as", "act-stranger", "--store", "../graphs/depot.omni")).toMatchObject({ exitCode: 1 });
    expect(await write("p5", "--as", "act-writer", "--store", "../graphs/depot.omni")).toMatchObject({ exitCode: 0 });
    home.write("guarded/omnigraph.yaml", "policy: {file: absent.yaml}\n");
    expect((await write("p6", "--as", "act-writer", "--store", "../graphs/depot.omni")).stderr).toContain("absent.yaml cannot be read (ENOENT)");
  });
});
