import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyLibrary, type Library } from "./library.js";

let library: Library;
beforeAll(async () => {
  library = emptyLibrary();
  await library.succeed("init", "--schema", "library.pg", "g.omni");
  library.write("mixed.gq", "query good() { match { $a: Author } return { $a.name } }\nquery bad() { match { $a: Autor } return { $a.name } }\n");
  library.write("broken.gq", "query q( {");
});
afterAll(() => library[Symbol.dispose]());

describe("lint (§10.19)", () => {
  test("text report of a clean file", async () => {
    expect(await library.run(["lint", "--query", "library.gq", "--schema", "library.pg"])).toMatchSnapshot();
  });

  test("a failing query keeps the others' results and ends with 1", async () => {
    const { exitCode, stdout } = await library.run(["lint", "--query", "mixed.gq", "--schema", "library.pg"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatchSnapshot();
  });

  test("--json against a file", async () => {
    const { exitCode, stdout, stderr } = await library.run(["lint", "--query", "mixed.gq", "--schema", "library.pg", "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(stdout).toMatchSnapshot();
  });

  test("--json against a graph differs only in its schema source", async () => {
    const file = JSON.parse((await library.run(["lint", "--query", "mixed.gq", "--schema", "library.pg", "--json"])).stdout) as object;
    const graph = JSON.parse((await library.run(["lint", "g.omni", "--query", "mixed.gq", "--json"])).stdout) as object;
    expect(graph).toEqual({ ...file, schema_source: { kind: "graph", uri: "g.omni" } });
  });

  test("Q000 a file that does not parse", async () => {
    const { exitCode, stdout } = await library.run(["lint", "--query", "broken.gq", "--schema", "library.pg"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("Q000");
    expect(stdout).toContain("  at broken.gq:1:10\n");
  });

  test("HTTP targets are rejected unless --schema is given", async () => {
    expect((await library.run(["lint", "http://h", "--query", "library.gq"])).exitCode).toBe(1);
    expect((await library.run(["lint", "http://h", "--query", "library.gq", "--schema", "library.pg"])).exitCode).toBe(0);
  });

  test("a schema that does not compile is a failure of the command", async () => {
    library.write("bad.pg", "node {");
    const { exitCode, stdout, stderr } = await library.run(["lint", "--query", "library.gq", "--schema", "bad.pg", "--json"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("bad.pg");
  });
});
