import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startEmbeddingServer } from "@omnigraphdb/testkit";
import { beforeEach, afterEach, describe, expect, test } from "vitest";
import { emptyLibrary, type Library } from "./library.js";

const MOCK = { OMNIGRAPH_EMBEDDINGS_MOCK: "1" };
const SPEC = '{"dimension": 3, "types": {"Doc": {"target": "vec", "fields": ["title", "body"]}}}';
const RECORDS = [
  '{"type":"Doc","data":{"slug":"a","title":"Whales"}}',
  '{"type":"Doc","data":{"slug":"b","title":"Ships","vec":[1,0,0]}}',
  '{"type":"Doc","data":{"slug":"c"}}',
  '{"edge":"Cites","from":"a","to":"b"}',
];

let library: Library;

beforeEach(() => {
  library = emptyLibrary();
  library.write("docs.jsonl", `${RECORDS.join("\n")}\n`);
  library.write("spec.json", SPEC);
});
afterEach(() => library[Symbol.dispose]());

const FILES = ["embed", "--input", "docs.jsonl", "--output", "out.jsonl", "--spec", "spec.json"];

function output(name = "out.jsonl"): readonly string[] {
  return readFileSync(join(library.directory, name), "utf8").trimEnd().split("\n");
}

describe("embed", () => {
  test("§10.23 adds missing vectors and prints a summary", async () => {
    const { stdout, stderr, exitCode } = await library.run([...FILES, "--json"], { env: { ...MOCK, OMNIGRAPH_EMBED_MODEL: "demo" } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(JSON.parse(stdout)).toEqual({
      input: "docs.jsonl",
      output: "out.jsonl",
      records: 4,
      selected_records: 3,
      embedded_records: 1,
      cleaned_records: 0,
      mode: "fill_missing",
      dimension: 3,
      model: "demo",
    });
    expect(output().slice(1)).toEqual(RECORDS.slice(1));
    expect(JSON.parse(output()[0] ?? "")).toMatchObject({ data: { slug: "a", vec: [expect.any(Number), expect.any(Number), expect.any(Number)] as unknown } });
  });

  test.each([
    { flags: ["--reembed-all"], mode: "reembed_all", selected: 3, embedded: 2 },
    { flags: ["--reembed_all"], mode: "reembed_all", selected: 3, embedded: 2 },
    { flags: ["--select", "slug=b"], mode: "reembed_selected", selected: 1, embedded: 1 },
    { flags: ["--select", "Doc:slug=b", "--select", "title=Whales"], mode: "reembed_selected", selected: 2, embedded: 2 },
    { flags: ["--type", "Doc"], mode: "fill_missing", selected: 3, embedded: 1 },
  ])("EM-31 $flags", async ({ flags, mode, selected, embedded }) => {
    const { stdout } = await library.run([...FILES, ...flags, "--json"], { env: MOCK });
    expect(JSON.parse(stdout)).toMatchObject({ mode, selected_records: selected, embedded_records: embedded });
  });

  test("EM-31 --clean removes vectors and needs no provider", async () => {
    const stdout = await library.succeed(...FILES, "--clean");
    expect(stdout).toBe("wrote out.jsonl (clean): 4 records, 3 selected, 0 embedded, 1 cleaned\n");
    expect(output()[1]).toBe('{"type":"Doc","data":{"slug":"b","title":"Ships"}}');
  });

  test("EM-30 --seed takes everything from a manifest", async () => {
    library.write("seed.yaml", `sources:\n  raw_seed: ./docs.jsonl\nembeddings: ${SPEC}\n`);
    expect(await library.run(["embed", "--seed", "seed.yaml"], { env: MOCK })).toMatchObject({ exitCode: 0 });
    expect(output("build/seed.embedded.jsonl")).toHaveLength(4);
    await library.run(["embed", "--seed", "seed.yaml", "--output", "elsewhere.jsonl"], { env: MOCK });
    expect(output("elsewhere.jsonl")).toEqual(output("build/seed.embedded.jsonl"));
  });

  test.each([
    { argv: ["embed"], message: "embed needs --seed, or --input, --output and --spec" },
    { argv: ["embed", "--input", "docs.jsonl", "--output", "o"], message: "embed needs --seed, or --input, --output and --spec" },
    { argv: ["embed", "--seed", "s", "--spec", "x"], message: "cannot be used with" },
    { argv: [...FILES, "--clean", "--reembed-all"], message: "cannot be used with" },
    { argv: ["embed", "--input", "docs.jsonl", "--output", "-", "--spec", "spec.json"], message: "--output does not write to stdout" },
    { argv: [...FILES, "--store", "g.omni"], message: "does not take --store" },
  ])("$argv is a usage error", async ({ argv, message }) => {
    const { exitCode, stderr } = await library.run(argv, { env: MOCK });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  test.each([
    { change: ["spec.json", "{"], argv: FILES, message: "--spec 'spec.json' is not JSON" },
    { change: ["spec.json", "{}"], argv: FILES, message: "spec.dimension must be a whole number from 1" },
    { change: ["docs.jsonl", "nonsense"], argv: FILES, message: "line 1: invalid JSON" },
    { change: ["x", ""], argv: [...FILES, "--select", "slug"], message: "'slug' is no selector" },
    { change: ["x", ""], argv: ["embed", "--input", "none.jsonl", "--output", "o", "--spec", "spec.json"], message: "none.jsonl" },
  ] as const)("$argv with $change fails and writes nothing", async ({ change: [name, content], argv, message }) => {
    library.write(name, content);
    const { exitCode, stderr } = await library.run(argv, { env: MOCK });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining(message) as unknown });
    expect(existsSync(join(library.directory, "out.jsonl"))).toBe(false);
  });

  test("EM-4 EM-11 without a key names the variables; a provider's failure does not show the key", async () => {
    const missing = await library.run(FILES, { env: {} });
    expect(missing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("OPENROUTER_API_KEY or OPENAI_API_KEY is not set") as unknown });
    await using server = await startEmbeddingServer();
    server.injectFaults(() => ({ kind: "status", status: 401, text: '{"error":{"message":"bad key sk-secret"}}' }));
    const refused = await library.run(FILES, { env: { OMNIGRAPH_EMBED_BASE_URL: server.baseUrl, OPENAI_API_KEY: "sk-secret", OMNIGRAPH_DEBUG: "1" } });
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("HTTP 401: bad key …") as unknown });
    expect(refused.stderr).not.toContain("sk-secret");
  });

  test("EM-3 warns when the mock replaces a configured provider", async () => {
    const { stderr, exitCode } = await library.run(FILES, { env: { ...MOCK, OMNIGRAPH_EMBED_PROVIDER: "openai" } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "warning: OMNIGRAPH_EMBEDDINGS_MOCK replaces embedding provider 'openai' by the mock\n" });
  });
});

