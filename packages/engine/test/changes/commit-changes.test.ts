import { must } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import { ChangeCursorRejectedError, ChangeFeedGapError, ChangesRefusedError, InvalidChangeRequestError } from "../../src/changes/errors.js";
import { CommitNotFoundError } from "../../src/commit-graph/errors.js";
import { ResourceLimitExceededError } from "../../src/errors.js";
import { brief, ChangingGraph } from "./changes-fixture.js";

const URSULA = { type: "Author", data: { slug: "le-guin", name: "Ursula" } };
const BOOK = { type: "Book", data: { isbn: "1", title: "The Dispossessed" } };
const WROTE = { edge: "Wrote", from: "le-guin", to: "1", data: { id: "01JZ0W2M3XK7B1N5Q8R2T4W6YZ", year: 1974 } };

describe("changes of one commit", () => {
  test("CH-20 CH-22 CH-24 inserts, updates and deletes with exact images, nodes before edges", async () => {
    await using library = await ChangingGraph.create();
    const first = await library.load([URSULA, BOOK, WROTE]);
    expect(brief(await library.changesOf(first.graphCommitId))).toEqual([
      "insert node Book 1",
      "insert node Author le-guin",
      "insert edge Wrote 01JZ0W2M3XK7B1N5Q8R2T4W6YZ",
    ]);
    const renamed = must(await library.mutate(`update Author set { name: "Ursula K.", born: date("1929-10-21") } where slug = "le-guin"`), "a change");
    const [update] = await library.changesOf(renamed.graphCommitId);
    expect(update).toEqual({
      kind: "node",
      type: { id: expect.stringMatching(/^t-[0-9a-f]{16}$/) as string, name: "Author" },
      id: "le-guin",
      op: "update",
      before: { properties: { born: null, name: "Ursula", slug: "le-guin" } },
      after: { properties: { born: -14682, name: "Ursula K.", slug: "le-guin" } },
    });
    const moved = await library.load([{ type: "Book", data: { isbn: "2", title: "Malafrena" } }, { ...WROTE, to: "2" }]);
    const edge = must((await library.changesOf(moved.graphCommitId)).find(({ kind }) => kind === "edge"), "the edge moved");
    expect([edge.op, edge.before?.endpoints, edge.after?.endpoints]).toEqual(["update", { from: "le-guin", to: "1" }, { from: "le-guin", to: "2" }]);
    const removed = must(await library.mutate(`delete Author where slug = "le-guin"`), "a change");
    const deletes = await library.changesOf(removed.graphCommitId);
    expect(brief(deletes), "CH-4 edges that go with their end").toEqual(["delete node Author le-guin", "delete edge Wrote 01JZ0W2M3XK7B1N5Q8R2T4W6YZ"]);
    expect(deletes.map(({ before, after }) => [before !== undefined, after])).toEqual([[true, undefined], [true, undefined]]);
  });

  test("CH-3 CH-25 rewritten rows with equal values and maintenance are no changes", async () => {
    await using library = await ChangingGraph.create();
    await library.load([URSULA, BOOK, WROTE]);
    const again = await library.load([URSULA, BOOK, WROTE], "overwrite");
    expect(await library.changesOf(again.graphCommitId)).toEqual([]);
    for (let i = 0; i < 3; i++) await library.load([{ type: "Book", data: { isbn: `b${i}`, title: "t" } }]);
    await library.graph.optimize();
    const { blocks } = await library.poll({ start: "beginning" });
    const last = must(blocks.at(-1), "a block");
    expect(last.cause.graphCommitId).toBe(await library.graph.headCommitId());
    expect(last.changes).toEqual([]);
  });

  test("CH-21 the cause of a commit, and of a merge, which is compared with its first parent", async () => {
    await using library = await ChangingGraph.create();
    const base = await library.load([URSULA]);
    await library.graph.branchCreate("review");
    const onReview = must(await library.mutate(`update Author set { name: "U" } where slug = "le-guin"`, "review", "maria"), "a change");
    const page = await library.graph.commitChanges(onReview.graphCommitId);
    expect(page.cause).toEqual({
      graphCommitId: onReview.graphCommitId,
      parentCommitId: base.graphCommitId,
      mergedParentCommitId: null,
      authoredBranch: "review",
      actorId: "maria",
      authoredAt: onReview.createdAt,
    });
    await library.load([BOOK]);
    const { commit } = await library.graph.branchMerge("review");
    const merged = await library.graph.commitChanges(must(commit, "a merge").graphCommitId);
    expect(merged.cause.mergedParentCommitId).toBe(onReview.graphCommitId);
    expect(brief(merged.changes)).toEqual(["update node Author le-guin"]);
  });

  test("CH-5 filters combine, and a type that there is not selects nothing (CH-29)", async () => {
    await using library = await ChangingGraph.create();
    const { graphCommitId } = await library.load([URSULA, BOOK, WROTE]);
    expect(brief(await library.changesOf(graphCommitId, { kinds: ["edge"] }))).toEqual(["insert edge Wrote 01JZ0W2M3XK7B1N5Q8R2T4W6YZ"]);
    expect(brief(await library.changesOf(graphCommitId, { kinds: ["node"], types: ["Book", "Wrote"] }))).toEqual(["insert node Book 1"]);
    expect(await library.changesOf(graphCommitId, { ops: ["update", "delete"] })).toEqual([]);
    expect(await library.changesOf(graphCommitId, { types: ["Nobody"] })).toEqual([]);
  });

  test("CH-27 CH-28 LIM-7 pages by number and by bytes; one over-sized change travels alone", async () => {
    await using library = await ChangingGraph.create();
    const books = Array.from({ length: 25 }, (_, i) => ({ type: "Book", data: { isbn: `b${String(i).padStart(2, "0")}`, title: i === 7 ? "x".repeat(5000) : "t" } }));
    const { graphCommitId } = await library.load(books);
    const all = brief(await library.changesOf(graphCommitId));
    expect(all).toHaveLength(25);
    for (const size of [{ limit: 1 }, { limit: 7 }, { pageBytes: 600 }, { limit: 25 }, { limit: 8192, pageBytes: 32 * 1024 * 1024 }]) {
      expect(brief(await library.changesOf(graphCommitId, size))).toEqual(all);
    }
    const page = await library.graph.commitChanges(graphCommitId, { limit: 7, pageBytes: 100_000 });
    const next = await library.graph.commitChanges(graphCommitId, { pageBytes: 600, pageToken: must(page.nextPageToken, "more") });
    expect(brief(next.changes), "the long title alone").toEqual(["insert node Book b07"]);
    await expect(library.graph.commitChanges(graphCommitId, { pageToken: must(page.nextPageToken, "more"), kinds: ["node"] })).rejects.toThrow(ChangeCursorRejectedError);
    await expect(library.graph.commitChanges(graphCommitId, { limit: 0 })).rejects.toThrow(InvalidChangeRequestError);
    await expect(library.graph.commitChanges(graphCommitId, { limit: 8193 })).rejects.toThrow(ResourceLimitExceededError);
    await expect(library.graph.commitChanges(graphCommitId, { pageBytes: 2 ** 25 + 1 })).rejects.toThrow(ResourceLimitExceededError);
  });

  test("CH-46 ids beyond 256 bytes ride as a beginning and a digest", async () => {
    await using library = await ChangingGraph.create();
    const books = Array.from({ length: 9 }, (_, i) => ({ type: "Book", data: { isbn: `${"é".repeat(200)}${i}`, title: "t" } }));
    const { graphCommitId } = await library.load(books);
    const changes = await library.changesOf(graphCommitId, { limit: 2 });
    expect(changes.map(({ id }) => id)).toEqual(books.map(({ data }) => data.isbn));
    const { nextPageToken } = await library.graph.commitChanges(graphCommitId, { limit: 1 });
    expect(must(nextPageToken, "more").length).toBeLessThan(600);
  });

  test("CH-26 the first commit, and schema changes of populated types, are refused; others are empty blocks", async () => {
    await using library = await ChangingGraph.create();
    const [genesis] = (await library.graph.listCommits()).slice(-1);
    const refusal = async (id: string): Promise<unknown> => library.changesOf(id).then(brief, (error: unknown) => (error instanceof ChangesRefusedError ? [error.reason, error.typeName, error.httpStatus, error.details] : error));
    const genesisId = must(genesis, "a first commit").graphCommitId;
    expect(await refusal(genesisId)).toEqual(["parentless_commit", undefined, 409, { change_diff_refusal: { reason: "parentless_commit", graph_commit_id: genesisId } }]);
    await library.load([URSULA]);
    const { schema } = library.graph;
    const apply = async (source: string): Promise<string> => {
      await library.graph.applySchema(source);
      return library.graph.headCommitId();
    };
    const added = schema.source.replace("born: Date?", "born: Date?\n  died: Date?");
    expect(await refusal(await apply(`${added}\nnode Publisher { name: String @key }`))).toEqual([]);
    const renamedType = added.replace("node Book", `node Volume @rename_from("Book")`).replace("Author -> Book", "Author -> Volume");
    expect(await refusal(await apply(renamedType)), "nothing is lost with Publisher, which is empty").toEqual([]);
    const renamed = renamedType.replace("  died: Date?", `  deceased: Date? @rename_from("died")`);
    expect(await refusal(await apply(renamed))).toEqual(["schema_boundary", "Author", 409, expect.anything()]);
    const before = renamed.replace(` @rename_from("died")`, "");
    const update = must(await library.mutate(`update Author set { deceased: date("2018-01-22") } where slug = "le-guin"`), "a change");
    expect((await library.changesOf(update.graphCommitId))[0]?.before?.properties).toHaveProperty("deceased", null);
    expect(await refusal(await apply(before.replace("  deceased: Date?\n", "")))).toEqual(["schema_boundary", "Author", 409, expect.anything()]);
    expect(brief(await library.changesOf(update.graphCommitId)), "by the schema of its time").toEqual(["update node Author le-guin"]);
  });

  test("CH-29 CH-45 an unknown commit, and one whose data was cleaned up", async () => {
    await using library = await ChangingGraph.create();
    await expect(library.graph.commitChanges("01JZ0W2M3XK7B1N5Q8R2T4W6YZ")).rejects.toThrow(CommitNotFoundError);
    const first = await library.load([URSULA]);
    await library.mutate(`update Author set { name: "U" } where slug = "le-guin"`);
    const third = must(await library.mutate(`update Author set { name: "V" } where slug = "le-guin"`), "a change");
    const { cursor } = await library.graph.changes({ start: `after:${first.graphCommitId}`, commitLimit: 1 });
    await library.graph.cleanup({ keepVersions: 1 });
    const gap = await library.graph.commitChanges(first.graphCommitId).catch((error: unknown) => error);
    expect(gap).toBeInstanceOf(ChangeFeedGapError);
    expect((gap as ChangeFeedGapError).httpStatus).toBe(410);
    const polled = await library.graph.changes({ cursor: must(cursor, "a cursor") }).catch((error: unknown) => error);
    expect((polled as ChangeFeedGapError).details).toEqual({ change_feed_gap: { cursor, first_unreadable_commit_id: third.graphCommitId } });
  });

  test("CH-23 the id of a type survives a rename, and no type gets that of a dropped one", async () => {
    await using library = await ChangingGraph.create("node Thing { name: String @key }");
    const idOf = async (name: string): Promise<string> => {
      const { graphCommitId } = await library.load([{ type: name, data: { name: `${name} ${await library.graph.headCommitId()}` } }]);
      return must((await library.changesOf(graphCommitId))[0], "a change").type.id;
    };
    const first = await idOf("Thing");
    await library.graph.applySchema(`node Item @rename_from("Thing") { name: String @key }`);
    expect(await idOf("Item")).toBe(first);
    await library.graph.applySchema("node Other { name: String @key }", { allowDataLoss: true });
    await library.graph.applySchema("node Other { name: String @key }\nnode Item { name: String @key }");
    expect(await idOf("Item")).not.toBe(first);
  });
});
