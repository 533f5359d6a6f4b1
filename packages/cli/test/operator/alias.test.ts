import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Home, personalHome, type Recorder, startRecorder } from "./home.js";

let home: Home;
let recorder: Recorder;
beforeEach(async () => {
  home = personalHome();
  recorder = await startRecorder();
  home.config(`
servers: { harbor: { url: '${recorder.url}' } }
aliases:
  late: { server: harbor, graph: orders/eu, query: late_shipments, args: [since, n], params: { limit: 25, since: never, big: 9223372036854775807 }, format: csv }
  bare: { server: harbor, query: late_shipments }
  lost: { server: nowhere, query: q }
  file: { server: harbor, query: queries/late.gq }
  numbered: { server: harbor, query: q, params: { 7: x } }
  empty: {}
`);
});
afterEach(async () => {
  home[Symbol.dispose]();
  await recorder[Symbol.asyncDispose]();
});

describe("alias (operator configuration §8)", () => {
  test("check 9, 8.4, 8.5: fixed parameters < positional < --params, every digit kept", async () => {
    const { exitCode, stdout, stderr } = await home.run(["alias", "late", "2026-07-01", "7", "--params", '{"n": 8, "x": 1.50}']);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "s.ref\nA-7\n", stderr: "" });
    expect(recorder.seen).toMatchObject([{ method: "POST", url: "/graphs/orders%2Feu/queries/late_shipments" }]);
    expect(recorder.seen[0]?.body).toContain("9223372036854775807");
    expect(JSON.parse(recorder.seen[0]?.body ?? "")).toMatchObject({ expect_mutation: false, params: { limit: 25, since: "2026-07-01", n: 8, x: 1.5 } });
  });

  test("8.4, 8.7 of the command line: arguments are JSON first, then text", async () => {
    for (const [argument, value] of [["7", 7], ["true", true], ['"7"', "7"], ["abc", "abc"], ["[1]", [1]], ["null", null], ["-1", -1]] as const) {
      await home.run(["alias", "late", "--", argument]);
      expect((JSON.parse(recorder.seen.at(-1)?.body ?? "") as { params: { since: unknown } }).params.since).toEqual(value);
    }
  });

  test("8.4 without graph and parameters: the bare server, no params member", async () => {
    const { stdout } = await home.run(["alias", "bare", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ query_name: "late_shipments", rows: [{ "s.ref": "A-7" }] });
    expect(recorder.seen).toMatchObject([{ url: "/queries/late_shipments", body: '{"expect_mutation":false}' }]);
  });

  test.each<[string, string[], string[]]>([
    ["unknown", ["alias", "lte"], ["'lte'", "bare, empty, file, late, lost, numbered"]],
    ["undefined server", ["alias", "lost"], ["'lost'", "'nowhere'", "harbor"]],
    ["too many arguments", ["alias", "late", "a", "b", "c", "d"], ["'late'", "since, n", "2"]],
    ["arguments of one that takes none", ["alias", "bare", "a"], ["'bare'", "no arguments", "1"]],
    ["a path as query", ["alias", "file"], ["'file'", "queries/late.gq", "catalog"]],
    ["a key that is no string", ["alias", "numbered"], ["'numbered'", "7"]],
    ["no server", ["alias", "empty"], ["'empty'", "server"]],
    ["parameters that are no object", ["alias", "bare", "--params", "[1]"], ["'bare'", "object"]],
    ["8.9 an address", ["alias", "late", "--server", "harbor", "--profile", "p"], ["--server, --profile"]],
  ])("8.6 %s is refused before any request", async (_name, argv, expected) => {
    const { exitCode, stdout, stderr } = await home.run(argv);
    expect(exitCode).toBeGreaterThan(0);
    expect(stdout).toBe("");
    for (const text of expected) expect(stderr).toContain(text);
    expect(recorder.seen).toEqual([]);
  });
});
