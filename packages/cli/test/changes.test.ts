import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Library, loadedLibrary } from "./library.js";

let library: Library;
let loaded: string;
beforeEach(async () => {
  library = await loadedLibrary();
  loaded = await head();
});
afterEach(() => library[Symbol.dispose]());

interface ChangesDocument {
  readonly cause: { readonly graph_commit_id: string };
  readonly changes: readonly { readonly op: string; readonly id: string }[];
  readonly next_page_token?: string;
}

interface FeedDocument {
  readonly blocks: readonly ChangesDocument[];
  readonly cursor: string;
  readonly caught_up: boolean;
}

async function head(): Promise<string> {
  const { commits } = JSON.parse(await library.succeed("commit", "list", "g.omni", "--json")) as { commits: readonly { graph_commit_id: string }[] };
  return commits[0]?.graph_commit_id ?? "";
}

async function mutate(text: string): Promise<string> {
  await library.succeed("mutate", "-e", `query change() { ${text} }`, "--store", "g.omni", "--as", "maria", "--quiet");
  return head();
}

async function poll(...argv: string[]): Promise<FeedDocument> {
  return JSON.parse(await library.succeed("changes", "poll", "--store", "g.omni", "--json", ...argv)) as FeedDocument;
}

/** Printed piece by piece, a document has the bytes of one that is printed whole (§1.7). */
function expectPretty(text: string): void {
  const lossless = text.replaceAll("9223372036854775807", "1");
  expect(lossless).toBe(`${JSON.stringify(JSON.parse(lossless), null, 2)}\n`);
}

describe("commit changes (§10.11)", () => {
  test("an update for a person and as a document", async () => {
    const id = await mutate('update Author set { name: "Ada L.", rating: 5.0 } where handle = "ada"');
    expect((await library.succeed("commit", "changes", id, "--store", "g.omni")).replace(/authored_at: \d{16}/, "authored_at: …")).toBe(
      `graph_commit_id: ${id}\nparent_commit_id: ${loaded}\nauthored_branch: main\nactor_id: maria\nauthored_at: …\nupdate node Author ada\n  name: "Ada" => "Ada L."\n  rating: 4.5 => 5\n`,
    );
    const text = await library.succeed("commit", "changes", id, "--store", "g.omni", "--json");
    expectPretty(text);
    expect(text).toContain('"followers": 9223372036854775807');
    expect(JSON.parse(text)).toMatchObject({
      cause: { graph_commit_id: id, parent_commit_id: loaded, authored_branch: "main", actor_id: "maria" },
      changes: [{ kind: "node", type: { name: "Author" }, id: "ada", op: "update", before: { properties: { born: 3773, name: "Ada" } }, after: { properties: { name: "Ada L." } } }],
    });
  });

  test("edges show their ends, pages are walked, and one page is printed on demand", async () => {
    const whole = JSON.parse(await library.succeed("commit", "changes", loaded, "--store", "g.omni", "--json")) as ChangesDocument;
    expect(whole.changes).toHaveLength(7);
    const text = await library.succeed("commit", "changes", loaded, "--store", "g.omni", "--limit", "2", "--json");
    expectPretty(text);
    expect(JSON.parse(text)).toEqual(whole);
    const first = JSON.parse(await library.succeed("commit", "changes", loaded, "--store", "g.omni", "--kind", "edge", "--op", "insert", "--op", "delete", "--json")) as ChangesDocument;
    expect(first.changes.map(({ id }) => id)).toEqual(["w1", "w2"]);
    expect(await library.succeed("commit", "changes", loaded, "--store", "g.omni", "--kind", "edge")).toContain('insert edge Wrote w1\n  ada -> b1\n  role: "author"\ninsert edge Wrote w2\n  bo -> b2\n  role: <null>\n');
    expectPretty(await library.succeed("commit", "changes", loaded, "--store", "g.omni", "--op", "delete", "--json"));
  });

  test("CH-29 a filter that names no type of the branch warns, and selects nothing", async () => {
    for (const argv of [["diff", "main", "main"], ["commit", "changes", loaded], ["changes", "poll"], ["changes", "baseline", "--out", "base.jsonl"]]) {
      const { exitCode, stderr } = await library.run([...argv, "--store", "g.omni", "--type", "Auther", "--type", "Author"]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "warning: the schema of branch 'main' has no type 'Auther'; did you mean 'Author'?\n" });
    }
  });

  test.each([
    [["commit", "changes", "01JZ0V9M3XK7B1N5Q8R2T4W6YZ"], 1, "commit '01JZ0V9M3XK7B1N5Q8R2T4W6YZ' not found"],
    [["commit", "changes", "01JZ0V9M3XK7B1N5Q8R2T4W6YZ", "--limit", "0"], 1, "commit changes page changes: 0 is not a positive whole number"],
    [["commit", "changes", "01JZ0V9M3XK7B1N5Q8R2T4W6YZ", "--limit", "9000"], 1, "commit changes page changes: 9000 needed, 8192 allowed"],
    [["commit", "changes", "01JZ0V9M3XK7B1N5Q8R2T4W6YZ", "--kind", "vertex"], 2, "node, edge"],
    [["changes", "poll", "--cursor", "rubbish"], 1, "change cursor rejected: it is damaged"],
    [["changes", "poll", "--cursor", "rubbish", "--start", "now"], 2, "cannot be used with"],
    [["changes", "poll", "--start", "later"], 1, "'later' is no start of a feed"],
    [["changes", "poll", "--branch", "mian"], 1, "branch 'mian' not found"],
    [["changes", "baseline"], 2, "--out"],
    [["changes", "baseline", "--out", "no/such/folder/x"], 1, "its folder cannot be opened"],
    [["diff", "main", "revue"], 1, "branch 'revue' not found"],
    [["diff", "@yesterday", "main"], 1, "'@yesterday' is not a snapshot id"],
    [["diff", "manifest:main:2", "main"], 1, "'manifest:main:2' is not a snapshot id"],
  ])("%j fails and says why", async (argv, exitCode, message) => {
    const result = await library.run([...argv, "--store", "g.omni"]);
    expect(result.stderr).toContain(message);
    expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({ exitCode, stdout: "" });
  });
});

