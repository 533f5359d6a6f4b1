import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import type { ReadTarget } from "../../src/graph-api.js";
import { openGraph } from "../../src/open/open-graph.js";
import { resultRows } from "../../src/result/result-rows.js";
import { expectAtRest } from "../../test-support/writes/check-graph.js";

const SCHEMA = `node Person {
  name: String @key
  age: I32?
}

node Company {
  name: String @key
}

edge Knows: Person -> Person

edge WorksAt: Person -> Company @card(0..1)
`;

/** Person gets a nickname and an index, Company another name. */
const NEXT_SCHEMA = SCHEMA.replace("age: I32?", "age: I32? @index\n  nick: String?")
  .replace("node Company {", 'node Firm @rename_from("Company") {')
  .replace("-> Company", "-> Firm");

const PEOPLE = [
  { type: "Person", data: { name: "ann", age: 31 } },
  { type: "Person", data: { name: "bob", age: 42 } },
  { type: "Person", data: { name: "cleo", age: null } },
  { type: "Company", data: { name: "initech" } },
  { edge: "Knows", from: "ann", to: "bob", data: { id: "k1" } },
  { edge: "Knows", from: "bob", to: "cleo", data: { id: "k2" } },
  { edge: "WorksAt", from: "ann", to: "initech", data: { id: "w1" } },
];

const FRIENDS = "query friends($n: String) { match { $p: Person { name: $n } $p knows{1,2} $q } return { $q.name } order { $q.name asc } }";

const ndjson = (records: readonly object[]): string => records.map((record) => JSON.stringify(record)).join("\n");

/** The lines of an export: everything a user sees of one snapshot. */
async function exported(graph: Graph, target: ReadTarget): Promise<readonly string[]> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of graph.exportJsonl({ target })) text += decoder.decode(chunk);
  return text.split("\n").filter((line) => line !== "");
}

/** A graph with the memory of everything it ever showed. */
class Story implements AsyncDisposable {
  graph: Graph;
  readonly #dir: TempDir;
  /** By commit id: what that version showed when it was the head of a branch. */
  readonly #past = new Map<string, readonly string[]>();
  /** By branch: its head. */
  #heads = new Map<string, string>();

  private constructor(graph: Graph, dir: TempDir) {
    this.graph = graph;
    this.#dir = dir;
  }

  static async begin(): Promise<Story> {
    const dir = await makeTempDir();
    return new Story(await Graph.init(`${dir.path}/graph`, SCHEMA), dir);
  }

  get directory(): string {
    return this.#dir.path;
  }

  /** Does one step that writes on `changed` and nowhere else (null: nothing that anybody sees), then checks every guarantee on every branch. */
  async step<T>(changed: string | null, act: (graph: Graph) => Promise<T>): Promise<T> {
    const result = await act(this.graph);
    await this.expectGuarantees(changed);
    return result;
  }