describe("a graph with embedded texts", () => {
  const SCHEMA = 'node Doc {\n  slug: String @key\n  title: String?\n  vec: Vector(16)? @embed("title", model="demo") @index\n}\nedge Cites: Doc -> Doc\n';
  const NEAREST = "query near($q: String) { match { $d: Doc } return { $d.slug, $d.title } order { nearest($d.vec, $q) } limit 1 }";
  const demo = { ...MOCK, OMNIGRAPH_EMBED_MODEL: "demo" };
  const load = ["load", "g.omni", "--data", "titles.jsonl", "--mode", "append", "--embed", "missing"];

  beforeEach(async () => {
    library.write("doc.pg", SCHEMA);
    library.write("titles.jsonl", ["Whales", "Ships", "Storms"].map((title) => `{"type":"Doc","data":{"slug":"${title.toLowerCase()}","title":"${title}"}}`).join("\n"));
    library.write("near.gq", NEAREST);
    await library.succeed("init", "--schema", "doc.pg", "g.omni");
  });

  test("EM-40 load --embed missing computes vectors that a query by text finds", async () => {
    expect(await library.run(load, { env: demo })).toMatchObject({ exitCode: 0 });
    for (const title of ["Whales", "Storms"]) {
      const { stdout, stderr } = await library.run(["query", "near", "--store", "g.omni", "--query", "near.gq", "--params", JSON.stringify({ q: title }), "--json"], { env: demo });
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toMatchObject({ rows: [{ "d.slug": title.toLowerCase(), "d.title": title }] });
    }
  });

  test("EM-1 a query that embeds nothing needs no configuration", async () => {
    await library.run(load, { env: demo });
    const broken = { OMNIGRAPH_EMBED_PROVIDER: "no such" };
    expect(await library.run(["query", "--store", "g.omni", "-e", "query all() { match { $d: Doc } return { count($d) as n } }"], { env: broken })).toMatchObject({ exitCode: 0 });
    const text = await library.run(["query", "near", "--store", "g.omni", "--query", "near.gq", "--params", '{"q":"x"}'], { env: broken });
    expect(text).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("unknown embedding provider 'no such' (expected openai-compatible|openai|gemini|mock)") as unknown });
  });

  test("EM-4 EM-20 another model than the recorded one is refused, for loads and for queries", async () => {
    const other = { ...MOCK, OMNIGRAPH_EMBED_MODEL: "newer" };
    const message = "vectors of Doc.vec are recorded as of model 'demo', and the configured embedding model is 'newer'";
    expect((await library.run(load, { env: other })).stderr).toContain(message);
    expect(await library.succeed("export", "g.omni")).toBe("");
    await library.run(load, { env: demo });
    expect((await library.run(["query", "near", "--store", "g.omni", "--query", "near.gq", "--params", '{"q":"x"}'], { env: other })).stderr).toContain(message);
  });

  test("EM-42 a load that does not ask for it embeds nothing", async () => {
    expect(await library.run(load.slice(0, -2), { env: { OMNIGRAPH_EMBED_PROVIDER: "no such" } })).toMatchObject({ exitCode: 0 });
    expect((await library.succeed("export", "g.omni")).match(/"vec":null/g)).toHaveLength(3);
  });

  test("a provider that fails leaves the graph as it was", async () => {
    await using server = await startEmbeddingServer();
    server.injectFaults(() => ({ kind: "status", status: 400, text: '{"error":{"message":"too long"}}' }));
    const { exitCode, stderr } = await library.run(load, { env: { OMNIGRAPH_EMBED_BASE_URL: server.baseUrl, OMNIGRAPH_EMBED_MODEL: "demo" } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining("embedding provider 'openai-compatible' failed: HTTP 400: too long") as unknown });
    expect(await library.succeed("export", "g.omni")).toBe("");
  });
});