describe("changes poll, changes baseline (§10.12)", () => {
  test("CH-62 a baseline, then what came after it", async () => {
    const printed = await library.succeed("changes", "baseline", "--store", "g.omni", "--out", "base.jsonl", "--json");
    const { snapshot_commit_id, resume_cursor } = JSON.parse(printed) as { snapshot_commit_id: string; resume_cursor: string };
    expect(snapshot_commit_id).toBe(loaded);
    expect(readFileSync(join(library.directory, "base.jsonl"), "utf8")).toBe(await library.succeed("export", "g.omni"));
    const id = await mutate('delete Author where handle = "bo"');
    const text = await library.succeed("changes", "poll", "--store", "g.omni", "--cursor", resume_cursor, "--limit", "1", "--json");
    expectPretty(text);
    const feed = JSON.parse(text) as FeedDocument;
    expect(feed.blocks.map(({ cause, changes }) => [cause.graph_commit_id, changes.map(({ op, id: entity }) => `${op} ${entity}`)])).toEqual([[id, ["delete bo", "delete w2"]]]);
    expect(feed.caught_up).toBe(true);
    expect(await poll("--cursor", feed.cursor)).toEqual({ blocks: [], cursor: feed.cursor, caught_up: true });
    expect(await library.succeed("changes", "poll", "--store", "g.omni", "--cursor", feed.cursor)).toBe(`cursor: ${feed.cursor}\ncaught_up: true\n`);
  });

  test("CH-43 from the beginning: a document of several blocks, and the same for a person", async () => {
    await mutate('update Author set { rating: 1.0 } where handle = "cy"');
    const text = await library.succeed("changes", "poll", "--store", "g.omni", "--start", "beginning", "--limit", "3", "--type", "Author", "--json");
    expectPretty(text);
    expect((JSON.parse(text) as FeedDocument).blocks.map(({ changes }) => changes.length)).toEqual([3, 1]);
    const shown = await library.succeed("changes", "poll", "--store", "g.omni", "--start", `after:${loaded}`);
    expect(shown).toMatch(/^graph_commit_id: .*\n[^]*update node Author cy\n {2}rating: 3 => 1\n\ncursor: \S+\ncaught_up: true\n$/);
    expectPretty(await library.succeed("changes", "poll", "--store", "g.omni", "--json"));
  });

  test("CH-65 a baseline that fails leaves the file that was there, and nothing beside it", async () => {
    writeFileSync(join(library.directory, "base.jsonl"), "old\n");
    const abort = new AbortController();
    abort.abort();
    const { exitCode, stdout } = await library.run(["changes", "baseline", "--store", "g.omni", "--out", "base.jsonl"], { signal: abort.signal });
    expect([exitCode === 0, stdout]).toEqual([false, ""]);
    expect(readFileSync(join(library.directory, "base.jsonl"), "utf8")).toBe("old\n");
    expect(readdirSync(library.directory).filter((name) => name.includes("base")), "no rest").toEqual(["base.jsonl"]);
    writeFileSync(join(library.directory, "base.jsonl.lock"), "999999999 left by a killed process");
    await library.succeed("changes", "baseline", "--store", "g.omni", "--out", "base.jsonl");
    expect(existsSync(join(library.directory, "base.jsonl.lock"))).toBe(false);
  });
});

describe("diff", () => {
  test("CH-1 CH-6 two branches, edges before nodes, as a document and for a person", async () => {
    await library.succeed("branch", "create", "review", "--store", "g.omni", "--quiet");
    await library.succeed("mutate", "-e", 'query q() { delete Author where handle = "bo" }', "--store", "g.omni", "--branch", "review", "--quiet");
    await library.succeed("mutate", "-e", 'query q() { update Author set { name: "Cy\u001b" } where handle = "cy" }', "--store", "g.omni", "--branch", "review", "--quiet");
    expect(await library.succeed("diff", "main", "review", "--store", "g.omni")).toBe(
      'delete edge Wrote w2\n  bo -> b2\n  role: <null>\ndelete node Author bo\n  born: 1840\n  followers: <null>\n  handle: "bo"\n  name: "Bo"\n  rating: <null>\nupdate node Author cy\n  name: "Cy" => "Cy\\u001b"\n0 inserted, 1 updated, 2 deleted\n',
    );
    const text = await library.succeed("diff", loaded, "review", "--store", "g.omni", "--kind", "edge", "--json");
    expect(JSON.parse(text)).toEqual({
      from_graph_manifest_version: 2,
      to_graph_manifest_version: 4,
      graph_branch: "review",
      changes: [{ kind: "edge", type_name: "Wrote", id: "w2", op: "delete", published_dataset_version: expect.any(Number) as number, endpoints: { src: "bo", dst: "b2" } }],
      stats: { inserts: 0, updates: 0, deletes: 1, types_affected: ["Wrote"] },
    });
    const images = await library.succeed("diff", "review", "main", "--store", "g.omni", "--op", "insert", "--type", "Author", "--images", "--json");
    expect(JSON.parse(images)).toMatchObject({ changes: [{ op: "insert", id: "bo", after: { properties: { name: "Bo" } } }] });
    expect(await library.succeed("diff", "review", "review", "--store", "g.omni")).toBe("0 inserted, 0 updated, 0 deleted\n");
  });
});
