import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Library, loadedLibrary, scrub } from "./library.js";

let library: Library;
beforeEach(async () => {
  library = await loadedLibrary();
});
afterEach(() => library[Symbol.dispose]());

const add = ["mutate", "add", "--store", "g.omni", "--query", "library.gq", "--params", '{"handle":"dee","name":"Dee"}'];

describe("mutate (§10.2)", () => {
  test("prints one line, and the actor when present", async () => {
    expect(await library.run(add)).toEqual({ exitCode: 0, stdout: "changed main via add: 1 nodes, 0 edges\n", stderr: "" });
    expect(await library.succeed(...add, "--as", "editor")).toBe("changed main via add: 1 nodes, 0 edges\nactor_id: editor\n");
  });

  test("--json is the document of §10.2 in field order", async () => {
    expect(scrub(await library.succeed(...add, "--as", "editor", "--json"))).toMatchSnapshot();
  });

  test("MU-32 a mutation that matches nothing has no commit", async () => {
    const rate = ["mutate", "rate", "--store", "g.omni", "--query", "library.gq", "--params", '{"handle":"zed","rating":1}', "--json"];
    expect(JSON.parse(await library.succeed(...rate))).toEqual({
      branch: "main",
      query_name: "rate",
      affected_nodes: 0,
      affected_edges: 0,
      actor_id: null,
      commit: null,
    });
  });

  test("--if-commit runs on the expected head and loses with exit code 4 afterwards", async () => {
    const { commits } = JSON.parse(await library.succeed("commit", "list", "g.omni", "--json")) as { commits: { graph_commit_id: string }[] };
    const head = commits[0]?.graph_commit_id ?? "";
    const receipt = JSON.parse(await library.succeed(...add, "--if-commit", head, "--json")) as { commit: { graph_commit_id: string } };
    const before = await library.state();

    const lost = await library.run([...add, "--if-commit", head]);
    expect({ exitCode: lost.exitCode, stdout: lost.stdout }).toEqual({ exitCode: 4, stdout: "" });
    expect(lost.stderr).toMatch(/^Error: /);

    const lostJson = await library.run([...add, "--if-commit", head, "--json"]);
    expect(lostJson.exitCode).toBe(4);
    expect(JSON.parse(lostJson.stdout)).toEqual({
      error: expect.any(String) as string,
      precondition_failure: { expected: head, actual: receipt.commit.graph_commit_id },
    });
    expect(await library.state()).toBe(before);
  });

  test("a read query is refused, pointing at query", async () => {
    const { exitCode, stderr } = await library.run(["mutate", "authors", "--store", "g.omni", "--query", "library.gq"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("query");
  });

  test.each<[string, string, string]>([
    ["m11 assigning a key", 'query q() { update Author set { handle: "x" } where handle = "ada" }', "handle"],
    ["m4 missing endpoint", 'query q() { insert Wrote { from: "ada", to: "b9" } }', "b9"],
    ["m17 insert and delete mixed", 'query q() { insert Author { handle: "x", name: "X" } delete Author where handle = "ada" }', "q"],
    ["m19 number out of range", 'query q() { insert Book { isbn: "b9", title: "T", copies: 4294967296, genre: "novel" } }', "copies"],
    ["enum", 'query q($g: String) { update Book set { genre: $g } where isbn = "b1" }', "genre"],
  ])("%s changes nothing", async (_name, query, expected) => {
    const before = await library.state();
    const { exitCode, stdout, stderr } = await library.run(["mutate", "--store", "g.omni", "-e", query, "--params", '{"g":"sci"}']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(expected);
    expect(await library.state()).toBe(before);
  });
});
