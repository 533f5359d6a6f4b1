import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Library, loadedLibrary, scrub } from "./library.js";

let library: Library;
beforeAll(async () => {
  library = await loadedLibrary();
});
afterAll(() => library[Symbol.dispose]());

const authors = ["query", "authors", "--store", "g.omni", "--query", "library.gq"];

describe("query (§10.1)", () => {
  test.each(["table", "kv", "csv", "jsonl", "json"])("--format %s", async (format) => {
    const { exitCode, stdout, stderr } = await library.run([...authors, "--format", format]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(scrub(stdout)).toMatchSnapshot();
  });

  test("the default format is table, --json is --format json", async () => {
    expect(await library.succeed(...authors)).toBe(await library.succeed(...authors, "--format", "table"));
    expect(await library.succeed(...authors, "--json")).toBe(await library.succeed(...authors, "--format", "json"));
  });

  test("every type renders as §12.2 says", async () => {
    const query = `query all() { match { $b: Book } return { $b.isbn, $b.title, $b.copies, $b.genre, $b.tags, $b.released } order { $b.isbn asc } }`;
    expect(await library.succeed("query", "--store", "g.omni", "-e", query, "--format", "csv")).toMatchSnapshot();
    expect(scrub(await library.succeed("query", "--store", "g.omni", "-e", query, "--json"))).toMatchSnapshot();
  });

  test("§8.2 parameters by flag, file and stdin; 64-bit integers stay exact", async () => {
    const named = ["query", "named", "--uri", "g.omni", "--query", "library.gq", "--format", "csv"];
    const expected = "handle,followers\nada,9223372036854775807\n";
    const params = '{"name": "Ada"}';
    library.write("params.json", params);
    expect(await library.succeed(...named, "--params", params)).toBe(expected);
    expect(await library.succeed(...named, "--params-file", "params.json")).toBe(expected);
    expect((await library.run([...named, "--params-file", "-"], { stdin: params })).stdout).toBe(expected);
  });

  test("§8.5 --query - reads stdin", async () => {
    const stdin = "query q() { match { $a: Author } return { count($a) as n } }";
    const { stdout } = await library.run(["query", "--store", "g.omni", "--query", "-", "--format", "csv"], { stdin });
    expect(stdout).toBe("n\n3\n");
  });

  test("--snapshot reads an older version by commit id", async () => {
    const { commits } = JSON.parse(await library.succeed("commit", "list", "g.omni", "--json")) as { commits: { graph_commit_id: string }[] };
    const genesis = commits.at(-1)?.graph_commit_id ?? "";
    expect(await library.succeed(...authors, "--snapshot", genesis)).toContain(`0 rows from snapshot ${genesis} via authors\n`);
    const document = JSON.parse(await library.succeed(...authors, "--snapshot", genesis, "--json")) as Record<string, unknown>;
    expect(document["target"]).toEqual({ branch: null, snapshot: genesis });
    expect(document["graph_commit_id"]).toBe(genesis);
  });

  test("--branch main is the default, another branch does not exist", async () => {
    expect(await library.succeed(...authors, "--branch", "main")).toBe(await library.succeed(...authors));
    const { exitCode, stderr } = await library.run([...authors, "--branch", "review"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("branch 'review' not found");
  });

  test("a read leaves the folder byte-identical (G-13)", async () => {
    const { createHash } = await import("node:crypto");
    const { readdirSync, readFileSync, statSync } = await import("node:fs");
    const { join } = await import("node:path");
    const root = join(library.directory, "g.omni");
    const digest = (): string[] =>
      (readdirSync(root, { recursive: true }) as string[])
        .filter((name) => statSync(join(root, name)).isFile())
        .sort()
        .map((name) => `${name} ${createHash("sha256").update(readFileSync(join(root, name))).digest("hex")}`);
    const before = digest();
    await library.succeed(...authors);
    await library.succeed("snapshot", "g.omni");
    await library.succeed("export", "g.omni");
    expect(digest()).toEqual(before);
  });
});

describe("query failures", () => {
  test.each<[string, string[], string]>([
    ["several queries and no name", ["--query", "library.gq"], "authors"],
    ["unknown name", ["nobody", "--query", "library.gq"], "nobody"],
    ["a mutation", ["add", "--query", "library.gq", "--params", '{"handle":"x","name":"X"}'], "mutate"],
    ["§8.3 missing parameter", ["named", "--query", "library.gq"], "name"],
    ["§8.2 wrong parameter type", ["named", "--query", "library.gq", "--params", '{"name": 7}'], "name"],
    ["§8.2 parameters that are no object", ["named", "--query", "library.gq", "--params", "[1]"], "one JSON object"],
    ["parameters that are no JSON", ["named", "--query", "library.gq", "--params", "{name}"], "parameters are not valid JSON"],
    ["missing query file", ["--query", "absent.gq"], "cannot read --query 'absent.gq': no such file"],
    ["a directory as query file", ["--query", "g.omni"], "it is a directory"],
    ["unknown snapshot", ["authors", "--query", "library.gq", "--snapshot", "01JZ0V9M3XK7B1N5Q8R2T4W6YZ"], "01JZ0V9M3XK7B1N5Q8R2T4W6YZ"],
    ["a search of no property", ["-e", 'query q() { match { $a: Author search($a.nmae, "ada") } return { $a } }'], "did you mean 'name'?"],
  ])("%s", async (_name, argv, expected) => {
    const { exitCode, stdout, stderr } = await library.run(["query", "--store", "g.omni", ...argv]);
    expect(stderr).toContain(expected);
    expect(stderr).toMatch(/^Error: /);
    if (!stderr.includes("expected a string")) expect(stderr).toContain("hint:");
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  });

  test("a type error points into the query with a caret", async () => {
    library.write("bad.gq", "query q() {\n  match { $a: Autor }\n  return { $a.handle }\n}\n");
    const { exitCode, stderr } = await library.run(["query", "--store", "g.omni", "--query", "bad.gq"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatchSnapshot();
  });

  test("a syntax error points into the inline text", async () => {
    const { exitCode, stderr } = await library.run(["query", "--store", "g.omni", "-e", "query q() { match { $a Author } return { $a } }"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatchSnapshot();
  });

  test("OMNIGRAPH_DEBUG adds the stack (§1.9)", async () => {
    const { stderr } = await library.run(["query", "--store", "absent.omni", "-e", "query q() {}"], { env: { OMNIGRAPH_DEBUG: "1" } });
    expect(stderr).toMatch(/^ +at /m);
  });

  test("a bad environment value names its variable", async () => {
    const { exitCode, stderr } = await library.run(authors, { env: { OMNIGRAPH_CACHE_BYTES: "lots" } });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("OMNIGRAPH_CACHE_BYTES");
  });

  test("EX-39 the traversal variables change no result; what is no mode is no error", async () => {
    const traversal = ["query", "--store", "g.omni", "--json", "-e", "query q() { match { $a: Author $a wrote $b } return { $a.name, $b.title } }"];
    const { exitCode, stdout } = await library.run(traversal);
    expect(exitCode).toBe(0);
    for (const mode of ["indexed", "csr", "sometimes"]) {
      const env = { OMNIGRAPH_TRAVERSAL_MODE: mode, OMNIGRAPH_EXPAND_INDEXED_MAX_FRONTIER: "1", OMNIGRAPH_EXPAND_INDEXED_MAX_HOPS: "1" };
      expect((await library.run(traversal, { env })).stdout).toBe(stdout);
    }
    expect((await library.run(traversal, { env: { OMNIGRAPH_EXPAND_INDEXED_MAX_HOPS: "few" } })).exitCode).toBe(1);
  });

  test("colours only when forced or on a terminal", async () => {
    const argv = ["snapshot", "absent.omni"];
    expect((await library.run(argv)).stderr).not.toContain("\u001b[");
    expect((await library.run(argv, { env: { FORCE_COLOR: "1" } })).stderr).toContain("\u001b[");
    expect((await library.run(argv, { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stderr).not.toContain("\u001b[");
  });
});
