import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Home, personalHome } from "./home.js";

let home: Home;
beforeEach(() => {
  home = personalHome();
});
afterEach(() => home[Symbol.dispose]());

const PROFILES = ["profile", "list", "--json"];

describe("reading config.yaml (operator configuration §2, §3)", () => {
  test("check 1, 2.7: with an empty OMNIGRAPH_HOME commands work by flags alone, and nothing is created", async () => {
    home.write("s.pg", "node A { k: String @key }\n");
    expect(await home.run(["init", "--schema", "s.pg", "g.omni"])).toMatchObject({ exitCode: 0 });
    for (const argv of [["snapshot", "g.omni"], ["query", "--store", "g.omni", "-e", "query q() { match { $a: A } return { $a.k } }"], PROFILES, ["logout", "harbor"]]) {
      expect(await home.run(argv), argv.join(" ")).toMatchObject({ exitCode: 0, stderr: "" });
    }
    expect(home.names()).toEqual([]);
  });

  test("check 2: an unknown key is one warning with its dotted name and the path; the rest counts", async () => {
    home.config("operator: {actor: act-mira, colour: red}\n");
    home.write("s.pg", "node A { k: String @key }\n");
    home.write("a.jsonl", '{"type":"A","data":{"k":"1"}}');
    await home.run(["init", "--schema", "s.pg", "g.omni"]);
    const { stderr } = await home.run(["load", "g.omni", "--data", "a.jsonl", "--mode", "append", "--quiet"]);
    expect(stderr.match(/warning/g)).toHaveLength(1);
    expect(stderr).toContain("'operator.colour'");
    expect(stderr).toContain(`${home.home}/config.yaml`);
    const { commits } = JSON.parse((await home.run(["commit", "list", "g.omni", "--json"])).stdout) as { commits: { actor_id: string }[] };
    expect(commits[0]?.actor_id).toBe("act-mira");
  });

  test("check 3: a syntax error names path, line and column; nothing is sent", async () => {
    home.config("servers: [");
    const { exitCode, stdout, stderr } = await home.run(["alias", "late"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(`${home.home}/config.yaml:1:`);
  });

  test("a syntax error quotes nothing of the file, which may hold a token by mistake", async () => {
    home.config("operator:\n  token: |t0ken\n");
    const { exitCode, stderr } = await home.run(["alias", "late"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${home.home}/config.yaml:2:`);
    expect(stderr).not.toContain("t0ken");
  });

  test("9.1, 2.6 a broken file fails what reads it, and nothing else", async () => {
    home.config("servers: [");
    home.write("s.pg", "node A { k: String @key }\n");
    for (const argv of [["version"], ["lint", "--schema", "s.pg", "--query", "s.gq"], ["init", "--schema", "s.pg", "g.omni"], ["snapshot", "g.omni"], ["logout", "harbor"]]) {
      expect((await home.run(argv)).stderr, argv.join(" ")).not.toContain("config.yaml");
    }
    for (const argv of [PROFILES, ["login", "harbor", "--token", "t"], ["query", "--store", "g.omni", "-e", "query q() { match { $a: A } return { $a.k } }"]]) {
      expect((await home.run(argv)).stderr, argv.join(" ")).toContain("config.yaml:1:");
    }
  });

  test.each<[string, string]>([
    ["- a", "mapping"],
    ["servers: [a]", "'servers' must be a mapping"],
    ["servers: {h: {}}", "'servers.h.url' is missing"],
    ["servers: {h: {url: 7}}", ":1:20: 'servers.h.url' must be a string"],
    ["servers: {h: {url: example.net}}", "'servers.h.url' is not a URL"],
    ["servers: {h: {url: 'https://mira:hunter2@h.example'}}", "'servers.h.url' must not contain a user name or a password"],
    ["servers: {'h x': {url: 'http://h'}}", "'servers' names 'h x'"],
    ["clusters: {c: {}}", "'clusters.c.root' is missing"],
    ["defaults: {output: yaml}", "'defaults.output' must be one of table, kv, csv, jsonl, json"],
    ["defaults: {table_max_column_width: wide}", "'defaults.table_max_column_width' must be an integer"],
    ["defaults: {table_max_column_width: 0}", "'defaults.table_max_column_width' must be an integer"],
    ["defaults: {table_cell_layout: fold}", "'defaults.table_cell_layout' must be one of truncate, wrap"],
    ["defaults: {server: a, store: b}", "'defaults.server' and 'defaults.store'"],
    ["defaults: {store: b, default_graph: g}", "'defaults.default_graph'"],
    ["aliases: {a: {args: since}}", "'aliases.a.args' must be a list of strings"],
    ["operator: {actor: ''}", "'operator.actor' must be a string that is not blank"],
    ["operator: {actor: a}\noperator: {actor: b}", ":2:1: "],
    ["aliases: &a {b: *a}", "refers to itself"],
  ])("2.3, 3.3 a wrong file is an error with its place: %s", async (text, expected) => {
    home.config(text);
    const { exitCode, stderr } = await home.run(PROFILES);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(expected);
    expect(stderr).toContain(`${home.home}/config.yaml`);
    expect(stderr).not.toContain("hunter2");
    expect(stderr).not.toMatch(/^ {4}at /m);
  });

  test.each(["", "# nothing\n", "servers:\nprofiles: {}\n"])("2.3 an empty file is an empty configuration: %j", async (text) => {
    home.config(text);
    expect(await home.run(PROFILES)).toEqual({ exitCode: 0, stdout: "[]\n", stderr: "" });
  });

  test("2.3 a folder in its place is an error naming it", async () => {
    home.config("");
    const { stderr } = await home.run(PROFILES, { env: { OMNIGRAPH_HOME: home.cwd } });
    expect(stderr).toBe("");
    home.write("config.yaml/x", "");
    expect((await home.run(PROFILES, { env: { OMNIGRAPH_HOME: home.cwd } })).stderr).toContain("it is a folder");
  });

  test("2.1 ~ in OMNIGRAPH_HOME is the home folder; without both there is no configuration", async () => {
    home.config("profiles: {p: {store: x.omni}}");
    const parent = home.home.replace(/\/omnigraph$/, "");
    const viaTilde = await home.run(PROFILES, { env: { OMNIGRAPH_HOME: "~/omnigraph", HOME: parent } });
    expect(viaTilde.stdout).toContain('"p"');
    expect((await home.run(PROFILES, { env: { OMNIGRAPH_HOME: "" } })).stdout).toBe("[]\n");
    expect((await home.run(["login", "h", "--token", "t"], { env: { OMNIGRAPH_HOME: "" } })).stderr).toContain("OMNIGRAPH_HOME");
  });

  test("2.4, O2 unknown keys on every level; those that look like tokens point at login", async () => {
    home.config("colour: red\noperator: {a: 1}\ndefaults: {b: 1}\nservers: {h: {url: 'http://h', token: sesame}}\nprofiles: {p: {c: 1}}\nclusters: {k: {root: r, d: 1}}\naliases: {x: {e: 1}}\n");
    const { stderr } = await home.run(PROFILES);
    for (const key of ["colour", "operator.a", "defaults.b", "servers.h.token", "profiles.p.c", "clusters.k.d", "aliases.x.e"]) expect(stderr).toContain(`'${key}'`);
    expect(stderr.match(/warning/g)).toHaveLength(7);
    expect(stderr.match(/omnigraph login/g)).toHaveLength(1);
    expect(stderr).not.toContain("sesame");
  });

  test("O1, 7.2.3 servers that share a token variable, or a URL, are a warning", async () => {
    home.config("servers: {a-b: {url: 'http://x'}, A_B: {url: 'http://y'}, c: {url: 'http://y/'}}\n");
    const { stderr } = await home.run(PROFILES);
    expect(stderr).toContain("share the variable OMNIGRAPH_TOKEN_A_B");
    expect(stderr).toContain("servers 'A_B' and 'c'");
  });
});

describe("profile (§10.25)", () => {
  const CONFIG = `
servers: { harbor: { url: 'https://graphs.harbor.example/' } }
clusters: { depot: { root: 's3://depot-state/prod' } }
defaults: { server: harbor, default_graph: orders, output: kv }
profiles:
  prod: { server: harbor, default_graph: orders }
  admin: { cluster: depot }
  folder: { cluster: ./depot }
  scratch: { store: ./scratch.omni }
  lost: { server: nowhere }
  both: { server: harbor, store: x.omni }
  none: {}
`;

  test("list, for people and as JSON", async () => {
    home.config(CONFIG);
    const options = { env: { OMNIGRAPH_PROFILE: "admin" } };
    expect((await home.run(["profile", "list"], options)).stdout).toBe(
      "prod: server: harbor, graph: orders\nadmin: cluster: depot (active)\nfolder: cluster: ./depot\nscratch: store: ./scratch.omni\nlost: server: nowhere (server 'nowhere' is not defined)\nboth: invalid: names server and store\nnone: invalid: names none of server, cluster and store\n",
    );
    const listed = JSON.parse((await home.run(PROFILES, options)).stdout) as unknown[];
    expect(listed.slice(0, 2)).toEqual([
      { name: "prod", binding: "server: harbor", scope_kind: "server", target: "harbor", valid: true, error: null, default_graph: "orders", active: false },
      { name: "admin", binding: "cluster: depot", scope_kind: "cluster", target: "depot", valid: true, error: null, default_graph: null, active: true },
    ]);
    expect(listed[5]).toEqual({ name: "both", binding: "invalid: names server and store", scope_kind: "invalid", target: null, valid: false, error: "names server and store", default_graph: null, active: false });
  });

  test.each<[string[], string, object]>([
    [[], "", { name: "(defaults)", scope_kind: "server", target: "harbor", endpoint: "https://graphs.harbor.example", default_graph: "orders", output_format: "kv" }],
    [[], "scratch", { name: "scratch", scope_kind: "store", target: "./scratch.omni", endpoint: "./scratch.omni", default_graph: null, output_format: "kv" }],
    [["admin"], "scratch", { name: "admin", scope_kind: "cluster", target: "depot", endpoint: "s3://depot-state/prod", default_graph: null, output_format: "kv" }],
    [["folder"], "", { name: "folder", scope_kind: "cluster", target: "./depot", endpoint: "./depot", default_graph: null, output_format: "kv" }],
    [["lost"], "", { name: "lost", scope_kind: "server", target: "nowhere", endpoint: null, default_graph: null, output_format: "kv" }],
  ])("show %j with OMNIGRAPH_PROFILE '%s'", async (argv, active, expected) => {
    home.config(CONFIG);
    const { stdout } = await home.run(["profile", "show", ...argv, "--json"], { env: { OMNIGRAPH_PROFILE: active } });
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  test("show without any configuration, of an unknown and of an invalid profile", async () => {
    expect((await home.run(["profile", "show"])).stdout).toBe("name: (defaults)\nscope_kind: none\ntarget: -\nendpoint: -\ndefault_graph: -\noutput_format: table\n");
    home.config(CONFIG);
    const unknown = await home.run(["profile", "show", "prd"]);
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain("profile 'prd' is not defined; defined: admin, both, folder, lost, none, prod, scratch");
    expect((await home.run(["profile", "show", "both"])).stderr).toContain("profile 'both' names server and store");
  });
});

describe("presentation (§5.2, cli §9.1)", () => {
  const QUERY = ["query", "--store", "g.omni", "-e", "query q() { match { $a: A } return { $a.k as key } }"];
  const WORD = "abcdefghijklmnop";

  beforeEach(async () => {
    home.write("s.pg", "node A { k: String @key }\n");
    home.write("a.jsonl", `{"type":"A","data":{"k":"${WORD}"}}`);
    await home.run(["init", "--schema", "s.pg", "g.omni"]);
    await home.run(["load", "g.omni", "--data", "a.jsonl", "--mode", "append"]);
  });

  test("--json over --format over defaults.output", async () => {
    home.config("defaults: {output: csv}");
    expect((await home.run(QUERY)).stdout).toBe(`key\n${WORD}\n`);
    expect((await home.run([...QUERY, "--format", "kv"])).stdout).toContain("row 1");
    expect((await home.run([...QUERY, "--json"])).stdout).toContain('"query_name": "q"');
  });

  test("table preferences: width and layout; a width below 8 only cuts cells", async () => {
    home.config("defaults: {table_max_column_width: 10}");
    expect((await home.run(QUERY)).stdout).toContain("key       \n----------\nabcdefghi…\n");
    home.config("defaults: {table_max_column_width: 10, table_cell_layout: wrap}");
    expect((await home.run(QUERY)).stdout).toContain("key       \n----------\nabcdefghij\nklmnop    \n");
  });

  test("the old combined file goes before the operator's", async () => {
    home.config("defaults: {output: csv, table_max_column_width: 12}");
    home.write("omnigraph.yaml", "cli: {output_format: table, table_max_column_width: 9}\n");
    expect((await home.run(QUERY)).stdout).toContain("\nabcdefgh…\n");
  });
});
