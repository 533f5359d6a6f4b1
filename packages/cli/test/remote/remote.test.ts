import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Captured } from "../captured-io.js";
import { type ServedLibrary, servedLibrary, STRANGER_TOKEN } from "./served-library.js";

let served: ServedLibrary;
let at: readonly string[];

beforeAll(async () => {
  served = await servedLibrary();
  at = ["--server", served.server.url, "--graph", "library"];
}, 60_000);
afterAll(() => served[Symbol.asyncDispose]());

async function succeed(...argv: readonly string[]): Promise<string> {
  const captured = await served.run(argv);
  expect(captured, argv.join(" ")).toMatchObject({ exitCode: 0 });
  return captured.stdout;
}

async function refused(...argv: readonly string[]): Promise<Captured> {
  const captured = await served.run(argv);
  expect(captured, argv.join(" ")).toMatchObject({ exitCode: 1, stdout: "" });
  return captured;
}

describe("§10.14 graphs list", () => {
  test("one line per graph, or a document", async () => {
    const uri = (id: string): string => join(served.root, "graphs", `${id}.omni`);
    expect(await succeed("graphs", "list", "--server", served.server.url)).toBe(`library\t${uri("library")}\nnotes\t${uri("notes")}\n`);
    expect(JSON.parse(await succeed("graphs", "list", "--server", served.server.url, "--json"))).toEqual({
      graphs: [{ graph_id: "library", uri: uri("library") }, { graph_id: "notes", uri: uri("notes") }],
    });
  });

  test("without any server the ways to name one are listed", async () => {
    const { stderr } = await refused("graphs", "list");
    for (const way of ["--server", "--profile", "defaults.server"]) expect(stderr).toContain(way);
  });
});

describe("§5.4 a server without a graph", () => {
  test("lists the graphs and asks for --graph", async () => {
    const { stderr } = await refused("snapshot", "--server", served.server.url);
    expect(stderr).toContain("library, notes");
    expect(stderr).toContain("--graph library");
  });

  test("a probe that fails is ignored: the request itself says what is wrong", async () => {
    const { stderr } = await served.run(["snapshot", "--server", served.server.url], { env: { OMNIGRAPH_BEARER_TOKEN: STRANGER_TOKEN } });
    expect(stderr).not.toContain("library");
  });

  test("nobody there", async () => {
    const { stderr } = await refused("snapshot", "--server", "http://127.0.0.1:1024", "--graph", "library");
    expect(stderr).toMatch(/^Error: no complete answer from http:\/\/127\.0\.0\.1:1024: nothing listens there\n[\s\S]*hint: Start the server/);
  });
});

describe("reads over HTTP", () => {
  test.each([["table"], ["kv"], ["csv"], ["jsonl"], ["json"]])("§10.1 query in format %s is that of a store", async (format) => {
    const query = ["query", "authors", "--query", "library.gq", "--format", format];
    const [there, here] = [await succeed(...query, ...at), await succeed(...query, "--store", join(served.root, "graphs", "library.omni"))];
    expect(there).toBe(here);
    expect(there).toContain("ada");
  });

  test("§10.1 a stored query by its name; 64-bit integers keep every digit", async () => {
    expect(await succeed("query", "named", ...at, "--params", '{"name":"Ada"}', "--format", "csv")).toBe("handle,followers\nada,9223372036854775807\n");
  });

  test("§10.1 a stored mutation is no query, and an unknown name none at all", async () => {
    expect((await refused("query", "add", ...at)).stderr).toBe("Error: stored query 'add' is a mutation\n  hint: Call it as a mutation: omnigraph mutate.\n");
    expect((await refused("query", "nope", ...at)).stderr).toContain("Error: stored query not found\n");
  });

  test("§1.10 a query that the server refuses: its text first, then the place as on a store", async () => {
    const argv = ["query", "-e", "query q() { match { $a: Autor } return { $a.handle } }"];
    const { stderr } = await refused(...argv, ...at);
    expect(stderr).toMatch(/^Error: type error: T1: 'Autor' is not a node type\n/);
    expect(stderr).toBe((await refused(...argv, "--store", join(served.root, "graphs", "library.omni"))).stderr);
  });

  test("§8.3, D15 a parameter that is not supplied", async () => {
    expect((await refused("query", "named", ...at)).stderr).toContain("name");
  });

  test.each<[string, readonly string[]]>([
    ["snapshot", ["snapshot", "--json"]],
    ["schema show", ["schema", "show"]],
    ["commit list", ["commit", "list", "--json"]],
    ["changes poll", ["changes", "poll", "--start", "beginning", "--json", "--limit", "2"]],
    ["diff", ["diff", "main", "main", "--json"]],
    ["export", ["export"]],
    ["branch list", ["branch", "list"]],
  ])("%s prints what it prints of a store", async (_name, argv) => {
    expect(await succeed(...argv, ...at)).toBe(await succeed(...argv, "--store", join(served.root, "graphs", "library.omni")));
  });

  test("explain shows the server's plan", async () => {
    expect(await succeed("explain", "authors", "--query", "library.gq", ...at)).toContain("scan $a: Author");
    expect((await served.run(["explain", "authors", ...at])).stderr).toContain("needs the text of the query");
  });

  test("§10.12 a baseline is put into its file, and its cursor printed", async () => {
    const { resume_cursor: cursor } = JSON.parse(await succeed("changes", "baseline", ...at, "--out", "served.jsonl", "--json")) as { readonly resume_cursor: string };
    expect(readFileSync(join(served.library.directory, "served.jsonl"), "utf8").split("\n")).toHaveLength(8);
    expect(await succeed("changes", "poll", ...at, "--cursor", cursor)).toContain("caught_up: true");
  });
});