  async expectGuarantees(changed: string | null): Promise<void> {
    const { uri } = this.graph;
    // Somebody who was not there: what was acknowledged is on disk (G-2), published = HEAD, and histories are complete (G-4, G-5).
    const stranger = await openGraph(uri, { mode: "ro" });
    try {
      await expectAtRest(stranger);
    } finally {
      await stranger.resources.dispose();
    }
    await using reader = await Graph.open(uri, { mode: "ro" });
    const heads = new Map<string, string>();
    for (const branch of await reader.branchList()) {
      const head = await reader.headCommitId(branch);
      heads.set(branch, head);
      if (branch !== changed && this.#heads.has(branch)) expect(head, `${branch} was not written (G-9)`).toBe(this.#heads.get(branch));
      const content = await exported(reader, { branch });
      expect(await exported(this.graph, { branch }), "the writer's handle reads the same (G-1)").toEqual(content);
      expectConnected(content);
      if (!this.#past.has(head)) this.#past.set(head, content);
    }
    this.#heads = heads;
    await this.#expectPast(reader);
  }

  /** Forgets versions that a cleanup removed, and those of deleted branches. */
  forget(isForgotten: (commitId: string) => boolean): void {
    for (const commitId of this.#past.keys()) if (isForgotten(commitId)) this.#past.delete(commitId);
  }

  get pastCount(): number {
    return this.#past.size;
  }

  async reopen(): Promise<void> {
    const { uri } = this.graph;
    await this.graph.close();
    this.graph = await Graph.open(uri, { mode: "rw" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.graph.close();
    await this.#dir[Symbol.asyncDispose]();
  }

  /** G-8: every version that was ever read still reads the same. */
  async #expectPast(reader: Graph): Promise<void> {
    for (const [commitId, content] of this.#past) expect(await exported(reader, { snapshot: commitId }), `version ${commitId}`).toEqual(content);
  }
}

/** G-7: both ends of every edge are there. */
function expectConnected(lines: readonly string[]): void {
  const records = lines.map((line) => JSON.parse(line) as { type?: string; from?: string; to?: string; data: { name: string } });
  const names = new Set(records.filter(({ type }) => type !== undefined).map(({ data }) => data.name));
  const ends = records.flatMap(({ from, to }) => (from === undefined || to === undefined ? [] : [from, to]));
  expect(ends.filter((end) => !names.has(end))).toEqual([]);
}

async function friends(graph: Graph, name: string, target: ReadTarget = {}): Promise<readonly unknown[]> {
  const result = await graph.query(FRIENDS, { params: { n: name }, target });
  return [...resultRows(result)].map((row) => Object.values(row)[0]);
}

/** One graph from its creation to its cleanup. Every step is followed by all the checks of {@link Story.expectGuarantees}. */
describe("G-1 G-2 G-4 G-5 G-7 G-8 G-9 the composite story", () => {
  let story: Story;

  beforeAll(async () => {
    story = await Story.begin();
  });
  afterAll(() => story[Symbol.asyncDispose]());

  test("1. a new graph is loaded and traversed", async () => {
    await story.expectGuarantees(null);
    await story.step("main", (graph) => graph.load(ndjson(PEOPLE), { mode: "overwrite", actor: "loader" }));
    expect(await friends(story.graph, "ann")).toEqual(["bob", "cleo"]);
  });

  test("2. mutations insert, update, and delete with the edges that hang on it", async () => {
    await story.step("main", (graph) => graph.mutate('query add() { insert Person { name: "dora", age: 7 } insert Knows { from: "cleo", to: "dora" } }'));
    await story.step("main", (graph) => graph.mutate('query older() { update Person set { age: 32 } where name = "ann" }'));
    const { affectedEdges } = await story.step("main", (graph) => graph.mutate('query leave() { delete Person where name = "cleo" }'));
    expect(affectedEdges).toBe(2);
    expect(await friends(story.graph, "ann")).toEqual(["bob"]);
  });

  test("3. a branch is written beside main, and merged", async () => {
    await story.step(null, (graph) => graph.branchCreate("review"));
    await story.step("review", (graph) => graph.mutate('query add() { insert Person { name: "eve" } insert Knows { from: "bob", to: "eve" } }', { branch: "review" }));
    await story.step("main", (graph) => graph.mutate('query add() { insert Company { name: "acme" } }'));
    expect(await friends(story.graph, "ann")).toEqual(["bob"]);
    expect(await friends(story.graph, "ann", { branch: "review" })).toEqual(["bob", "eve"]);
    const { outcome } = await story.step("main", (graph) => graph.branchMerge("review"));
    expect(outcome).toBe("merged");
    expect(await friends(story.graph, "ann")).toEqual(["bob", "eve"]);
  });

  test("4. optimizing changes no result", async () => {
    const before = await exported(story.graph, { branch: "main" });
    await story.step("main", (graph) => graph.optimize());
    expect(await exported(story.graph, { branch: "main" })).toEqual(before);
    expect(await friends(story.graph, "ann")).toEqual(["bob", "eve"]);
  });

  test("5. of two strict updates that saw the same version one succeeds (G-6)", async () => {
    const head = await story.graph.headCommitId();
    const older = (age: number): Promise<unknown> =>
      story.graph.mutate("query older($a: I32) { update Person set { age: $a } where name = \"bob\" }", { params: { a: age }, ifCommit: head });
    const outcomes = await story.step("main", () => Promise.allSettled([older(50), older(60)]));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find((outcome) => outcome.status === "rejected")).toMatchObject({ reason: { code: "PRECONDITION_FAILED", effects: "none" } });
  });

  test("6. with main alone again, the schema changes; earlier versions keep theirs", async () => {
    const own = new Set((await story.graph.listCommits("review")).map(({ graphCommitId }) => graphCommitId));
    const main = new Set((await story.graph.listCommits()).map(({ graphCommitId }) => graphCommitId));
    story.forget((commitId) => own.has(commitId) && !main.has(commitId));
    await story.step(null, (graph) => graph.branchDelete("review"));
    const { applied } = await story.step("main", (graph) => graph.applySchema(NEXT_SCHEMA, { actor: "modeller" }));
    expect(applied).toBe(true);
    await story.step("main", (graph) => graph.mutate('query nick() { update Person set { nick: "B" } where name = "bob" }'));
    expect(await friends(story.graph, "ann")).toEqual(["bob", "eve"]);
    expect(story.pastCount).toBeGreaterThan(9);
  });

  test("7. an export loaded into a new graph gives the same graph", async () => {
    const lines = await exported(story.graph, {});
    await using copy = await Graph.init(`${story.directory}/copy`, story.graph.schema.source);
    await copy.load(lines.join("\n"), { mode: "overwrite" });
    expect(await exported(copy, {})).toEqual(lines);
  });

  test("8. reopened and cleaned up, the newest version is as it was, and the others say that they are gone", async () => {
    await story.reopen();
    await story.expectGuarantees(null);
    const commits = await story.graph.listCommits();
    const before = await exported(story.graph, {});
    story.forget(() => true);
    await story.step("main", (graph) => graph.cleanup({ keepVersions: 1 }));
    expect(await exported(story.graph, {})).toEqual(before);
    expect(await friends(story.graph, "ann")).toEqual(["bob", "eve"]);
    const loaded = commits.at(-2)?.graphCommitId ?? "";
    await expect(exported(story.graph, { snapshot: loaded })).rejects.toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED" });
    expect((await story.graph.listCommits()).length).toBeGreaterThanOrEqual(commits.length);
    await story.step("main", (graph) => graph.mutate('query add() { insert Person { name: "fay" } }'));
  });
});
