import { describe, expect, test } from "vitest";
import { resultRows } from "../../src/read-result.js";
import type { ContractContext } from "./context.js";
import { failureOf } from "./failure.js";

const INSERT = "query add($name: String, $age: I32?) { insert Person { name: $name, age: $age } }";
const RENAME = "query rate($name: String, $age: I32) { update Person set { age: $age } where name = $name }";
const COUNT = "query n() { match { $p: Person } return { count($p) as n } }";

async function* streamed(...lines: readonly unknown[]): AsyncGenerator<Uint8Array> {
  // In two pieces that do not end where a line does.
  const bytes = Buffer.from(linesOf(lines));
  await Promise.resolve();
  yield bytes.subarray(0, bytes.length >> 1);
  yield bytes.subarray(bytes.length >> 1);
}

function linesOf(records: readonly unknown[]): string {
  return `${records.map((record) => (typeof record === "string" ? record : JSON.stringify(record))).join("\n")}\n`;
}

const person = (name: string, data: object = {}): object => ({ type: "Person", data: { name, ...data } });

export function describeWrites(context: ContractContext): void {
  const people = async (branch: string): Promise<unknown> => resultRows(await context.client.query({ source: COUNT, branch }))[0]?.["n"];

  describe("mutations", () => {
    test("the receipt is the commit that was made", async () => {
      const branch = await context.branch();
      const receipt = await context.client.mutate({ source: INSERT, params: { name: "eve", age: 3 }, branch });
      expect(receipt).toMatchObject({ branch, queryName: "add", affectedNodes: 1, affectedEdges: 0, actorId: context.provider.actorId });
      expect(receipt.commit).toEqual(await context.client.getCommit(receipt.commit?.graphCommitId ?? ""));
      expect(receipt.commit).toMatchObject({ graphBranch: branch, actorId: context.provider.actorId, mergedParentCommitId: null });
      expect(receipt.commit?.createdAt).toSatisfy(Number.isSafeInteger);
      expect(await people(branch)).toBe(5n);
      expect(await people("main")).toBe(4n);
    });

    test("what changes nothing makes no commit (MU-32)", async () => {
      const branch = await context.branch();
      expect(await context.client.mutate({ source: RENAME, params: { name: "nobody", age: 1 }, branch })).toMatchObject({ affectedNodes: 0, affectedEdges: 0, commit: null });
    });

    test("deleting a node takes its edges along", async () => {
      const branch = await context.branch();
      const receipt = await context.client.mutate({ source: 'query del() { delete Person where name = "bo" }', branch });
      expect(receipt).toMatchObject({ affectedNodes: 1, affectedEdges: 1 });
    });

    test("an identity that is taken is a conflict that says which", async () => {
      const branch = await context.branch();
      const insert = 'query link() { insert Knows { from: "ada", to: "nobody" } }';
      expect(await failureOf(context.client.mutate({ source: insert, branch }))).toMatchObject({ effects: "none", retryable: false });
      expect(await people(branch)).toBe(4n);
    });

    test("a unique property that is taken is refused, and nothing is written", async () => {
      const branch = await context.branch();
      const source = 'query add() { insert City { name: "bonn", code: "b" } }';
      expect(await failureOf(context.client.mutate({ source, branch }))).toMatchObject({ retryable: false, effects: "none" });
      expect((await context.client.listCommits({ branch })).length).toBe((await context.client.listCommits({})).length);
    });

    test("a read is no mutation", async () => {
      expect(await failureOf(context.client.mutate({ source: COUNT }))).toMatchObject({ code: "WRONG_QUERY_KIND", category: "invalid" });
    });

    test("writing to an unknown branch is refused", async () => {
      expect(await failureOf(context.client.mutate({ source: INSERT, params: { name: "x" }, branch: "nowhere" }))).toMatchObject({ code: "BRANCH_NOT_FOUND", category: "not_found" });
    });
  });

  describe("conditional writes (10.3)", () => {
    test("the commit id of a read is the condition of the write (10.3.3)", async () => {
      const branch = await context.branch();
      const { graphCommitId } = await context.client.query({ source: COUNT, branch });
      const receipt = await context.client.mutate({ source: INSERT, params: { name: "eve" }, branch, ifCommit: graphCommitId });
      expect(receipt.commit?.parentCommitId).toBe(graphCommitId);
    });

    test("a lost condition changes nothing and says where the head is", async () => {
      const branch = await context.branch();
      const { graphCommitId: expected } = await context.client.query({ source: COUNT, branch });
      const { commit } = await context.client.mutate({ source: INSERT, params: { name: "eve" }, branch });
      const failure = await failureOf(context.client.mutate({ source: INSERT, params: { name: "fay" }, branch, ifCommit: expected }));
      expect(failure).toMatchObject({ code: "PRECONDITION_FAILED", category: "precondition", retryable: false, effects: "none" });
      expect(failure.details).toEqual({ precondition_failure: { expected, actual: commit?.graphCommitId } });
      expect(await people(branch)).toBe(5n);
    });

    test("the condition is checked even where nothing would change", async () => {
      const branch = await context.branch();
      const stale = (await context.client.listCommits({ branch })).at(-1)?.graphCommitId;
      expect(await failureOf(context.client.mutate({ source: RENAME, params: { name: "nobody", age: 1 }, branch, ifCommit: stale }))).toMatchObject({ code: "PRECONDITION_FAILED" });
    });

    test("what is no commit id is refused", async () => {
      expect(await failureOf(context.client.mutate({ source: INSERT, params: { name: "x" }, ifCommit: "*" }))).toMatchObject({ category: "invalid" });
    });
  });

  describe("loads", () => {
    test("merge updates and inserts; the receipt counts by type", async () => {
      const branch = await context.branch();
      const input = streamed(person("ada", { age: 37 }), person("new"), { edge: "Knows", from: "new", to: "ada" });
      const receipt = await context.client.load({ input, mode: "merge", branch });
      expect(receipt).toMatchObject({
        branch, baseBranch: null, branchCreated: false, mode: "merge", totalEntities: 3, actorId: context.provider.actorId,
        nodes: [{ name: "Person", entitiesLoaded: 2 }], edges: [{ name: "Knows", entitiesLoaded: 1 }],
      });
      expect(receipt.commit).toEqual(await context.client.getCommit(receipt.commit.graphCommitId));
      expect(await people(branch)).toBe(5n);
    });

    test("append refuses an identity that exists, by name, and writes nothing", async () => {
      const branch = await context.branch();
      const failure = await failureOf(context.client.load({ input: linesOf([person("new"), person("ada")]), mode: "append", branch }));
      expect(failure).toMatchObject({ code: "KEY_CONFLICT", category: "conflict", retryable: false, effects: "none" });
      expect(failure.details).toMatchObject({ entity_kind: "node", type_name: "Person", entity_id: "ada" });
      expect(await people(branch)).toBe(4n);
    });

    test("append adds", async () => {
      const branch = await context.branch();
      await context.client.load({ input: linesOf([person("x1"), person("x2")]), mode: "append", branch });
      expect(await people(branch)).toBe(6n);
    });

    test("overwrite replaces the types that are named, and no others", async () => {
      const branch = await context.branch();
      const receipt = await context.client.load({ input: new TextEncoder().encode(linesOf([{ type: "City", data: { name: "rome" } }, { edge: "LivesIn", from: "bo", to: "rome" }])), mode: "overwrite", branch });
      expect(receipt.mode).toBe("overwrite");
      expect(await people(branch)).toBe(4n);
      const cities = resultRows(await context.client.query({ source: "query c() { match { $c: City } return { $c.name as name } }", branch }));
      expect(cities.map((row) => row["name"])).toEqual(["rome"]);
    });

    test("a missing branch is created from its base (14.1.2)", async () => {
      const branch = "loaded/new";
      const receipt = await context.client.load({ input: linesOf([person("new")]), mode: "merge", branch, base: "main" });
      expect(receipt).toMatchObject({ branch, baseBranch: "main", branchCreated: true });
      expect(await people(branch)).toBe(5n);
      const again = await context.client.load({ input: linesOf([person("newer")]), mode: "merge", branch, base: "nowhere" });
      expect(again).toMatchObject({ branchCreated: false, baseBranch: "nowhere" });
    });

    test("a missing branch without a base is not found", async () => {
      expect(await failureOf(context.client.load({ input: linesOf([person("new")]), mode: "merge", branch: "nowhere" }))).toMatchObject({ code: "BRANCH_NOT_FOUND", category: "not_found" });
    });

    test("64-bit integers go in and out exactly", async () => {
      const branch = await context.branch();
      await context.client.load({ input: '{"type":"Person","data":{"name":"big","big":-9223372036854775808}}', mode: "merge", branch });
      const rows = resultRows(await context.client.query({ source: 'query q() { match { $p: Person $p.name = "big" } return { $p.big as big } }', branch }));
      expect(rows[0]?.["big"]).toBe(-9223372036854775808n);
    });

    test.each([
      ["text that is no JSON", '{"type":"Person","data":{"name":"x"}}\n{"type":', /2|record/],
      ["an unknown type", '{"type":"Persn","data":{"name":"x"}}', /Persn/],
      ["an unknown property", '{"type":"Person","data":{"name":"x","agee":1}}', /agee/],
      ["a value of the wrong type", '{"type":"Person","data":{"name":"x","age":"young"}}', /age/],
      ["a required value that is null", '{"type":"Person","data":{"name":null}}', /name/],
      ["a member named twice", '{"type":"Person","data":{"name":"x","name":"y"}}', /name/],
      ["an edge whose end does not exist", '{"edge":"LivesIn","from":"ada","to":"atlantis"}', /atlantis/],
    ])("%s is refused, naming it (14.3.1)", async (_what, input, named) => {
      const failure = await failureOf(context.client.load({ input, mode: "merge" }));
      expect(failure).toMatchObject({ effects: "none", retryable: false });
      expect(`${failure.message} ${JSON.stringify(failure.details)}`).toMatch(named);
      expect(await people("main")).toBe(4n);
    });

    test("an input that fails ends the load with its own failure; nothing is written", async () => {
      const branch = await context.branch();
      const broken = new Error("the disk is gone");
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield Buffer.from(linesOf([person("x")]));
        await Promise.resolve();
        throw broken;
      }
      await expect(context.client.load({ input: failing(), mode: "merge", branch })).rejects.toBe(broken);
      expect(await people(branch)).toBe(4n);
    });

    test("a load that was aborted before it began writes nothing", async () => {
      const branch = await context.branch();
      expect(await failureOf(context.client.load({ input: streamed(person("x")), mode: "merge", branch, signal: AbortSignal.abort() }))).toMatchObject({ code: "CANCELLED" });
      expect(await people(branch)).toBe(4n);
    });
  });
}
