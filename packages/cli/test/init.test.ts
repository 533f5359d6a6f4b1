import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { emptyLibrary, type Library } from "./library.js";

let library: Library;
beforeEach(() => {
  library = emptyLibrary();
});
afterEach(() => library[Symbol.dispose]());

describe("init (§10.15)", () => {
  test("creates the folder and prints one line naming the URI", async () => {
    expect(await library.run(["init", "--schema", "library.pg", "deep/g.omni"])).toEqual({
      exitCode: 0,
      stdout: "initialized deep/g.omni\n",
      stderr: "",
    });
    expect(await library.succeed("schema", "show", "deep/g.omni")).toContain("node Author");
    expect(readdirSync(library.directory).sort()).toEqual(["deep", "library.gq", "library.jsonl", "library.pg"]);
  });

  test("refuses an address that holds a graph, also with --force", async () => {
    await library.succeed("init", "--schema", "library.pg", "g.omni");
    const before = await library.state();
    for (const force of [[], ["--force"]]) {
      const { exitCode, stderr, stdout } = await library.run(["init", "--schema", "library.pg", "g.omni", ...force]);
      expect(exitCode).toBe(1);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^Error: .*g\.omni/);
      expect(stderr).toContain("hint:");
    }
    expect(await library.state()).toBe(before);
  });

  test("--force replaces an orphan schema file", async () => {
    mkdirSync(join(library.directory, "g.omni"));
    library.write("g.omni/_schema.pg", "node Old { a: String @key }");
    expect((await library.run(["init", "--schema", "library.pg", "g.omni"])).exitCode).toBe(1);
    await library.succeed("init", "--schema", "library.pg", "g.omni", "--force");
    expect(await library.succeed("schema", "show", "g.omni")).not.toContain("Old");
  });

  test("an address that is a file is refused as such", async () => {
    library.write("some-file", "text");
    const { exitCode, stderr } = await library.run(["init", "--schema", "library.pg", "some-file"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Error: cannot create a graph at 'some-file': it is a file, not a folder");
  });

  test("warnings of the schema are shown, and the graph is created", async () => {
    library.write("slip.pg", "node A {\n  a: String @kye\n}\n");
    const { exitCode, stderr } = await library.run(["init", "--schema", "slip.pg", "slip.omni"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("slip.pg:2:13: warning[8.3]");
    expect(stderr).toContain("did you mean 'key'?");
  });

  test("a schema error points into the file and creates nothing", async () => {
    library.write("bad.pg", "node Author {\n  handle: Strin @key\n}\n");
    const { exitCode, stderr } = await library.run(["init", "--schema", "bad.pg", "g.omni"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatchSnapshot();
    expect(existsSync(join(library.directory, "g.omni"))).toBe(false);
  });
});