describe("writes over HTTP", () => {
  test("§10.2 mutate by name and by text; the actor is the token's", async () => {
    expect(JSON.parse(await succeed("mutate", "add", ...at, "--params", '{"handle":"dd","name":"Dee"}', "--json"))).toMatchObject({ query_name: "add", affected_nodes: 1, actor_id: "act-librarian" });
    expect(await succeed("mutate", "rate", ...at, "--query", "library.gq", "--params", '{"handle":"dd","rating":2}')).toBe("changed main via rate: 1 nodes, 0 edges\nactor_id: act-librarian\n");
  });

  test("§10.2 --if-commit that is lost ends with 4, its document on stdout", async () => {
    const { exitCode, stdout } = await served.run(["mutate", "add", ...at, "--params", '{"handle":"x","name":"X"}', "--if-commit", "01JZ0V9M3XK7B1N5Q8R2T4W6YZ", "--json"]);
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ error: expect.any(String), precondition_failure: { expected: "01JZ0V9M3XK7B1N5Q8R2T4W6YZ", actual: expect.any(String) } });
    expect((await served.run(["mutate", "add", ...at, "--params", '{"handle":"x","name":"X"}', "--if-commit", "01JZ0V9M3XK7B1N5Q8R2T4W6YZ"])).exitCode).toBe(4);
  });

  test("§6, D4, policy 6.9 --as on a served write is an error; with a legacy address it is ignored with a warning", async () => {
    const add = ["mutate", "add", "--params", '{"handle":"as","name":"As"}', "--as", "somebody"];
    expect((await refused(...add, ...at)).stderr).toContain("does not take --as");
    const { exitCode, stdout, stderr } = await served.run([...add, "--uri", `${served.server.url}/graphs/library`]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "changed main via add: 1 nodes, 0 edges\nactor_id: act-librarian\n" });
    expect(stderr).toContain("write '--server ");
    expect(stderr).toContain("--as somebody is ignored");
  });

  test("§10.4, §10.6, §7 load onto a new branch, merge it, delete it", async () => {
    const target = `${served.server.url}/graphs/library`;
    served.library.write("more.jsonl", '{"type":"Author","data":{"handle":"more","name":"More"}}\n');
    const loaded = await served.run(["load", ...at, "--data", "more.jsonl", "--mode", "append", "--branch", "in/july 1", "--from", "main", "--json"]);
    expect(loaded).toMatchObject({ exitCode: 0, stderr: `omnigraph load → ${target} (served)\n` });
    expect(JSON.parse(loaded.stdout)).toMatchObject({ uri: target, branch: "in/july 1", base_branch: "main", branch_created: true, total_entities: 1, actor_id: "act-librarian" });
    expect((await refused("load", ...at, "--data", "more.jsonl", "--mode", "append", "--branch", "absent")).stderr).toContain("absent");
    expect(JSON.parse(await succeed("branch", "merge", "in/july 1", ...at, "--json"))).toEqual({ source: "in/july 1", target: "main", outcome: "fast_forward", actor_id: "act-librarian" });
    expect((await refused("branch", "delete", "in/july 1", ...at)).stderr).toContain("Pass --yes");
    expect(await succeed("branch", "delete", "in/july 1", ...at, "--yes", "--quiet")).toBe(`deleted branch in/july 1 in ${target}\n`);
  });

  test("§10.6 merge conflicts are those of a store", async () => {
    await succeed("branch", "create", "clash", ...at);
    for (const [branch, rating] of [["main", 1], ["clash", 5]]) await succeed("mutate", "rate", ...at, "--branch", String(branch), "--params", JSON.stringify({ handle: "bo", rating }));
    const { exitCode, stdout } = await served.run(["branch", "merge", "clash", ...at, "--json"]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ code: "conflict", merge_conflicts: [{ entity_kind: "node", type_name: "Author", entity_id: "bo", kind: "divergent_update" }] });
    expect((await refused("branch", "merge", "clash", ...at)).stderr).toContain("divergent_update");
  });

  test("§10.4 a key that is there already, and a record that is none", async () => {
    expect((await refused("load", ...at, "--data", "library.jsonl", "--mode", "append")).stderr).toMatch(/^omnigraph load .*\nError: /);
    served.library.write("bad.jsonl", '{"type":"Author","data":{"handle":"z","nme":"Z"}}\n');
    expect((await refused("load", ...at, "--data", "bad.jsonl", "--mode", "append", "--quiet")).stderr).toContain("nme");
  });

  test("§10.5, D7 ingest overlooks what load refuses", async () => {
    served.library.write("lenient.jsonl", '{"type":"Author","data":{"handle":"z","name":"Z","shoe":44}}\n');
    const { exitCode, stdout, stderr } = await served.run(["ingest", ...at, "--data", "lenient.jsonl", "--json"]);
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ mode: "merge", total_entities: 1 });
    expect(stderr).toContain("warning: 'ingest' is deprecated; use 'load'");
  });

  test("§10.13 the schema of a cluster's graph is not migrated, neither there nor behind its back", async () => {
    for (const where of [at, ["--store", join(served.root, "graphs", "library.omni")]]) {
      expect((await refused("schema", "apply", "--schema", "library.pg", ...where)).stderr).toContain("cluster apply");
    }
    expect((await refused("init", "--schema", "library.pg", join(served.root, "graphs", "new.omni"))).stderr).toContain("cluster apply");
  });
});

