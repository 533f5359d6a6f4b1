import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseEnvFile, readEnvFile } from "./env-file.js";
import { LegacyFileError } from "./errors.js";
import { selectLegacyGraph } from "./legacy-selection.js";
import { parseLegacyFile, readLegacyFile } from "./parse-legacy-file.js";

const FULL = `
project: { name: harbor }
graphs:
  my.orders:
    uri: ./orders.omni
    bearer_token_env: ORDERS_TOKEN
    policy: { file: policies/orders.yaml }
    queries:
      late: { file: queries/late.gq, mcp: { expose: false, tool_name: late_orders } }
      early: { file: /queries/early.gq }
  far: { uri: s3://bucket/far.omni }
server: { graph: my.orders, bind: 127.0.0.1:9000, policy: { file: policies/server.yaml } }
auth: { env_file: .env }
cli: { graph: far, branch: review, output_format: kv, table_max_column_width: 40, table_cell_layout: wrap, actor: act-mira }
query: { roots: [queries, /shared] }
aliases:
  add: { command: change, query: add.gq, name: add_order, args: [ref], graph: far, branch: b, format: json }
  all: { command: read, query: all.gq }
`;

describe("the combined file (operator configuration §10)", () => {
  test("10.2, cli 5.6.2 every key, paths as 10.3 says", () => {
    const file = parseLegacyFile("/base/omnigraph.yaml", FULL);
    expect(file.graphs.get("my.orders")).toEqual({
      uri: { written: "./orders.omni", resolved: "/base/orders.omni" },
      bearerTokenEnv: "ORDERS_TOKEN",
      policyFile: { written: "policies/orders.yaml", resolved: "/base/policies/orders.yaml" },
      queries: new Map([
        ["late", { file: { written: "queries/late.gq", resolved: "/base/queries/late.gq" }, isExposed: false, toolName: "late_orders" }],
        ["early", { file: { written: "/queries/early.gq", resolved: "/queries/early.gq" }, isExposed: true, toolName: undefined }],
      ]),
    });
    expect(file.graphs.get("far")?.uri.resolved).toBe("s3://bucket/far.omni");
    expect(file.cli).toEqual({ graph: "far", branch: "review", outputFormat: "kv", tableMaxColumnWidth: 40, tableCellLayout: "wrap", actor: "act-mira" });
    expect(file.queryRoots.map(({ resolved }) => resolved)).toEqual(["/base/queries", "/shared"]);
    expect([...file.aliases].map(([name, { command, args }]) => [name, command, args])).toEqual([
      ["add", "mutate", ["ref"]],
      ["all", "query", []],
    ]);
    expect(file.unknownKeys).toEqual([]);
  });

  test("10.2 unknown keys are ignored and listed; empty ones are absent", () => {
    const file = parseLegacyFile("/base/omnigraph.yaml", "colour: red\ngraphs: {g: {uri: g.omni, shape: {size: 1}}}\ncli:\nserver: {bind: ''}\naliases: {}\n");
    expect(file.unknownKeys).toEqual(["colour", "graphs.g.shape.size"]);
    expect(file.server.bind).toBeUndefined();
    expect(file.cli.graph).toBeUndefined();
  });

  test.each([
    ["graphs: [", /omnigraph\.yaml: .*line 1/s],
    ["graphs: [a]", /'graphs' must be a mapping/],
    ["graphs: {g: {}}", /'graphs\.g\.uri' is missing/],
    ["cli: {branch: 7}", /'cli\.branch' must be a string/],
    ["cli: {table_max_column_width: wide}", /'cli\.table_max_column_width' must be an integer/],
    ["aliases: {a: {command: drop, query: a.gq}}", /'aliases\.a\.command' must be one of/],
    ["query: {roots: queries}", /'query\.roots' must be a list of strings/],
    ["- a", /must be a mapping/],
    ["a: &a [*a]\nb: *a", /refers to itself/],
    ["a: &a {x: *a}", /refers to itself/],
    [`a0: &a0 [x]\n${Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}]\n`).join("")}`, /without bound/],
    ["a: 1\na: 2", /unique/],
  ])("10.2 a wrong file is an error naming it: %s", (text, message) => {
    expect(() => parseLegacyFile("/base/omnigraph.yaml", text)).toThrow(message);
    expect(() => parseLegacyFile("/base/omnigraph.yaml", text)).toThrow(/^\/base\/omnigraph\.yaml: /);
  });

  test("10.2 whatever stands in the file, the result is a file or an error that names it", () => {
    const words = fc.constantFrom("graphs", "uri", "./g.omni", "policy", "file", "queries", "mcp", "expose", "server", "cli", "aliases", "query", "roots", "command", "read", "args", "__proto__", "g");
    const { value } = fc.letrec((tie) => ({ value: fc.oneof({ depthSize: "small" }, words, fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(words, tie("value"), { maxKeys: 4 })) }));
    const noise = fc.array(fc.constantFrom("graphs", ": ", "\n", "  ", "- ", "{", "}", "[", "]", "&a ", "*a", "'", "? ", "<<", "\t", "~"), { maxLength: 30 }).map((tokens) => tokens.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(words, value).map((document) => stringify(document)), noise), (text) => {
        try {
          expect(parseLegacyFile("/base/omnigraph.yaml", text).directory).toBe("/base");
        } catch (error) {
          expect(error).toBeInstanceOf(LegacyFileError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("10.4, cli 5.6.3 a named graph refuses top-level policy and queries", () => {
    const graphs = "graphs: {g: {uri: g.omni}}\n";
    expect(selectLegacyGraph(parseLegacyFile("o.yaml", graphs), "g").uri.written).toBe("g.omni");
    expect(() => selectLegacyGraph(parseLegacyFile("o.yaml", graphs), "h")).toThrow("graphs: g");
    expect(() => selectLegacyGraph(parseLegacyFile("o.yaml", `${graphs}policy: {file: p.yaml}`), "g")).toThrow("'policy'");
    expect(() => selectLegacyGraph(parseLegacyFile("o.yaml", `${graphs}queries: {q: {file: q.gq}}`), "g")).toThrow("'queries'");
    expect(selectLegacyGraph(parseLegacyFile("o.yaml", `${graphs}queries: {}\npolicy:`), "g").queries.size).toBe(0);
  });

  test("10.6 lines of an env file", () => {
    const text = "# c\n\nA=1\nexport B = 'two words'\r\nC=\"x\"\nA=9\nnot a line\nD=\nE=a=b\n";
    expect([...parseEnvFile(text)]).toEqual([["A", "1"], ["B", "two words"], ["C", "x"], ["D", ""], ["E", "a=b"]]);
  });
});

describe("files", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "omnigraph-legacy-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("a missing file is none, an unreadable one an error", async () => {
    expect(await readLegacyFile(join(folder, "absent.yaml"))).toBeUndefined();
    await expect(readLegacyFile(folder)).rejects.toThrow("EISDIR");
    writeFileSync(join(folder, "bytes.yaml"), Buffer.from([0xff, 0xfe, 0x41]));
    await expect(readLegacyFile(join(folder, "bytes.yaml"))).rejects.toThrow("not valid UTF-8");
  });

  test("10.6 a missing env file is ignored", async () => {
    expect((await readEnvFile(join(folder, ".env"))).size).toBe(0);
  });
});
