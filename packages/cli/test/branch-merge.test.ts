import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Library, loadedLibrary } from "./library.js";

let library: Library;
beforeEach(async () => {
  library = await loadedLibrary();
  await library.succeed("branch", "create", "review", "--store", "g.omni");
});
afterEach(() => library[Symbol.dispose]());

const ADD = ["mutate", "add", "--store", "g.omni", "--query", "library.gq"];

async function addAuthor(handle: string, name: string, ...flags: string[]): Promise<void> {
  await library.succeed(...ADD, "--params", JSON.stringify({ handle, name }), ...flags);
}

describe("branch merge (§10.6)", () => {
  test("MG-4 MG-10 the outcomes, for people and as documents", async () => {
    expect(await library.run(["branch", "merge", "review", "--store", "g.omni"])).toEqual({
      exitCode: 0,
      stdout: "merged review into main: already_up_to_date\n",
      stderr: "omnigraph branch merge → g.omni (direct, local)\n",
    });
    await addAuthor("banks", "Iain", "--branch", "review");
    expect(JSON.parse(await library.succeed("branch", "merge", "review", "--store", "g.omni", "--json", "--as", "maria"))).toEqual({
      source: "review",
      target: "main",
      outcome: "fast_forward",
      actor_id: "maria",
    });
  });

  test("MG-11 the source is deleted when that is asked for; otherwise one warning says why it is still there", async () => {
    await library.succeed("branch", "create", "deeper", "--from", "review", "--store", "g.omni");
    const kept = await library.run(["branch", "merge", "review", "--delete-branch", "--store", "g.omni", "--json", "--quiet"]);
    expect(kept.exitCode).toBe(0);
    expect(JSON.parse(kept.stdout)).toMatchObject({ branch_deleted: false });
    expect(kept.stderr).toContain("warning: branch review was merged but not deleted");
    expect(JSON.parse(await library.succeed("branch", "merge", "deeper", "--into", "review", "--delete-branch", "--store", "g.omni", "--json"))).toMatchObject({
      target: "review",
      branch_deleted: true,
    });
    expect(await library.succeed("branch", "list", "--store", "g.omni")).toBe("main\nreview\n");
  });

  test("MG-5 MG-74 conflicts are a table for people and complete in the document; both end with 1", async () => {
    for (let i = 0; i < 12; i++) {
      await addAuthor(`a${i}`, "here");
      await addAuthor(`a${i}`, "there", "--branch", "review");
    }
    const shown = await library.run(["branch", "merge", "review", "--store", "g.omni", "--quiet"]);
    expect(shown.exitCode).toBe(1);
    expect(shown.stdout).toBe("");
    expect(shown.stderr).toContain("Error: 12 merge conflicts\n  node Author  a0   divergent_insert  divergent insert for id 'a0'\n");
    expect(shown.stderr).toContain("+2 more; --json shows all");
    const document = await library.run(["branch", "merge", "review", "--store", "g.omni", "--quiet", "--json"]);
    expect(document.exitCode).toBe(1);
    const { code, merge_conflicts: conflicts } = JSON.parse(document.stdout) as { code: string; merge_conflicts: unknown[] };
    expect(code).toBe("conflict");
    expect(conflicts).toHaveLength(12);
    expect(conflicts[0]).toEqual({ entity_kind: "node", type_name: "Author", entity_id: "a0", kind: "divergent_insert", message: "divergent insert for id 'a0'" });
  });

  test.each([
    [["main"], "branch_merge requires distinct source and target branches"],
    [["nowhere"], "branch 'nowhere' not found"],
    [["review", "--into", "nowhere"], "branch 'nowhere' not found"],
    [["__schema_apply_lock__"], "branch_merge does not allow internal system refs"],
  ])("MG-1 MG-2 merging %j fails and says why", async (argv, message) => {
    const { exitCode, stderr } = await library.run(["branch", "merge", ...argv, "--store", "g.omni", "--quiet"]);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  });
});
