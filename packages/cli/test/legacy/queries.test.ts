import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Library, loadedLibrary, SCHEMA } from "../library.js";

let library: Library;
const env = { OMNIGRAPH_SUPPRESS_YAML_DEPRECATION: "1" };

beforeAll(async () => {
  library = await loadedLibrary();
}, 60_000);
afterAll(() => library[Symbol.dispose]());

function configure(text: string): void {
  library.write("omnigraph.yaml", text);
}

const NAMED = `graphs:
  lib:
    uri: ./g.omni
    queries:
      authors: { file: library.gq }
      rate: { file: library.gq, mcp: { expose: false, tool_name: rate_author } }
  far: { uri: "http://127.0.0.1:1024/graphs/far" }
`;

describe("§10.22 stored queries of the legacy file", () => {
  test("of cli.graph, of --target, and none of a graph that has none", async () => {
    configure(`${NAMED}cli: { graph: lib }\n`);
    const listed = await library.run(["queries", "list"], { env });
    expect(listed).toEqual({ exitCode: 0, stdout: "query authors() [mcp: authors]\nmutation rate($handle: String, $rating: F64)\n", stderr: "" });
    expect((await library.run(["queries", "list", "--target", "lib"], { env })).stdout).toBe(listed.stdout);
    expect(JSON.parse((await library.run(["queries", "list", "--json"], { env })).stdout)).toMatchObject({ queries: [{ mcp_expose: true, tool_name: "authors" }, { mcp_expose: false, tool_name: "rate_author", mutation: true }] });
    expect((await library.run(["queries", "validate", "--target", "far"], { env })).stderr).toContain("http://127.0.0.1:1024/graphs/far");
  });

  test("without a selected graph the candidates are listed", async () => {
    configure(NAMED);
    const { exitCode, stderr } = await library.run(["queries", "list"], { env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("graphs with queries: lib");
  });

  test("those at the top belong to a plain address", async () => {
    configure("queries:\n  authors: { file: library.gq }\n");
    expect(await library.run(["queries", "validate", "g.omni"], { env })).toEqual({ exitCode: 0, stdout: "checked 1 stored queries: 0 broken, 0 warnings\n", stderr: "" });
    expect(await library.run(["queries", "validate", "--uri", "g.omni", "--json"], { env })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("every breakage is reported, and validate ends with 1", async () => {
    library.write("broken.gq", "query lost() { match { $a: Autor } return { $a.handle } }\nquery gone() { match { $a: Author } return { $a.shoe } }\n");
    configure("queries:\n  lost: { file: broken.gq }\n  gone: { file: broken.gq }\n  absent: { file: broken.gq }\n  authors: { file: library.gq }\n");
    const { exitCode, stdout } = await library.run(["queries", "validate", "g.omni", "--json"], { env });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, breakages: [{ query: "absent" }, { query: "gone" }, { query: "lost" }], warnings: [] });
    expect((await library.run(["queries", "list", "g.omni"], { env })).stderr).toContain("omnigraph queries validate");
    configure("queries:\n  lost: { file: nowhere.gq }\n");
    expect((await library.run(["queries", "validate", "g.omni"], { env })).stderr).toContain("nowhere.gq");
  });
});

describe("§10.13 schema apply and the queries of the legacy file", () => {
  test("a schema that breaks one is refused before anything is written", async () => {
    const before = await library.state();
    library.write("smaller.pg", SCHEMA.replace("    rating: F64?\n", ""));
    configure(`${NAMED}cli: { graph: lib }\n`);
    const { exitCode, stdout, stderr } = await library.run(["schema", "apply", "--schema", "smaller.pg"], { env });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("stored queries do not fit the new schema: authors, rate");
    configure("");
    expect(await library.state()).toBe(before);
    expect((await library.run(["schema", "apply", "g.omni", "--schema", "smaller.pg", "--quiet"], { env })).exitCode).toBe(0);
  });
});

describe("§5.6 addresses of the legacy file", () => {
  test("graphs list --target asks the server itself; other commands the graph that the URL names", async () => {
    configure(NAMED);
    for (const argv of [["graphs", "list", "--target", "far"], ["snapshot", "--target", "far"]]) {
      const { exitCode, stderr } = await library.run(argv, { env });
      expect(exitCode).toBe(1);
      expect(stderr).toContain("'--target far' for a server is deprecated; write '--server http://127.0.0.1:1024/graphs/far'");
      expect(stderr).toContain("nothing listens there");
    }
    expect((await library.run(["optimize", "--target", "far"], { env })).stderr).toContain("'optimize' cannot open 'http://127.0.0.1:1024/graphs/far'");
    expect((await library.run(["snapshot", "--target", "near"], { env })).stderr).toContain("graphs: far, lib");
  });
});

test("§10.22 an ambient profile that binds no cluster leaves the legacy file in its place", async () => {
  configure("queries:\n  add: { file: library.gq }\n");
  library.write("config.yaml", "profiles:\n  scratch: { store: ./g.omni }\n  admin: { cluster: ./absent }\n");
  const own = { ...env, OMNIGRAPH_HOME: library.directory };
  expect((await library.run(["queries", "validate", "g.omni"], { env: { ...own, OMNIGRAPH_PROFILE: "scratch" } })).stdout).toContain("checked 1 stored queries");
  expect((await library.run(["queries", "validate"], { env: { ...own, OMNIGRAPH_PROFILE: "admin" } })).stderr).toContain("there is no directory");
});