describe("who may not", () => {
  test.each([["without a token", " "], ["with a token of nobody", "guessed-8842"], ["with the token of somebody without rules", STRANGER_TOKEN]])("§1.8 %s the command ends with 1, and no token is shown", async (_name, token) => {
    const { exitCode, stdout, stderr } = await served.run(["export", ...at], { env: { OMNIGRAPH_BEARER_TOKEN: token } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^Error: .+\n {2}hint: /);
    if (token !== " ") expect(stderr).not.toContain(token);
    expect(stderr.includes("omnigraph login")).toBe(token !== STRANGER_TOKEN);
  });
});

describe("§5.5 clusters", () => {
  test("maintenance and lint reach a graph through the ledger", async () => {
    const cluster = ["--cluster", served.root, "--graph", "library"];
    expect(await succeed("optimize", ...cluster, "--quiet")).toContain(join(served.root, "graphs", "library.omni"));
    expect(await succeed("lint", ...cluster, "--query", "library.gq")).toContain("4 queries processed");
    expect((await refused("optimize", "--cluster", served.root)).stderr).toContain("library, notes");
    expect((await refused("optimize", "--cluster", served.root, "--graph", "nope")).stderr).toMatch(/'library', 'notes'[\s\S]*cluster apply/);
  });

  test("§10.22, D10, server 7.7 queries list and validate", async () => {
    const cluster = ["--cluster", served.root, "--graph", "library"];
    expect(await succeed("queries", "list", ...cluster)).toBe(
      "mutation add($handle: String, $name: String) [mcp: add]\nquery authors() [mcp: authors]\nquery named($name: String) [mcp: named]\nmutation rate($handle: String, $rating: F64) [mcp: rate]\n",
    );
    expect(JSON.parse(await succeed("queries", "list", ...cluster, "--json"))).toMatchObject({ queries: [{ name: "add", mcp_expose: true, tool_name: "add", mutation: true, params: [{ name: "handle", type: "String", nullable: false }, {}] }, {}, {}, {}] });
    expect(await succeed("queries", "list", "--cluster", served.root, "--graph", "notes")).toBe("(no stored queries)\n");
    expect(JSON.parse(await succeed("queries", "validate", ...cluster, "--json"))).toEqual({ ok: true, breakages: [], warnings: [] });
    expect((await refused("queries", "list", "--cluster", served.root)).stderr).toContain("library, notes");
  });
});

describe("OMNIGRAPH_DEBUG (operator O12)", () => {
  test("shows every request on stderr, and never a token", async () => {
    const { exitCode, stdout, stderr } = await served.run(["branch", "list", ...at], { env: { OMNIGRAPH_DEBUG: "1" } });
    expect({ exitCode, isList: stdout.startsWith("main\n") }).toEqual({ exitCode: 0, isList: true });
    expect(stderr).toMatch(/^debug: GET http:\/\/127\.0\.0\.1:\d+\/graphs\/library\/branches: status 200 after \d+ ms\n$/);
  });
});
