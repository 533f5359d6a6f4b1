import { describe, expect, test } from "vitest";
import { commitChangePages, feedPages } from "../../src/feed-pages.js";
import type { ContractContext } from "./context.js";
import { failureOf, textOf } from "./failure.js";

const WRITE = `query write($name: String, $big: I64, $height: F64) { insert Person { name: $name, big: $big, height: $height } }`;
const EVERYTHING_BUT_BLOBS = { kinds: ["node"], types: ["City"] } as const;

export function describeChanges(context: ContractContext): void {
  const write = (branch: string, name: string): Promise<{ readonly commit: { readonly graphCommitId: string } | null }> =>
    context.client.mutate({ source: WRITE, params: { name, big: "9007199254740993", height: 2 }, branch });

  describe("commits and snapshots", () => {
    test("commits are listed newest first, back to the one without parent", async () => {
      const commits = await context.client.listCommits({});
      expect(commits.length).toBe(2);
      expect(commits.at(-1)?.parentCommitId).toBeNull();
      expect(commits[0]?.parentCommitId).toBe(commits[1]?.graphCommitId);
      expect(await context.client.getCommit(commits[0]?.graphCommitId ?? "")).toEqual(commits[0]);
    });

    test("of an older version, only what it could see", async () => {
      const commits = await context.client.listCommits({});
      expect(await context.client.listCommits({ snapshot: commits[1]?.graphCommitId })).toEqual(commits.slice(1));
    });

    test("an unknown commit is not found", async () => {
      const id = "01J8Z5W6T4Q8M3N2K1H0G9F8E7";
      expect(await failureOf(context.client.getCommit(id))).toMatchObject({ code: "COMMIT_NOT_FOUND", category: "not_found", message: `commit '${id}' not found` });
    });

    test("a snapshot tells types, versions and counts, edges first", async () => {
      const info = await context.client.snapshot({});
      expect(info.graphBranch).toBe("main");
      expect(info.graphCommitId).toBe((await context.client.listCommits({}))[0]?.graphCommitId);
      expect(info.internalSchemaVersion).toSatisfy(Number.isInteger);
      expect(info.datasets.map(({ entityKind, typeName, entityCount }) => [entityKind, typeName, entityCount])).toEqual([
        ["edge", "Knows", 1], ["edge", "LivesIn", 1], ["node", "City", 1], ["node", "Person", 4],
      ]);
    });

    test("a snapshot of an older version and of a branch", async () => {
      const branch = await context.branch();
      await write(branch, "x");
      expect((await context.client.snapshot({ branch })).datasets.find(({ typeName }) => typeName === "Person")?.entityCount).toBe(5);
      const first = (await context.client.listCommits({})).at(-1)?.graphCommitId;
      expect((await context.client.snapshot({ snapshot: first })).datasets.every(({ entityCount }) => entityCount === 0)).toBe(true);
      expect(await failureOf(context.client.snapshot({ branch: "nowhere" }))).toMatchObject({ code: "BRANCH_NOT_FOUND" });
    });
  });

  describe("changes of a commit", () => {
    test("say what it inserted, with images and exact integers", async () => {
      const branch = await context.branch();
      const { commit } = await write(branch, "x");
      const page = await context.client.commitChanges(commit?.graphCommitId ?? "", {});
      expect(page.cause).toMatchObject({ graphCommitId: commit?.graphCommitId, authoredBranch: branch, actorId: context.provider.actorId });
      expect(page.nextPageToken).toBeUndefined();
      expect(page.changes).toMatchObject([{ kind: "node", type: { name: "Person" }, id: "x", op: "insert", after: { properties: { name: "x", big: 9007199254740993n, height: 2, age: null } } }]);
      expect(page.changes[0]?.before).toBeUndefined();
    });

    test("come in pages of the size asked for, and by filter", async () => {
      const loaded = (await context.client.listCommits({}))[0]?.graphCommitId ?? "";
      const ids: string[] = [];
      let pageCount = 0;
      for await (const page of commitChangePages(context.client, loaded, { limit: 2, kinds: ["node"] })) {
        pageCount++;
        ids.push(...page.changes.map(({ id }) => id));
      }
      expect([pageCount, ids.toSorted()]).toEqual([3, ["ada", "berlin", "bo", 'cy/é "q"', "dee"]]);
      expect((await context.client.commitChanges(loaded, { types: ["City"], ops: ["insert"] })).changes.map(({ id }) => id)).toEqual(["berlin"]);
      expect((await context.client.commitChanges(loaded, { types: ["NoSuchType"] })).changes).toEqual([]);
    });

    test("the first commit has none to show (18.3)", async () => {
      const first = (await context.client.listCommits({})).at(-1)?.graphCommitId ?? "";
      expect(await failureOf(context.client.commitChanges(first, {}))).toMatchObject({
        code: "CHANGES_REFUSED", category: "conflict", retryable: false, details: { change_diff_refusal: { reason: "parentless_commit", graph_commit_id: first } },
      });
    });

    test.each([[0, "invalid"], [8193, "limit"]])("a page of %d changes is refused", async (limit, category) => {
      const loaded = (await context.client.listCommits({}))[0]?.graphCommitId ?? "";
      expect(await failureOf(context.client.commitChanges(loaded, { limit }))).toMatchObject({ category });
    });

    test("a page token of something else is refused", async () => {
      const loaded = (await context.client.listCommits({}))[0]?.graphCommitId ?? "";
      const failure = await failureOf(context.client.commitChanges(loaded, { pageToken: "bm9uc2Vuc2U" }));
      expect(failure).toMatchObject({ code: "CHANGE_CURSOR_REJECTED", category: "invalid" });
      expect(failure.message).toMatch(/^change cursor rejected:/);
    });
  });

  describe("the change feed", () => {
    test("from the beginning, page by page; the cursor goes on from its end", async () => {
      const branch = await context.branch();
      const { commit } = await write(branch, "x");
      const pages = [];
      for await (const page of feedPages(context.client, { branch, start: "beginning", limit: 3, ...EVERYTHING_BUT_BLOBS })) pages.push(page);
      const last = pages.at(-1);
      expect(pages.slice(0, -1).every(({ cursor, nextPageToken }) => cursor === undefined && nextPageToken !== undefined)).toBe(true);
      expect(last).toMatchObject({ caughtUp: true });
      expect(pages.flatMap(({ blocks }) => blocks).at(-1)?.cause.graphCommitId).toBe(commit?.graphCommitId);
      const { commit: next } = await write(branch, "y");
      const rest = await context.client.changes({ branch, cursor: last?.cursor ?? "", ...EVERYTHING_BUT_BLOBS });
      expect(rest.blocks.map(({ cause, changes }) => [cause.graphCommitId, changes.length])).toEqual([[next?.graphCommitId, 0]]);
    });

    test("from now there is nothing yet", async () => {
      expect(await context.client.changes({ start: "now" })).toMatchObject({ blocks: [], caughtUp: true });
    });

    test("after a commit", async () => {
      const branch = await context.branch();
      const { commit } = await write(branch, "x");
      const { commit: next } = await write(branch, "y");
      const page = await context.client.changes({ branch, start: `after:${commit?.graphCommitId ?? ""}` });
      expect(page.blocks.map(({ cause }) => cause.graphCommitId)).toEqual([next?.graphCommitId]);
    });

    test("a cursor of another branch or another filter is refused", async () => {
      const { cursor = "" } = await context.client.changes({ start: "now" });
      for (const options of [{ cursor, kinds: ["node"] as const }, { cursor, branch: await context.branch() }]) {
        expect(await failureOf(context.client.changes(options))).toMatchObject({ code: "CHANGE_CURSOR_REJECTED", category: "invalid" });
      }
    });

    test("two positions at once are refused", async () => {
      const { cursor = "" } = await context.client.changes({ start: "now" });
      expect(await failureOf(context.client.changes({ start: "now", cursor }))).toMatchObject({ category: "invalid" });
    });

    test("an unknown branch is not found", async () => {
      expect(await failureOf(context.client.changes({ branch: "nowhere" }))).toMatchObject({ code: "BRANCH_NOT_FOUND" });
    });

    test("a baseline is an export, and the cursor that goes on from it (18.7)", async () => {
      const branch = await context.branch();
      const { commit } = await write(branch, "x");
      const records: Uint8Array[] = [];
      const handshakes = [];
      for await (const chunk of context.client.changesBaseline({ branch })) {
        if (chunk.kind === "records") records.push(chunk.bytes);
        else handshakes.push(chunk.handshake);
      }
      expect(handshakes).toMatchObject([{ snapshotCommitId: commit?.graphCommitId }]);
      expect(Buffer.concat(records).toString()).toBe(await textOf(context.client.exportJsonl({ target: { branch }, typeNames: [] })));
      const { commit: next } = await write(branch, "y");
      const page = await context.client.changes({ branch, cursor: handshakes[0]?.resumeCursor ?? "" });
      expect(page.blocks.map(({ cause }) => cause.graphCommitId)).toEqual([next?.graphCommitId]);
    });

    test("a baseline that selects nothing is its last line", async () => {
      const chunks = [];
      for await (const chunk of context.client.changesBaseline({ types: ["NoSuchType"] })) chunks.push(chunk.kind);
      expect(chunks).toEqual(["baseline"]);
    });

    test("a baseline of an unknown branch is not found", async () => {
      expect(await failureOf(context.client.changesBaseline({ branch: "nowhere" }))).toMatchObject({ code: "BRANCH_NOT_FOUND" });
    });
  });

  describe("diffs", () => {
    test("between branches, with images only where asked for", async () => {
      const branch = await context.branch();
      await write(branch, "x");
      const diff = await context.client.diff("main", branch, {});
      expect(diff).toMatchObject({ graphBranch: branch, stats: { inserts: 1, updates: 0, deletes: 0, typesAffected: ["Person"] } });
      expect(diff.changes).toMatchObject([{ kind: "node", typeName: "Person", id: "x", op: "insert" }]);
      expect(diff.changes[0]?.after).toBeUndefined();
      const detailed = await context.client.diff(branch, "main", { images: true });
      expect(detailed.changes).toMatchObject([{ op: "delete", before: { properties: { big: 9007199254740993n } } }]);
    });

    test("between commits, by filter, edges with their ends", async () => {
      const [loaded, first] = (await context.client.listCommits({})).map(({ graphCommitId }) => graphCommitId);
      const diff = await context.client.diff(first ?? "", loaded ?? "", { kinds: ["edge"] });
      expect(diff.changes.map(({ typeName, endpoints }) => [typeName, endpoints])).toEqual([["Knows", { src: "ada", dst: "bo" }], ["LivesIn", { src: "ada", dst: "berlin" }]]);
    });

    test("equal states differ in nothing; unknown ones are not found", async () => {
      expect((await context.client.diff("main", "main", {})).changes).toEqual([]);
      expect(await failureOf(context.client.diff("main", "nowhere", {}))).toMatchObject({ code: "BRANCH_NOT_FOUND" });
    });
  });
}
