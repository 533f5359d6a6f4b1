import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { LEGACY_KEYS } from "@omnigraphdb/cluster";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { type Home, personalHome } from "../operator/home.js";

let home: Home;
beforeEach(() => {
  home = personalHome();
});
afterEach(() => home[Symbol.dispose]());

interface Report {
  readonly source: string;
  readonly cluster_yaml: string | null;
  readonly operator_merge: Readonly<Record<string, string>>;
  readonly dropped: readonly { readonly key: string; readonly reason: string }[];
  readonly manual_steps: readonly string[];
}

async function report(text: string): Promise<Report> {
  home.write("omnigraph.yaml", text);
  const { exitCode, stdout, stderr } = await home.run(["config", "migrate", "--json"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout) as Report;
}

/** A value for each key of the format, unlike every other. */
const VALUES: Readonly<Record<string, unknown>> = {
  "graphs.*.uri": "http://value-uri.example",
  "graphs.*.queries.*.mcp.expose": false,
  "queries.*.mcp.expose": false,
  "query.roots": ["value-roots"],
  "aliases.*.args": ["value-args"],
  "aliases.*.command": "change",
  "aliases.*.format": "jsonl",
  "cli.output_format": "kv",
  "cli.table_max_column_width": 37,
  "cli.table_cell_layout": "wrap",
};

function fullFile(): string {
  const top: Record<string, unknown> = {};
  for (const key of LEGACY_KEYS) {
    const words = key.split(".");
    let section = top;
    for (const word of words.slice(0, -1)) section = (section[word === "*" ? "nn" : word] ??= {}) as Record<string, unknown>;
    section[words.at(-1) ?? ""] = VALUES[key] ?? `value-${words.at(-1)}-${words.at(-2)}`;
  }
  return stringify(top);
}

describe("config migrate (operator configuration §10.8, cli §10.26)", () => {
  test("10.8.5 every key of the schema is accounted for", async () => {
    const full = await report(fullFile());
    const everything = JSON.stringify(full);
    const unaccounted = LEGACY_KEYS.filter((key) => {
      const named = key.replaceAll("*", "nn");
      const value = VALUES[key] ?? `value-${key.split(".").at(-1)}-${key.split(".").at(-2)}`;
      const isDropped = full.dropped.some((dropped) => dropped.key === named || named.startsWith(`${dropped.key}.`));
      return !isDropped && !everything.includes(String(Array.isArray(value) ? value[0] : value)) && !(key === "aliases.*.command" && everything.includes("only read"));
    });
    expect(unaccounted).toEqual([]);
  });

  test("10.8.3, 10.8.4, 10.8.6, O11 each kind of key goes where the table says", async () => {
    const { cluster_yaml, operator_merge, dropped, manual_steps } = await report(`
project: { name: harbor }
graphs:
  orders: { uri: ./orders.omni, policy: { file: policies/orders.yaml }, queries: { late: { file: queries/late.gq, mcp: { expose: false, tool_name: late_orders } } } }
  remote: { uri: 'https://graphs.example/base/graphs/eu-1/', bearer_token_env: REMOTE_TOKEN }
  my_graph: { uri: s3://bucket/my.omni, bearer_token_env: UNUSED }
server: { bind: 127.0.0.1:9000, graph: orders, policy: { file: policies/server.yaml } }
auth: { env_file: .env }
cli: { actor: act-mira, output_format: kv, table_max_column_width: 40, table_cell_layout: wrap, graph: orders, branch: review }
query: { roots: [queries] }
aliases:
  late: { command: read, query: queries/late.gq, name: late, args: [since], graph: orders, branch: review }
  add: { command: change, query: add.gq }
colour: red
`);
    expect(operator_merge).toEqual({
      "aliases.add": "{server: TODO-server-name, graph: TODO-graph-id, query: add, args: []}",
      "aliases.late": "{server: TODO-server-name, graph: orders, query: late, args: [since]}",
      "defaults.output": "kv",
      "defaults.table_cell_layout": "wrap",
      "defaults.table_max_column_width": "40",
      "operator.actor": "act-mira",
      "servers.remote.url": "https://graphs.example/base",
    });
    expect(Object.keys(operator_merge)).toEqual(Object.keys(operator_merge).sort());
    expect(dropped.map(({ key }) => key)).toEqual([
      "cli.graph",
      "cli.branch",
      "graphs.orders.queries.late.mcp.expose",
      "graphs.orders.queries.late.mcp.tool_name",
      "graphs.my_graph.bearer_token_env",
      "query.roots",
      "server.bind",
      "server.graph",
      "aliases.late.branch",
      "colour",
    ]);
    expect(parse(cluster_yaml ?? "")).toEqual({
      version: 1,
      metadata: { name: "harbor" },
      graphs: {
        orders: { schema: "TODO-orders.pg", queries: "queries/" },
        remote: { schema: "TODO-remote.pg" },
        "my-graph": { schema: "TODO-my-graph.pg" },
      },
      policies: {
        orders: { file: "policies/orders.yaml", applies_to: ["graph.orders"] },
        server: { file: "policies/server.yaml", applies_to: ["cluster"] },
      },
    });
    expect(cluster_yaml).toContain("# was ./orders.omni; see 'omnigraph cluster import'");
    const steps = manual_steps.join("\n");
    for (const text of ["omnigraph login remote", "REMOTE_TOKEN", "--graph eu-1", "queries/late.gq", ".env", "add.gq", "'my_graph' is called 'my-graph'", "only read"]) expect(steps).toContain(text);
  });

  test("10.8.4, O10 top-level policy and queries", async () => {
    const alone = await report("policy: {file: p.yaml}\nqueries: {q: {file: q.gq}}\n");
    expect(parse(alone.cluster_yaml ?? "")).toEqual({
      version: 1,
      graphs: { default: { schema: "TODO-default.pg", queries: "queries/" } },
      policies: { default: { file: "p.yaml", applies_to: ["graph.TODO-graph-id"] } },
    });
    const beside = await report("graphs: {g: {uri: g.omni}}\nqueries: {q: {file: q.gq}}\n");
    expect(parse(beside.cluster_yaml ?? "")).toMatchObject({ graphs: { g: { schema: "TODO-g.pg" } } });
    expect(beside.manual_steps.join()).toContain("top-level queries");
  });

  test("10.8.4 without a team half the label goes as well", async () => {
    const personal = await report("project: {name: x}\ncli: {actor: a}\n");
    expect(personal.cluster_yaml).toBeNull();
    expect(personal.dropped.map(({ key }) => key)).toEqual(["project.name"]);
  });

  test("4.2 a password in an old URL is shown nowhere", async () => {
    const { cluster_yaml, operator_merge, manual_steps } = await report("graphs: {g: {uri: 'https://mira:hunter2@h.example/graphs/g'}}\n");
    expect(operator_merge).toEqual({});
    expect(manual_steps.join()).toContain("user name or a password");
    expect(`${cluster_yaml}${manual_steps.join()}`).not.toContain("hunter2");
  });

  test("values that YAML would take for something else keep their meaning", async () => {
    const { cluster_yaml, operator_merge } = await report("project: {name: 'yes: # no'}\ngraphs: {'1': {uri: \"a\\nb: c\", policy: {file: '- x'}}}\ncli: {actor: '007'}\n");
    expect(operator_merge["operator.actor"]).toBe('"007"');
    expect(parse(cluster_yaml ?? "")).toMatchObject({ metadata: { name: "yes: # no" }, graphs: { "1": { schema: "TODO-1.pg" } }, policies: { "policy-1": { file: "- x", applies_to: ["graph.1"] } } });
  });

  test("10.8.7 for people; 10.8.2 nothing is written without --write", async () => {
    home.write("omnigraph.yaml", "graphs: {g: {uri: g.omni}}\ncli: {actor: act-mira, branch: b}\nauth: {env_file: .env}\n");
    const { exitCode, stdout } = await home.run(["config", "migrate"]);
    expect(exitCode).toBe(0);
    for (const text of ["For the team", "For you", "Without a destination", "Left to do", "operator.actor: act-mira", "Nothing was written"]) expect(stdout).toContain(text);
    expect(home.names()).toEqual([]);
    expect(existsSync(`${home.cwd}/cluster.yaml`)).toBe(false);
    home.write("empty.yaml", "cli:\n");
    expect((await home.run(["config", "migrate", "--config", "empty.yaml"])).stdout).toContain("declares nothing");
  });

  test("10.8.1, cli D6 a missing source is an error; strict mode and the notices do not apply", async () => {
    const missing = await home.run(["config", "migrate"]);
    expect(missing.exitCode).toBe(1);
    expect(missing.stderr).toContain(`${home.cwd}/omnigraph.yaml`);
    home.write("omnigraph.yaml", "cli: {actor: a}\n");
    expect(await home.run(["config", "migrate"], { env: { OMNIGRAPH_NO_LEGACY_CONFIG: "" } })).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

describe("config migrate --write (10.8.8)", () => {
  const OLD = "graphs: {g: {uri: g.omni}, far: {uri: 'http://h.example'}}\ncli: {actor: act-mira, output_format: kv}\n";

  test("check 10: merges what is missing, keeps what is there, leaves .bak, and does nothing the second time", async () => {
    home.write("omnigraph.yaml", OLD);
    const before = "# mine\noperator: {actor: act-own} # keep\nservers:\n";
    home.config(before);
    const { stdout } = await home.run(["config", "migrate", "--write", "--json"]);
    const { written, report: shown } = JSON.parse(stdout) as { written: string[]; report: Report };
    expect(written).toEqual([`${home.home}/config.yaml.bak`, `${home.home}/config.yaml`, `${home.cwd}/cluster.yaml`]);
    expect(shown.operator_merge["operator.actor"]).toBe("act-mira");
    expect(parse(home.read("config.yaml"))).toEqual({ operator: { actor: "act-own" }, defaults: { output: "kv" }, servers: { far: { url: "http://h.example" } } });
    expect(home.read("config.yaml")).toContain("# mine");
    expect(home.read("config.yaml.bak")).toBe(before);
    const after = home.read("config.yaml");
    expect((JSON.parse((await home.run(["config", "migrate", "--write", "--json"])).stdout) as { written: string[] }).written).toEqual([]);
    expect(home.read("config.yaml")).toBe(after);
    expect(readFileSync(`${home.cwd}/omnigraph.yaml`, "utf8")).toBe(OLD);
    expect(home.names()).toEqual(["config.yaml", "config.yaml.bak"]);
  });

  test("a cluster.yaml that is there stays; the proposal lies beside it", async () => {
    home.write("omnigraph.yaml", OLD);
    home.write("cluster.yaml", "version: 1\n");
    await home.run(["config", "migrate", "--write"]);
    expect(readFileSync(`${home.cwd}/cluster.yaml`, "utf8")).toBe("version: 1\n");
    writeFileSync(`${home.cwd}/cluster.yaml.proposed`, "edited\n");
    await home.run(["config", "migrate", "--write"]);
    expect(readFileSync(`${home.cwd}/cluster.yaml.proposed`, "utf8")).toContain("TODO-g.pg");
    expect(readFileSync(`${home.cwd}/cluster.yaml.proposed.bak`, "utf8")).toBe("edited\n");
  });

  test("the file it writes is one that commands read", async () => {
    home.write("omnigraph.yaml", fullFile());
    expect(await home.run(["config", "migrate", "--write"])).toMatchObject({ exitCode: 0 });
    expect(await home.run(["profile", "list"])).toEqual({ exitCode: 0, stdout: "(no profiles)\n", stderr: "" });
  });

  test.each(["defaults: 7\n", "servers: {far: [x]}\n", "operator: [\n"])("a wrong operator file is an error before anything is written: %j", async (text) => {
    home.write("omnigraph.yaml", OLD);
    home.config(text);
    expect(await home.run(["config", "migrate", "--write"])).toMatchObject({ exitCode: 1, stdout: "" });
    expect(home.read("config.yaml")).toBe(text);
    expect(existsSync(`${home.cwd}/cluster.yaml`)).toBe(false);
    expect(home.names()).toEqual(["config.yaml"]);
  });
});
