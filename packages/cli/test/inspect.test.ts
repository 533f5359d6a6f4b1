import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Library, loadedLibrary, RECORDS, SCHEMA, scrub } from "./library.js";

let library: Library;
beforeAll(async () => {
  library = await loadedLibrary();
});
afterAll(() => library[Symbol.dispose]());

describe("snapshot (§10.7)", () => {
  test("three key: value lines, then one line per dataset", async () => {
    expect(scrub(await library.succeed("snapshot", "g.omni"))).toMatchSnapshot();
  });

  test("--json in field order", async () => {
    expect(scrub(await library.succeed("snapshot", "g.omni", "--json"))).toMatchSnapshot();
  });
});

describe("commit (§10.10)", () => {
  test("list, newest first", async () => {
    expect(scrub(await library.succeed("commit", "list", "g.omni"))).toMatchSnapshot();
    expect(scrub(await library.succeed("commit", "list", "g.omni", "--json"))).toMatchSnapshot();
  });

  test("D12 --filter actor=ID keeps that actor's commits", async () => {
    expect((await library.succeed("commit", "list", "g.omni", "--filter", "actor=librarian")).split("\n")).toHaveLength(2);
    expect(await library.succeed("commit", "list", "g.omni", "--filter", "actor=nobody")).toBe("");
  });

  test("show", async () => {
    const { commits } = JSON.parse(await library.succeed("commit", "list", "g.omni", "--json")) as { commits: { graph_commit_id: string }[] };
    const id = commits[0]?.graph_commit_id ?? "";
    expect(scrub(await library.succeed("commit", "show", id, "--uri", "g.omni"))).toMatchSnapshot();
    expect(JSON.parse(await library.succeed("commit", "show", id, "--store", "g.omni", "--json"))).toEqual(commits[0]);
  });

  test("CM-9 an unknown id", async () => {
    const { exitCode, stderr } = await library.run(["commit", "show", "01JZ0V9M3XK7B1N5Q8R2T4W6YZ", "--uri", "g.omni"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("commit '01JZ0V9M3XK7B1N5Q8R2T4W6YZ' not found");
  });
});

describe("schema (§10.13)", () => {
  test("show prints the source; get is its alias without notice", async () => {
    expect(await library.succeed("schema", "show", "g.omni")).toBe(SCHEMA);
    expect(await library.run(["schema", "get", "g.omni"])).toEqual({ exitCode: 0, stdout: SCHEMA, stderr: "" });
    expect(JSON.parse(await library.succeed("schema", "show", "g.omni", "--json"))).toEqual({ schema_source: SCHEMA });
  });

  test("plan without a change", async () => {
    expect(await library.succeed("schema", "plan", "g.omni", "--schema", "library.pg")).toBe("schema plan for g.omni\nsupported: yes\nno schema changes\n");
  });

  test("plan of supported and unsupported changes", async () => {
    library.write("next.pg", SCHEMA.replace("name: String\n", "name: String\n    city: String?\n"));
    expect(await library.succeed("schema", "plan", "g.omni", "--schema", "next.pg")).toMatchSnapshot();
    expect(await library.succeed("schema", "plan", "g.omni", "--schema", "next.pg", "--json")).toMatchSnapshot();
    library.write("worse.pg", SCHEMA.replace("name: String\n", "name: I64\n"));
    expect(await library.succeed("schema", "plan", "g.omni", "--schema", "worse.pg")).toContain("supported: no\n- unsupported change on ");
  });

  test("plan leaves drops soft unless told otherwise", async () => {
    library.write("less.pg", SCHEMA.replace("    role: String?\n", ""));
    const plan = ["schema", "plan", "g.omni", "--schema", "less.pg"];
    expect(await library.succeed(...plan)).toContain("(soft mode)");
    expect(await library.succeed(...plan, "--allow-data-loss")).toContain("(hard mode)");
  });
});

describe("export (§10.8)", () => {
  test("round-trips into an empty graph", async () => {
    const exported = await library.succeed("export", "g.omni");
    expect(exported.trim().split("\n")).toHaveLength(RECORDS.length);
    expect(exported).toMatchSnapshot();
    library.write("exported.jsonl", exported);
    await library.succeed("init", "--schema", "library.pg", "copy.omni");
    await library.succeed("load", "copy.omni", "--data", "exported.jsonl", "--mode", "append");
    expect(await library.succeed("export", "copy.omni")).toBe(exported);
  });

  test("--type repeats; an unknown type fails before any output", async () => {
    expect((await library.succeed("export", "g.omni", "--type", "Author", "--type", "Wrote")).trim().split("\n")).toHaveLength(5);
    const { exitCode, stdout, stderr } = await library.run(["export", "g.omni", "--type", "Autor"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("unknown export type 'Autor'");
  });

  test("older flags are accepted with one notice each", async () => {
    const { stdout, stderr } = await library.run(["export", "g.omni", "--jsonl", "--table", "node:Author"]);
    expect(stdout).toBe(await library.succeed("export", "g.omni", "--type", "Author"));
    expect(stderr.trim().split("\n")).toEqual([
      "warning: 'export --jsonl' is deprecated; 'export' always writes JSON lines",
      "warning: 'export --table node:Author' is deprecated; use 'export --type Author'",
    ]);
    expect((await library.run(["export", "g.omni", "--table", "Author"])).exitCode).toBe(2);
  });
});

describe("version (§1.3)", () => {
  test("names the program and the storage format the graph shows", async () => {
    const stdout = await library.succeed("version");
    const snapshot = JSON.parse(await library.succeed("snapshot", "g.omni", "--json")) as { internal_schema_version: number };
    expect(stdout).toBe(`omnigraph 0.1.0\ninternal-schema ${snapshot.internal_schema_version}\n`);
  });
});

describe("older spellings (§11, §1.11)", () => {
  test.each<[string[], string[], string]>([
    [["read", "authors"], ["query", "authors"], "warning: 'read' is deprecated; use 'query'\n"],
    [["query", "--name", "authors"], ["query", "authors"], "warning: '--name authors' is deprecated; write the name as argument: 'query authors'\n"],
  ])("%j", async (old, today, notice) => {
    const rest = ["--store", "g.omni", "--query", "library.gq"];
    expect(await library.run([...old, ...rest])).toEqual({ exitCode: 0, stdout: await library.succeed(...today, ...rest), stderr: notice });
  });

  test("§11.2, D3 a URI as the positional of query", async () => {
    const { exitCode, stderr } = await library.run(["query", "./g.omni", "-e", "query q() { match { $a: Author } return { $a } }"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("warning: a graph URI as argument of 'query' is deprecated; write '--store ./g.omni'\n");
  });

  test.each([["check"], ["query", "lint"], ["query", "check"]])("%s %s runs lint", async (...words) => {
    const { exitCode, stderr } = await library.run([...words, "--query", "library.gq", "--schema", "library.pg"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe(`warning: '${words.join(" ")}' is deprecated; use 'lint'\n`);
  });

  test("change runs mutate", async () => {
    const argv = ["change", "rate", "--store", "g.omni", "--query", "library.gq", "--params", '{"handle":"zed","rating":1}'];
    const { exitCode, stderr } = await library.run(argv);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "warning: 'change' is deprecated; use 'mutate'\n" });
  });
});
