import fc from "fast-check";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { loadClusterHeader } from "../../src/config/load-cluster-header.js";
import { loadDesiredState } from "../../src/config/load-desired-state.js";
import { Diagnostics } from "../../src/diagnostics/cluster-diagnostic.js";
import { writeConfigDirectory } from "../../test-support/config-directory.js";
import { GRAPH_BUNDLE, QUERY, SCHEMA } from "./config-cases.js";

let temp: TempDir;
let directory: string;

beforeAll(async () => {
  temp = await makeTempDir();
  directory = temp.path;
  await writeConfigDirectory(directory, { files: { "s.pg": SCHEMA, "q.gq": QUERY, "q/x.gq": QUERY.replace("people", "x"), "b.yaml": GRAPH_BUNDLE } });
});
afterAll(() => temp[Symbol.asyncDispose]());

async function load(clusterYaml: string): Promise<{ readonly digest: string | undefined; readonly diagnostics: Diagnostics }> {
  await writeConfigDirectory(directory, { clusterYaml });
  const diagnostics = new Diagnostics();
  const desired = await loadDesiredState(directory, diagnostics);
  return { digest: desired?.configDigest, diagnostics };
}

const CONFIG = {
  version: 1,
  metadata: { name: "depot" },
  storage: "state",
  state: { backend: "cluster", lock: true },
  providers: { embedding: { main: { kind: "openai", model: "m", api_key: "${KEY}" }, spare: { kind: "mock" } } },
  graphs: {
    orders: { schema: "s.pg", queries: ["q.gq", "q/"], embedding_provider: "main", external_blobs: { allow: [{ base: "s3://a", scope: "server_safe" }] } },
    fleet: { schema: "s.pg", queries: { people: { file: "q.gq" } } },
  },
  policies: { team: { file: "b.yaml", applies_to: ["orders", "fleet"] } },
};

/** The keys of every mapping in another order. */
function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => ({ key, item: shuffled(item, random), at: random() }));
  return Object.fromEntries(entries.sort((a, b) => a.at - b.at).map(({ key, item }) => [key, item]));
}

describe("cluster.md §3.4: the digest of a configuration", () => {
  test("§18.2.2: comments, key order, white space and quotes do not matter", async () => {
    const { digest } = await load(stringify(CONFIG));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), fc.boolean(), fc.integer({ min: 1, max: 8 }), fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE"), async (stream, isFlow, indent, quotes) => {
        const text = stringify(shuffled(CONFIG, () => stream.next().value), { indent, collectionStyle: isFlow ? "flow" : "any", defaultStringType: quotes as "PLAIN", defaultKeyType: quotes as "PLAIN" });
        const { digest: other, diagnostics } = await load(`# a comment\n\n${text.replaceAll(",\n", ",  # another\n")}\n# the end\n`);
        expect(diagnostics.list()).toEqual([]);
        expect(other).toBe(digest);
      }),
      { numRuns: 40 },
    );
  });

  test("defaults that are spelled out do not matter", async () => {
    const { state: _, ...rest } = CONFIG;
    expect((await load(stringify(rest))).digest).toBe((await load(stringify(CONFIG))).digest);
  });

  test.each([
    ["the name", { ...CONFIG, metadata: { name: "other" } }],
    ["the storage root", { ...CONFIG, storage: "other" }],
    ["the lock", { ...CONFIG, state: { lock: false } }],
    ["a provider", { ...CONFIG, providers: { embedding: { ...CONFIG.providers.embedding, spare: { kind: "mock", model: "x" } } } }],
    ["what a graph embeds with", { ...CONFIG, graphs: { ...CONFIG.graphs, fleet: { ...CONFIG.graphs.fleet, embedding_provider: "spare" } } }],
    ["a graph", { ...CONFIG, graphs: { ...CONFIG.graphs, more: { schema: "s.pg" } } }],
    ["queries", { ...CONFIG, graphs: { ...CONFIG.graphs, orders: { ...CONFIG.graphs.orders, queries: ["q.gq"] } } }],
    ["a base", { ...CONFIG, graphs: { ...CONFIG.graphs, orders: { ...CONFIG.graphs.orders, external_blobs: { allow: [] } } } }],
    ["targets of a policy", { ...CONFIG, policies: { team: { file: "b.yaml", applies_to: ["orders"] } } }],
  ])("%s matters", async (_, config) => {
    const { digest, diagnostics } = await load(stringify(config));
    expect(diagnostics.list()).toEqual([]);
    expect(digest).not.toBe((await load(stringify(CONFIG))).digest);
  });

  test("it does not depend on where the directory lies", async () => {
    const { digest } = await load(stringify(CONFIG));
    directory = `${temp.path}/elsewhere`;
    await writeConfigDirectory(directory, { files: { "s.pg": SCHEMA, "q.gq": QUERY, "q/x.gq": QUERY.replace("people", "x"), "b.yaml": GRAPH_BUNDLE } });
    expect((await load(stringify(CONFIG))).digest).toBe(digest);
  });
});

