import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { CancelledError, must } from "@omnigraphdb/common";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChangeCursorRejectedError, InvalidChangeRequestError } from "../../src/changes/errors.js";
import { BranchNotFoundError } from "../../src/manifest/errors.js";
import { ResourceLimitExceededError } from "../../src/errors.js";
import { brief, ChangingGraph } from "./changes-fixture.js";

const book = (isbn: string): object => ({ type: "Book", data: { isbn, title: "t" } });

describe("feed of a branch", () => {
  test("CH-40 CH-41 CH-43 from now, from the beginning, behind a commit, and from a cursor", async () => {
    await using library = await ChangingGraph.create();
    const a = await library.load([book("a")]);
    const now = await library.graph.changes();
    expect(now).toEqual({ blocks: [], cursor: expect.any(String) as string, caughtUp: true });
    const b = await library.load([book("b")]);
    const c = await library.load([book("c")]);
    const ids = async (options: Parameters<ChangingGraph["poll"]>[0]): Promise<readonly string[]> => (await library.poll(options)).blocks.map(({ cause }) => cause.graphCommitId);
    expect(await ids({ cursor: must(now.cursor, "a cursor") })).toEqual([b.graphCommitId, c.graphCommitId]);
    expect(await ids({ start: "beginning" }), "18.4.3 without the first commit").toEqual([a, b, c].map(({ graphCommitId }) => graphCommitId));
    expect(await ids({ start: `after:${b.graphCommitId}` })).toEqual([c.graphCommitId]);
    expect(await ids({ start: `after:${c.graphCommitId}` })).toEqual([]);
  });

  test("CH-43 polls of an idle graph, one after another, let the process do other work", async () => {
    await using library = await ChangingGraph.create();
    await library.load([book("a")]);
    const { cursor = "" } = await library.graph.changes();
    // Once the clock of the file system has gone on, a look at the manifest needs no read any more.
    await pause(100);
    await library.graph.changes({ cursor });
    let hasRun = false;
    setImmediate(() => (hasRun = true));
    for (let polls = 0; polls < 100 && !hasRun; polls++) await library.graph.changes({ cursor });
    expect(hasRun).toBe(true);
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(library.graph.changes({ cursor, signal: controller.signal })).rejects.toThrow(CancelledError);
  });

  test("CH-40 CH-48 the history a branch inherited, and a branch that is another one now", async () => {
    await using library = await ChangingGraph.create();
    const a = await library.load([book("a")]);
    await library.graph.branchCreate("review");
    const onMain = await library.load([book("m")]);
    const onReview = await library.load([book("r")], "merge", "review");
    const { blocks, last } = await library.poll({ branch: "review", start: "beginning" });
    expect(blocks.map(({ cause }) => [cause.graphCommitId, cause.authoredBranch])).toEqual([[a.graphCommitId, "main"], [onReview.graphCommitId, "review"]]);
    await expect(library.graph.changes({ branch: "review", start: `after:${onMain.graphCommitId}` })).rejects.toThrow(InvalidChangeRequestError);
    const cursor = must(last.cursor, "a cursor");
    await expect(library.graph.changes({ cursor })).rejects.toThrow(/^change cursor rejected: /);
    await library.graph.branchDelete("review");
    await expect(library.graph.changes({ branch: "review", cursor })).rejects.toThrow(BranchNotFoundError);
    await library.graph.branchCreate("review");
    await expect(library.graph.changes({ branch: "review", cursor })).rejects.toThrow(ChangeCursorRejectedError);
  });

  test("CH-42 CH-43 a poll ends at the head it found, and after as many commits as it may deliver", async () => {
    await using library = await ChangingGraph.create();
    for (const isbn of ["a", "b", "c"]) await library.load([book(isbn), book(`${isbn}2`)]);
    const first = await library.graph.changes({ start: "beginning", limit: 3 });
    expect(first.blocks.map(({ changes }) => changes.map(({ id }) => id))).toEqual([["a", "a2"], ["b"]]);
    expect([first.cursor, first.caughtUp]).toEqual([undefined, undefined]);
    await library.load([book("late")]);
    const rest = await library.poll({ pageToken: must(first.nextPageToken, "more") });
    expect(rest.blocks.map(({ changes }) => changes.map(({ id }) => id))).toEqual([["b2"], ["c", "c2"]]);
    expect(rest.last.caughtUp, "one commit came in meanwhile").toBe(false);
    const late = await library.poll({ cursor: must(rest.last.cursor, "a cursor") });
    expect([late.blocks.flatMap(({ changes }) => changes.map(({ id }) => id)), late.last.caughtUp]).toEqual([["late"], true]);
    const two = await library.poll({ start: "beginning", commitLimit: 2 });
    expect([two.blocks.length, two.last.caughtUp]).toEqual([2, false]);
    await expect(library.graph.changes({ commitLimit: 513 })).rejects.toThrow(ResourceLimitExceededError);
  });

  test("CH-43 CH-49 blocks that a filter leaves empty advance the cursor; the order of filters does not matter", async () => {
    await using library = await ChangingGraph.create();
    await library.load([book("a")]);
    await library.load([{ type: "Author", data: { slug: "s", name: "n" } }]);
    const { blocks, last } = await library.poll({ start: "beginning", types: ["Author", "Wrote"], ops: ["insert", "update"] });
    expect(blocks.map(({ changes }) => brief(changes))).toEqual([[], ["insert node Author s"]]);
    const cursor = must(last.cursor, "a cursor");
    expect(await library.graph.changes({ cursor, types: ["Wrote", "Author", "Wrote"], ops: ["update", "insert"], kinds: ["edge", "node"] })).toMatchObject({ blocks: [], caughtUp: true });
    for (const other of [{}, { types: ["Author"], ops: ["insert", "update"] as const }]) {
      await expect(library.graph.changes({ cursor, ...other })).rejects.toThrow(ChangeCursorRejectedError);
    }
  });

  test("CH-41 one position at most, and only ones that are", async () => {
    await using library = await ChangingGraph.create();
    const { cursor } = await library.graph.changes();
    await expect(library.graph.changes({ start: "now", cursor: must(cursor, "a cursor") })).rejects.toThrow(InvalidChangeRequestError);
    await expect(library.graph.changes({ start: "yesterday" as "now" })).rejects.toThrow(InvalidChangeRequestError);
    await expect(library.graph.changes({ start: "after:01JZ0W2M3XK7B1N5Q8R2T4W6YZ" })).rejects.toThrow(InvalidChangeRequestError);
    await expect(library.graph.changes({ branch: "nowhere" })).rejects.toThrow(BranchNotFoundError);
  });

  test("CH-46 CH-47 whatever is done to a token, it is rejected as a token", async () => {
    await using library = await ChangingGraph.create();
    await using other = await ChangingGraph.create();
    const { graphCommitId } = await library.load([book("a"), book("b"), book("c")]);
    const cursor = must((await library.graph.changes()).cursor, "a cursor");
    const page = must((await library.graph.changes({ start: "beginning", limit: 1 })).nextPageToken, "more");
    const commitPage = must((await library.graph.commitChanges(graphCommitId, { limit: 1 })).nextPageToken, "more");
    for (const token of [cursor, page, commitPage]) expect(token).toMatch(/^[A-Za-z0-9_-]{1,4096}$/);
    const reads = [
      (token: string): Promise<unknown> => library.graph.changes({ cursor: token }),
      (token: string): Promise<unknown> => library.graph.changes({ pageToken: token }),
      (token: string): Promise<unknown> => library.graph.commitChanges(graphCommitId, { pageToken: token }),
    ];
    const tokens = [cursor, page, commitPage];
    for (const [at, read] of reads.entries()) {
      for (const [kind, token] of tokens.entries()) if (kind !== at) await expect(read(token)).rejects.toThrow(ChangeCursorRejectedError);
    }
    await expect(other.graph.changes({ cursor })).rejects.toThrow(ChangeCursorRejectedError);
    await expect(library.graph.changes({ cursor: "A".repeat(4097) })).rejects.toThrow(ChangeCursorRejectedError);

    const replaced = fc.record({ at: fc.nat(400), by: fc.constantFrom("A", "Z", "a", "z", "0", "9", "-", "_", "+", "/", "=", " ", "é") }).map(({ at, by }) => (token: string) => token.slice(0, at % token.length) + by + token.slice((at % token.length) + 1));
    const cut = fc.nat(400).map((at) => (token: string) => token.slice(0, at % token.length));
    const grown = fc.string({ maxLength: 4 }).map((tail) => (token: string) => token + tail);
    // With a digest of its own, as somebody makes it who knows the format.
    const forged = fc.dictionary(fc.constantFrom("v", "k", "b", "a", "c", "t", "e", "p", "d"), fc.anything({ maxDepth: 2 }), { maxKeys: 5 }).map((changes) => (token: string) => {
      const bytes = Buffer.from(token, "base64url");
      const members = JSON.parse(bytes.subarray(0, -32).toString("utf8")) as Record<string, unknown>;
      const text = Buffer.from(JSON.stringify({ ...members, ...changes }, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)), "utf8");
      return Buffer.concat([text, createHash("sha256").update(text).digest()]).toString("base64url");
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.oneof(replaced, cut, grown, forged), async (kind, damage) => {
        const original = tokens[kind] as string;
        const token = damage(original);
        if (token === original) return;
        try {
          await (reads[kind] as (text: string) => Promise<unknown>)(token);
        } catch (error) {
          if (error instanceof ChangeCursorRejectedError) return;
          throw error;
        }
        // Accepted: then it says what some token of ours may say, which only who forges a digest can reach.
        const said = JSON.parse(Buffer.from(token, "base64url").subarray(0, -32).toString("utf8")) as Record<string, unknown>;
        const real = JSON.parse(Buffer.from(original, "base64url").subarray(0, -32).toString("utf8")) as Record<string, unknown>;
        expect([said["v"], said["k"], said["b"]]).toEqual([real["v"], real["k"], real["b"]]);
      }),
      { numRuns: 300 },
    );
  });
});
