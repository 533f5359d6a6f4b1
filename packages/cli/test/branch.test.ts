import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Library, loadedLibrary, scrub } from "./library.js";

let library: Library;
beforeEach(async () => {
  library = await loadedLibrary();
});
afterEach(() => library[Symbol.dispose]());

const AUTHORS = ["query", "authors", "--store", "g.omni", "--query", "library.gq", "--format", "csv"];

async function addAuthor(handle: string, ...flags: string[]): Promise<void> {
  await library.succeed("mutate", "add", "--store", "g.omni", "--query", "library.gq", "--params", `{"handle":"${handle}","name":"N"}`, ...flags);
}

async function authors(...flags: string[]): Promise<readonly string[]> {
  const text = await library.succeed(...AUTHORS, ...flags);
  return text.trim().split("\n").slice(1).map((line) => line.split(",")[0] ?? "");
}

describe("branch (§10.6)", () => {
  test("§7.1 create says what it does, and then what it did", async () => {
    expect(await library.run(["branch", "create", "review", "--store", "g.omni"])).toEqual({
      exitCode: 0,
      stdout: "created branch review from main in g.omni\n",
      stderr: "omnigraph branch create → g.omni (direct, local)\n",
    });
    expect(await library.run(["branch", "delete", "review", "--uri", "g.omni", "--quiet"])).toEqual({ exitCode: 0, stdout: "deleted branch review in g.omni\n", stderr: "" });
  });

  test("BR-46 the documents of create, list and delete", async () => {
    expect(JSON.parse(await library.succeed("branch", "create", "review", "--store", "g.omni", "--json", "--as", "maria"))).toEqual({
      uri: "g.omni",
      from: "main",
      name: "review",
      actor_id: "maria",
    });
    expect(JSON.parse(await library.succeed("branch", "create", "deeper", "--from", "review", "--store", "g.omni", "--json"))).toMatchObject({ from: "review", actor_id: null });
    expect(await library.succeed("branch", "list", "--store", "g.omni")).toBe("main\ndeeper\nreview\n");
    expect(JSON.parse(await library.succeed("branch", "list", "--store", "g.omni", "--json"))).toEqual({ branches: ["main", "deeper", "review"] });
    expect(JSON.parse(await library.succeed("branch", "delete", "deeper", "--store", "g.omni", "--json"))).toEqual({ uri: "g.omni", name: "deeper", actor_id: null });
  });

  test.each([
    [["branch", "create", "main"], "cannot create branch 'main'"],
    [["branch", "create", "review"], "branch 'review' already exists"],
    [["branch", "create", "review/x"], "branch 'review' exists"],
    [["branch", "create", "x", "--from", "reveiw"], "hint: Did you mean 'review'?"],
    [["branch", "create", "a:b"], "invalid branch name 'a:b'"],
    [["branch", "create", ""], "branch name cannot be empty"],
    [["branch", "delete", "main"], "cannot delete branch 'main'"],
    [["branch", "delete", "rewiew"], "branch 'rewiew' not found\n  hint: Did you mean 'review'?"],
    [["branch", "delete", "__schema_apply_lock__"], "branch_delete does not allow internal system ref '__schema_apply_lock__'"],
  ])("%j fails and says why", async (argv, message) => {
    await library.succeed("branch", "create", "review", "--store", "g.omni");
    const { exitCode, stdout, stderr } = await library.run([...argv, "--store", "g.omni", "--quiet"]);
    expect(stderr).toContain(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  });

  test("§7.2 deleting a branch of a remote graph needs consent", async () => {
    const { exitCode, stderr } = await library.run(["branch", "delete", "review", "--store", "s3://vault/g.omni"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("'branch delete'");
    expect(stderr).toContain("--yes");
  });
});

describe("--branch and --snapshot", () => {
  test("SN-8 every read verb takes a branch, a snapshot, or an instant of a branch", async () => {
    await library.succeed("branch", "create", "review", "--store", "g.omni");
    await addAuthor("dee", "--branch", "review");
    const { commits } = JSON.parse(await library.succeed("commit", "list", "g.omni", "--branch", "review", "--json")) as { commits: { graph_commit_id: string; created_at: number }[] };
    const [own, inherited] = commits;
    expect(await authors()).toEqual(["ada", "bo", "cy"]);
    expect(await authors("--branch", "review")).toEqual(["ada", "bo", "cy", "dee"]);
    expect(await authors("--snapshot", own?.graph_commit_id ?? "")).toEqual(["ada", "bo", "cy", "dee"]);
    expect(await authors("--snapshot", "manifest:review:v1")).toEqual([]);
    expect(await authors("--branch", "review", "--snapshot", `@${inherited?.created_at ?? 0}`)).toEqual(["ada", "bo", "cy"]);
    expect(await authors("--snapshot", "@2999-01-01T00:00:00Z")).toEqual(["ada", "bo", "cy"]);
    const countOf = async (...argv: string[]): Promise<number> => (await library.succeed(...argv)).split("\n").length - 1;
    expect(await countOf("export", "g.omni", "--branch", "review")).toBe(8);
    expect(await countOf("export", "g.omni", "--snapshot", "manifest:main:v1")).toBe(0);
    expect(await countOf("commit", "list", "g.omni", "--branch", "review")).toBe(3);
    expect(await countOf("commit", "list", "g.omni", "--snapshot", inherited?.graph_commit_id ?? "")).toBe(2);
    expect(await countOf("commit", "list", "g.omni", "--branch", "review", "--filter", "actor=librarian")).toBe(1);
    const shown = scrub(await library.succeed("snapshot", "g.omni", "--branch", "review"));
    expect(shown.replace(/=g[0-9A-Z]{26}_[0-9A-Z]{26}/g, "=<fork>")).toMatchSnapshot();
    expect(await library.succeed("snapshot", "g.omni", "--snapshot", "manifest:review:v2")).toContain("graph_branch: review\ngraph_manifest_version: 2\n");
  });

  test.each([["query", "-e", "query q() { match { $a: Author } return { $a } }", "--store", "g.omni"], ["snapshot", "g.omni"], ["export", "g.omni"], ["commit", "list", "g.omni"]])(
    "SN-8 %s refuses a branch with a snapshot that is on one already",
    async (...argv) => {
      const { exitCode, stderr } = await library.run([...argv, "--branch", "main", "--snapshot", "manifest:main:v1"]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain("'--branch <B>' cannot be used with option '--snapshot <ID>'");
    },
  );

  test("unknown branches and snapshots say what would do", async () => {
    for (const [flags, message] of [
      [["--branch", "mian"], "branch 'mian' not found\n  hint: Did you mean 'main'?"],
      [["--snapshot", "yesterday"], "hint: Use a commit id, manifest:main:v<version>, or @ and an instant such as @2026-07-01T12:00:00Z."],
      [["--snapshot", "manifest:main:v99"], "branch 'main' has no graph version 99"],
      [["--snapshot", "@1999-01-01T00:00:00Z"], "branch 'main' has no commit at or before 1999-01-01T00:00:00.000Z"],
    ] as const) {
      const { exitCode, stderr } = await library.run([...AUTHORS, ...flags]);
      expect(stderr).toContain(message);
      expect(exitCode).toBe(1);
    }
  });
});

describe("load --from (§10.4)", () => {
  test("LD-2 creates a missing branch and says so, once", async () => {
    library.write("one.jsonl", '{"type":"Author","data":{"handle":"dee","name":"Dee"}}\n');
    const argv = ["load", "g.omni", "--data", "one.jsonl", "--mode", "merge", "--branch", "import/july", "--from", "main", "--quiet"];
    expect(await library.succeed(...argv)).toBe("loaded g.omni on import/july (merge): 1 entities, 1 node types, 0 edge types\ncreated branch import/july from main\n");
    expect(await library.succeed(...argv)).toBe("loaded g.omni on import/july (merge): 1 entities, 1 node types, 0 edge types\n");
    expect(JSON.parse(await library.succeed(...argv, "--json"))).toMatchObject({ branch: "import/july", base_branch: "main", branch_created: false });
    expect(await authors("--branch", "import/july")).toEqual(["ada", "bo", "cy", "dee"]);
  });

  test("LD-2 without --from the branch must exist", async () => {
    const { exitCode, stderr } = await library.run(["load", "g.omni", "--data", "library.jsonl", "--mode", "merge", "--branch", "nope", "--quiet"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("branch 'nope' not found");
  });
});