const SNIPPETS = ["\n", "  ", "\t", ":", ": ", "- ", "{", "}", "[", "]", '"', "'", "|", ">", "&a ", "*a", "!!str ", "<<: ", "? ", "#", "---\n", "...\n", "%YAML 1.1\n", "\0", "\uFEFF", "\u2028", "\ud800", "null", "~", "5", "true", "graphs", "version", "streaming: x\n", "apply: x\n", "applies_to", "graph.orders", "../", "/dev/zero", "/dev/stdin", "s3://", "file:///tmp", "${KEY}", "__proto__", "constructor", "toString"];

/** A piece of text cut out, doubled or replaced. */
const mutation = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat({ max: 30 }), insert: fc.oneof(fc.constantFrom(...SNIPPETS), fc.string({ maxLength: 8, unit: "grapheme" }), fc.constant("twice")) });

describe("no text of cluster.yaml is too strange", () => {
  const text = stringify(CONFIG);

  test("mutated files never throw: either nothing is wrong, or findings with a place within the file", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
        let mutated = text;
        for (const { at, length, insert } of mutations) {
          const start = Math.floor(at * mutated.length);
          const piece = mutated.slice(start, start + length);
          mutated = mutated.slice(0, start) + (insert === "twice" ? piece + piece : insert) + mutated.slice(start + length);
        }
        const { digest, diagnostics } = await load(mutated);
        const found = diagnostics.list();
        expect(digest === undefined).toBe(diagnostics.hasErrors);
        for (const { path, message, place } of found) {
          expect(path).not.toBe("");
          expect(message).not.toMatch(/undefined|\[object|\n/);
          expect(place?.file.startsWith(directory) || place?.file.startsWith("/dev/")).toBe(true);
          expect(place?.line).toBeGreaterThan(0);
          expect(place?.column).toBeGreaterThan(0);
          if (place?.file.endsWith("cluster.yaml")) expect(place.line).toBeLessThanOrEqual(mutated.split("\n").length);
        }
        const header = new Diagnostics();
        const isHeader = (await loadClusterHeader(directory, header)) !== undefined;
        expect(isHeader).toBe(!header.hasErrors);
        if (digest !== undefined) expect(isHeader).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["lists nested very deeply", "[".repeat(100_000)],
    ["mappings nested very deeply", Array.from({ length: 2_000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n")],
    ["aliases of aliases", `a: &a [x, x, x]\n${Array.from({ length: 60 }, (_, index) => `k${index}: &${"b".repeat(index + 1)} [${`*${index === 0 ? "a" : "b".repeat(index)}, `.repeat(9)}]`).join("\n")}\n`],
    ["an alias of itself", "version: 1\ngraphs: &a { b: *a }\n"],
    ["a great many keys", Array.from({ length: 20_000 }, (_, index) => `key${index}: ${index}`).join("\n")],
    ["a great many graphs without a schema", `version: 1\ngraphs:\n${Array.from({ length: 5_000 }, (_, index) => `  g${index}: {}`).join("\n")}`],
  ])("%s", async (_, yaml) => {
    const { diagnostics } = await load(yaml);
    expect(diagnostics.hasErrors).toBe(true);
    expect(new Set(diagnostics.list().map(({ code }) => code))).toEqual(new Set(["invalid_cluster_yaml"]));
  });
});
