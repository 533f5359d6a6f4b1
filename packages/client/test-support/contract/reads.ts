import { describe, expect, test } from "vitest";
import type { Cell, ReadResult } from "../../src/read-result.js";
import { resultRows } from "../../src/read-result.js";
import type { ContractContext } from "./context.js";
import { failureOf } from "./failure.js";

const ALL = "query all() { match { $p: Person } return { $p.name as name, $p.age as age } order { $p.name asc } }";
const ONE = "query one($name: String) { match { $p: Person $p.name = $name } return { $p.name as name, $p.big as big } }";
const NOBODY = 'query nobody() { match { $p: Person $p.name = "nobody" } return { $p.name as name } }';

function cells(result: ReadResult): readonly (readonly Cell[])[] {
  return Array.from({ length: result.rowCount }, (_, row) => result.columns.map((_name, column) => result.cell(row, column)));
}

export function describeReads(context: ContractContext): void {
  describe("reads", () => {
    test("rows come in order, integers as bigint", async () => {
      const result = await context.client.query({ source: ALL });
      expect(result).toMatchObject({ queryName: "all", target: { branch: "main", snapshot: null }, rowCount: 4, columns: ["name", "age"] });
      expect(cells(result)).toEqual([["ada", 36n], ["bo", 20n], ['cy/é "q"', null], ["dee", -7n]]);
    });

    test("every type keeps its value, floats that are whole stay floats (1.7)", async () => {
      const source = `query types($name: String) { match { $p: Person $p.name = $name }
        return { $p.big, $p.height, $p.tags, $p.born, $p.seen, $p.isActive, $p.mood } }`;
      const [ada] = cells(await context.client.query({ source, params: { name: "ada" } }));
      expect(ada).toEqual([null, 1.5, ["x", "ünïcode 🐢"], "1815-12-10", "2024-05-06T07:08:09.010Z", true, "calm"]);
      const [bo] = cells(await context.client.query({ source, params: { name: "bo" } }));
      expect(bo).toEqual([null, 2, [], null, null, false, null]);
      const [dee] = cells(await context.client.query({ source, params: { name: "dee" } }));
      expect(dee?.slice(0, 2)).toEqual([9223372036854775807n, -0]);
    });

    test("column names are variable.property without an alias; duplicates are listed (RS-3)", async () => {
      const result = await context.client.query({ source: 'query q() { match { $p: Person $p.name = "ada" } return { $p.name, $p.name as n, $p.age as n } }' });
      expect(result.columns).toEqual(["p.name", "n", "n"]);
      expect([0, 1, 2].map((column) => result.cell(0, column))).toEqual(["ada", "ada", 36n]);
      expect(resultRows(result).map((row) => ({ ...row }))).toEqual([{ "p.name": "ada", n: 36n }]);
    });

    test("resultRows can give safe integers as numbers, and keeps larger ones", async () => {
      const rows = resultRows(await context.client.query({ source: "query q() { match { $p: Person } return { $p.age as age, $p.big as big } order { $p.name desc } limit 1 }" }), { integers: "number" });
      expect({ ...rows[0] }).toEqual({ age: -7, big: 9223372036854775807n });
    });

    test("aggregates, traversals and empty results", async () => {
      const count = await context.client.query({ source: "query q() { match { $a: Person $a knows $b } return { $a.name as a, $b.name as b, count($b) as n } }" });
      expect(cells(count)).toEqual([["ada", "bo", 1n]]);
      const none = await context.client.query({ source: NOBODY });
      expect(none).toMatchObject({ rowCount: 0, columns: ["name"] });
    });

    test("64-bit integers go in as bigint and as decimal text (20.3)", async () => {
      const source = "query q($n: I64) { match { $p: Person $p.big = $n } return { $p.name as name } }";
      for (const n of [9223372036854775807n, "9223372036854775807"]) expect(cells(await context.client.query({ source, params: { n } }))).toEqual([["dee"]]);
      expect(cells(await context.client.query({ source, params: { n: 9223372036854775806n } }))).toEqual([]);
    });

    test("names with quotes, slashes and accents are found by parameter", async () => {
      expect(cells(await context.client.query({ source: ONE, params: { name: 'cy/é "q"' } }))).toEqual([['cy/é "q"', null]]);
    });

    test("parameters that are not declared are ignored, `__proto__` among them (20.3.5)", async () => {
      const params = JSON.parse('{"name":"bo","__proto__":"x","other":1}') as unknown;
      expect(cells(await context.client.query({ source: ONE, params }))).toEqual([["bo", null]]);
    });

    test("a source with several queries needs a name", async () => {
      const source = `${ALL}\n${NOBODY}`;
      expect((await context.client.query({ source, name: "nobody" })).queryName).toBe("nobody");
      expect(await failureOf(context.client.query({ source }))).toMatchObject({ category: "invalid", retryable: false, effects: "none" });
      expect((await failureOf(context.client.query({ source, name: "third" }))).message).toContain("third");
    });

    test("a commit id reads that version, whose id is in the result", async () => {
      const { graphCommitId } = await context.client.query({ source: ALL });
      const commits = await context.client.listCommits({});
      expect(graphCommitId).toBe(commits[0]?.graphCommitId);
      const first = commits.at(-1)?.graphCommitId ?? "";
      const empty = await context.client.query({ source: ALL, snapshot: first });
      expect(empty).toMatchObject({ rowCount: 0, target: { branch: null, snapshot: first }, graphCommitId: first });
    });

    test("a text that does not parse is refused with its place", async () => {
      const failure = await failureOf(context.client.query({ source: "query q() { match { $p: Person } return { " }));
      expect(failure).toMatchObject({ category: "invalid", retryable: false });
      expect(failure.message).not.toBe("");
    });

    test.each([
      ["an unknown type", "query q() { match { $p: Persn } return { $p.name } }", /Persn/],
      ["an unknown property", "query q() { match { $p: Person } return { $p.nme } }", /nme/],
      ["a parameter of the wrong type", ONE, /name/],
    ])("%s is refused, naming it", async (_what, source, named) => {
      const failure = await failureOf(context.client.query({ source, params: { name: 7 } }));
      expect(failure).toMatchObject({ category: "invalid", retryable: false, effects: "none" });
      expect(JSON.stringify([failure.message, failure.details])).toMatch(named);
    });

    test("a parameter that is missing is refused, naming it (20.3.4)", async () => {
      expect((await failureOf(context.client.query({ source: ONE }))).message).toContain("name");
    });

    test("an unknown branch and an unknown snapshot are not found", async () => {
      expect(await failureOf(context.client.query({ source: ALL, branch: "nowhere" }))).toMatchObject({
        code: "BRANCH_NOT_FOUND", category: "not_found", message: "branch 'nowhere' not found",
      });
      expect(await failureOf(context.client.query({ source: ALL, snapshot: "01J8Z5W6T4Q8M3N2K1H0G9F8E7" }))).toMatchObject({ category: "not_found" });
    });

    test("a mutation is no query", async () => {
      expect(await failureOf(context.client.query({ source: 'query q() { insert City { name: "x" } }' }))).toMatchObject({ code: "WRONG_QUERY_KIND", category: "invalid" });
    });

    test("an aborted signal cancels before anything happens", async () => {
      expect(await failureOf(context.client.query({ source: ALL, signal: AbortSignal.abort() }))).toMatchObject({ code: "CANCELLED", category: "cancelled", effects: "none" });
    });

    test("explain shows the plan; analyze measures it", async () => {
      const plan = await context.client.explain({ source: ONE, params: { name: "ada" }, analyze: false });
      expect(plan).toMatchObject({ queryName: "one", target: { branch: "main", snapshot: null }, measured: null });
      expect(plan.steps[0]).toMatchObject({ operator: "scan", variable: "p", type: "Person" });
      const measured = await context.client.explain({ source: ONE, params: { name: "ada" }, analyze: true });
      expect(measured.measured).toMatchObject({ rowCount: 1 });
      expect(measured.graphCommitId).toBe(plan.graphCommitId);
    });

    test("explain of a mutation is refused", async () => {
      expect(await failureOf(context.client.explain({ source: 'query q() { insert City { name: "x" } }', analyze: false }))).toMatchObject({ code: "MUTATION_NOT_EXPLAINED" });
    });
  });
}
