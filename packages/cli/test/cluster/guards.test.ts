import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Captured } from "../captured-io.js";
import { type Depot, depot, disposeTemplate, SCHEMA } from "./depot.js";

let it: Depot;
beforeEach(async () => {
  it = depot();
  await it.apply();
}, 60_000);
afterEach(() => it[Symbol.dispose]());
afterAll(disposeTemplate);

function run(...argv: readonly string[]): Promise<Captured> {
  return it.home.run(argv, { env: { OMNIGRAPH_DURABILITY: "process" } });
}

describe("cluster.md §16 maintenance and guards, on a cluster that apply made", () => {
  test.each([["optimize"], ["repair"], ["cleanup", "--keep", "5"]])("16.1 %s finds the store by the ledger alone", async (...command) => {
    // Neither a damaged catalog nor interrupted work matters.
    it.remove("__cluster/resources");
    it.home.write("__cluster/recoveries/01JD8S4M6Q0V5ZJ3T7C1XW9K2C.json", "{}");
    expect(await run(...command, "--cluster", ".", "--graph", "orders", "--quiet")).toMatchObject({ exitCode: 0 });
  });

  test("16.1 an id that is not applied lists those that are; a cluster without a ledger says so", async () => {
    expect((await run("optimize", "--cluster", ".", "--graph", "ghost")).stderr).toMatch(/\[graph_not_applied\].*'fleet', 'orders'/);
    it.remove("__cluster");
    expect((await run("optimize", "--cluster", ".", "--graph", "orders")).stderr).toContain("[cluster_state_missing]");
  });

  test.each<[string, readonly string[]]>([
    ["init", ["init", "graphs/orders.omni", "--schema", "orders.pg", "--force"]],
    ["init of a graph that is not there", ["init", "graphs/new.omni", "--schema", "orders.pg"]],
    ["schema apply", ["schema", "apply", "graphs/orders.omni", "--schema", "orders.pg"]],
    ["schema apply by --store", ["schema", "apply", "--store", "graphs/orders.omni/", "--schema", "orders.pg"]],
  ])("16.2 %s is refused and points at cluster apply", async (_name, argv) => {
    const { exitCode, stdout, stderr } = await run(...argv);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("it is graph");
    expect(stderr).toContain("omnigraph cluster apply");
  });

  test("16.2 a file:// address is refused as well", async () => {
    expect((await run("schema", "apply", `file://${join(it.cwd, "graphs/orders.omni")}`, "--schema", "orders.pg")).stderr).toContain("omnigraph cluster apply");
  });

  test("16.2 a folder of that shape without a ledger is anybody's, whatever else lies there", async () => {
    expect(await run("init", "elsewhere/graphs/mine.omni", "--schema", "orders.pg")).toMatchObject({ exitCode: 0 });
    it.home.write("elsewhere/cluster.yaml", "storage: [\n");
    expect(await run("init", "elsewhere/graphs/other.omni", "--schema", "orders.pg")).toMatchObject({ exitCode: 0 });
    // Where the configuration of a folder keeps its state says nothing about the folder's own graphs.
    it.home.write("elsewhere/cluster.yaml", `storage: ${it.cwd}\n`);
    expect(await run("init", "elsewhere/graphs/third.omni", "--schema", "orders.pg")).toMatchObject({ exitCode: 0 });
  });

  test("16.3 data commands do not resolve through a cluster; the store itself is open to them", async () => {
    expect(await run("snapshot", "--cluster", ".", "--graph", "orders")).toMatchObject({ exitCode: 2 });
    it.home.write("orders.jsonl", '{"type":"Order","data":{"number":1}}\n');
    expect(await run("load", "graphs/orders.omni", "--data", "orders.jsonl", "--mode", "append", "--quiet")).toMatchObject({ exitCode: 0 });
  });

  test("16.4 there is no cluster init", async () => {
    expect(await run("cluster", "init")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("unknown command 'init'") as string });
  });
});

describe("cli.md §10.21, §10.22 queries and policies of a cluster that apply made", () => {
  test.each([["."], ["file"]])("decision C10 by %s, without any configuration file at hand", async (form) => {
    const root = form === "." ? "." : `file://${it.cwd}`;
    if (form === "file") it.remove("cluster.yaml");
    expect(JSON.parse((await run("queries", "list", "--cluster", root, "--graph", "orders", "--json")).stdout)).toMatchObject({ queries: [{ name: "late", mcp_expose: true, mutation: false, params: [] }] });
    expect(await run("queries", "validate", "--cluster", root, "--graph", "orders", "--json")).toMatchObject({ exitCode: 0, stdout: '{\n  "ok": true,\n  "breakages": [],\n  "warnings": []\n}\n' });
    expect((await run("policy", "validate", "--cluster", root, "--graph", "orders")).stdout).toBe("policy team is valid: 1 actor\n");
    expect((await run("policy", "explain", "--cluster", root, "--graph", "orders", "--actor", "ann", "--action", "read", "--branch", "main")).stdout).toContain("decision: allow");
    expect((await run("policy", "explain", "--cluster", root, "--graph", "cluster", "--actor", "bo", "--action", "graph_list")).stdout).toContain("decision: deny");
  });

  test("an undeployed edit does not count", async () => {
    it.home.write("orders.pg", SCHEMA.replace("number: I64", "number: String"));
    it.home.write("queries/late.gq", "query other() { match { $o: Order } return { $o.note } }\n");
    expect(await run("queries", "validate", "--cluster", ".", "--graph", "orders")).toMatchObject({ exitCode: 0 });
    expect((await run("queries", "list", "--cluster", ".", "--graph", "orders")).stdout).toContain("late");
  });

  test("several graphs need --graph, and an unknown one lists them", async () => {
    expect((await run("queries", "list", "--cluster", ".")).stderr).toContain("fleet, orders");
    expect((await run("queries", "list", "--cluster", ".", "--graph", "ghost")).stderr).toContain("[graph_not_applied]");
  });
});
