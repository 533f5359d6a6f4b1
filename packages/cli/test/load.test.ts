import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { emptyLibrary, type Library, loadedLibrary, RECORDS, scrub } from "./library.js";

let library: Library;
afterEach(() => library[Symbol.dispose]());

describe("load into an empty graph (§10.4)", () => {
  beforeEach(async () => {
    library = emptyLibrary();
    await library.succeed("init", "--schema", "library.pg", "g.omni");
  });

  test("prints one summary line and announces its target on stderr (§7.1)", async () => {
    expect(await library.run(["load", "g.omni", "--data", "library.jsonl", "--mode", "append"])).toEqual({
      exitCode: 0,
      stdout: "loaded g.omni on main (append): 7 entities, 2 node types, 1 edge types\n",
      stderr: "omnigraph load → g.omni (direct, local)\n",
    });
  });

  test("--json is the document of §10.4 in field order", async () => {
    const argv = ["load", "--store", "g.omni", "--data", "library.jsonl", "--mode", "overwrite", "--as", "librarian", "--json", "--quiet"];
    const { exitCode, stdout, stderr } = await library.run(argv);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(scrub(stdout)).toMatchSnapshot();
  });

  test("§8.5, D13 --data - reads stdin, in any framing", async () => {
    const stdin = RECORDS.map((record) => JSON.stringify(JSON.parse(record), null, 1)).join(" ").replace("9223372036854776000", "1");
    const { stdout } = await library.run(["load", "g.omni", "--data", "-", "--mode", "merge"], { stdin });
    expect(stdout).toContain("7 entities");
  });

  test("an empty file is an empty commit (LD-5)", async () => {
    library.write("empty.jsonl", "");
    expect(await library.succeed("load", "g.omni", "--data", "empty.jsonl", "--mode", "append")).toBe(
      "loaded g.omni on main (append): 0 entities, 0 node types, 0 edge types\n",
    );
    expect((await library.succeed("commit", "list", "g.omni")).split("\n")).toHaveLength(3);
  });
});

describe("load into a graph with data (§10.4)", () => {
  beforeEach(async () => {
    library = await loadedLibrary();
  });

  test("append refuses an existing key and changes nothing", async () => {
    const before = await library.state();
    const { exitCode, stdout, stderr } = await library.run(["load", "g.omni", "--data", "library.jsonl", "--mode", "append", "--quiet"]);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("exists already");
    expect(await library.state()).toBe(before);
  });

  test("merge upserts, overwrite replaces", async () => {
    library.write("more.jsonl", '{"type":"Author","data":{"handle":"dee","name":"Dee"}}\n');
    await library.succeed("load", "g.omni", "--data", "more.jsonl", "--mode", "merge");
    expect((await library.succeed("export", "g.omni", "--type", "Author")).split("\n")).toHaveLength(5);
    await library.succeed("load", "g.omni", "--data", "library.jsonl", "--mode", "overwrite");
    expect(await library.succeed("export", "g.omni", "--type", "Author")).not.toContain("dee");
  });

  test("another branch does not exist", async () => {
    const { exitCode, stderr } = await library.run(["load", "g.omni", "--data", "library.jsonl", "--mode", "merge", "--branch", "review"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("hint: with --from BASE a load creates its branch\nError: branch 'review' not found");
    const { stderr: unknownBase } = await library.run(["load", "g.omni", "--data", "library.jsonl", "--mode", "merge", "--branch", "review", "--from", "mian"]);
    expect(unknownBase).toContain("branch 'mian' not found");
    expect(unknownBase).not.toContain("with --from");
  });
});
