import { createAcceptedSchema } from "@omnigraphdb/compiler";
import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { type BlobReader, type BlobSelector, readBlob } from "../../src/blobs/read-blob.js";
import type { Graph } from "../../src/graph.js";
import type { ReadTarget } from "../../src/graph-api.js";
import { QueryGraph } from "../../test-support/query-graph.js";
import { contentOf, createGraph, failureOf, ndjson, type TestGraph } from "../load/load-fixture.js";

const SCHEMA = "node Doc {\n  name: String @key\n  title: String?\n  file: Blob?\n  other: Blob?\n}\nedge Cites: Doc -> Doc { scan: Blob }\n";
const MIB = 1024 * 1024;
const LARGE = Buffer.from(Uint8Array.from({ length: 5 * MIB }, (_, i) => (i * 31) % 251));

const doc = (name: string, file: Buffer | null, title?: string): object => ({ type: "Doc", data: { name, title: title ?? null, file: file === null ? null : blob(file) } });
const blob = (bytes: Uint8Array): string => `base64:${Buffer.from(bytes).toString("base64")}`;
const at = (id: string, property = "file", entity: "node" | "edge" = "node"): BlobSelector => ({ entity, type: entity === "node" ? "Doc" : "Cites", id, property });

async function created(): Promise<TestGraph> {
  const fixture = await createGraph(SCHEMA);
  const records = [doc("none", null), doc("empty", Buffer.alloc(0)), doc("small", Buffer.from("hello")), doc("large", LARGE)];
  await fixture.graph.load(ndjson(...records, { edge: "Cites", from: "small", to: "large", data: { id: "c1", scan: blob(Buffer.from("edge")) } }), { mode: "append" });
  return fixture;
}

async function reader(graph: Graph, id: string, target: ReadTarget = {}): Promise<BlobReader> {
  const found = await graph.readBlob(target, at(id));
  if (found === null) throw new Error(`no blob at ${id}`);
  return found;
}

async function bytesOf(blobReader: BlobReader, start?: number, end?: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of blobReader.chunks(start, end)) parts.push(chunk);
  return Buffer.concat(parts);
}

test("BL-1 BL-3 null, empty, small and large content of nodes and edges", async () => {
  await using fixture = await created();
  const { graph } = fixture;
  expect(await graph.readBlob({}, at("none"))).toBeNull();
  const empty = await reader(graph, "empty");
  expect([empty.kind, empty.length, await empty.readRange(0, 0), await bytesOf(empty)]).toEqual(["managed", 0, expect.objectContaining({ length: 0 }), Buffer.alloc(0)]);
  const small = await reader(graph, "small");
  expect([small.length, Buffer.from(await small.readRange(0, 5)).toString(), Buffer.from(await small.readRange(1, 3)).toString()]).toEqual([5, "hello", "el"]);
  const large = await reader(graph, "large");
  expect((await bytesOf(large)).equals(LARGE)).toBe(true);
  expect((await bytesOf(large, 3, 4 * MIB + 7)).equals(LARGE.subarray(3, 4 * MIB + 7))).toBe(true);
  const edge = await graph.readBlob({}, at("c1", "scan", "edge"));
  expect(Buffer.from((await edge?.readRange(0, 4)) ?? []).toString()).toBe("edge");
});

test("BL-4 LIM-6 ranges are half-open, within the content and at most 4 MiB", async () => {
  await using fixture = await created();
  const small = await reader(fixture.graph, "small");
  expect((await small.readRange(5, 5)).length).toBe(0);
  for (const [start, end] of [[0, 6], [3, 2], [-1, 2], [6, 6], [0.5, 2], [Number.NaN, 2], [0, 2 ** 60]] as const) {
    const error = await failureOf(small.readRange(start, end));
    expect(error).toMatchObject({ code: "BLOB_RANGE_NOT_SATISFIABLE", httpStatus: 416, details: { blob_range: { start, end, length: 5 } } });
    expect((await failureOf(bytesOf(small, start, end))).code).toBe("BLOB_RANGE_NOT_SATISFIABLE");
  }
  const large = await reader(fixture.graph, "large");
  expect((await large.readRange(1, 4 * MIB + 1)).length).toBe(4 * MIB);
  const tooWide = await failureOf(large.readRange(0, 4 * MIB + 1));
  expect(tooWide).toMatchObject({ code: "RESOURCE_LIMIT_EXCEEDED", details: { resource: "Blob read range bytes", limit: 4 * MIB, actual: 4 * MIB + 1 } });
});

describe("BL-5 a reader is pinned to its version", () => {
  test("later commits and compactions do not change what it reads", async () => {
    await using fixture = await created();
    const { graph } = fixture;
    const before = await reader(graph, "large");
    await graph.mutate("query q($f: Blob) { update Doc set { file: $f } where name = \"large\" }", { params: { f: blob(Buffer.from("new")) } });
    await graph.optimize();
    expect((await bytesOf(before)).equals(LARGE)).toBe(true);
    expect((await bytesOf(await reader(graph, "large"))).toString()).toBe("new");
    expect((await bytesOf(await reader(graph, "large", { snapshot: before.graphCommitId }))).equals(LARGE)).toBe(true);
  });

  test("a version that a cleanup removed is a typed error or its own bytes, and a closed graph reads nothing", async () => {
    await using fixture = await created();
    const { graph } = fixture;
    const before = await reader(graph, "small");
    await graph.mutate("query q($f: Blob) { update Doc set { file: $f } where name = \"small\" }", { params: { f: blob(Buffer.from("HELLO")) } });
    await graph.optimize();
    await graph.cleanup({ keepVersions: 1 });
    expect((await failureOf(graph.readBlob({ snapshot: before.graphCommitId }, at("small")))).code).toBe("HISTORICAL_VERSION_RECLAIMED");
    // The binding may still hold the file open.
    const late = await before.readRange(0, 5).catch((error: unknown) => error);
    if (late instanceof Uint8Array) expect(Buffer.from(late).toString()).toBe("hello");
    else expect(late).toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED" });
    await graph.close();
    expect((await failureOf(before.readRange(0, 5))).code).toBe("GRAPH_CLOSED");
    expect((await failureOf(graph.readBlob({}, at("small")))).code).toBe("GRAPH_CLOSED");
  });

  test("a branch that was deleted and created again shows its own content", async () => {
    await using fixture = await created();
    const { graph } = fixture;
    const write = (text: string): Promise<unknown> => graph.load(ndjson(doc("small", Buffer.from(text))), { mode: "merge", branch: "b" });
    await graph.branchCreate("b");
    await write("first");
    const first = await reader(graph, "small", { branch: "b" });
    await graph.branchDelete("b");
    await graph.branchCreate("b");
    await write("other");
    const second = await reader(graph, "small", { branch: "b" });
    expect((await bytesOf(second)).toString()).toBe("other");
    expect(second.etag).not.toBe(first.etag);
    const late = await first.readRange(0, 5).catch((error: unknown) => error);
    if (late instanceof Uint8Array) expect(Buffer.from(late).toString()).toBe("first");
    else expect(late).toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED" });
  });
});

test("BL-6 what can name no blob is refused; what names none is null", async () => {
  await using fixture = await created();
  const { graph } = fixture;
  const codes: readonly (readonly [BlobSelector, string])[] = [
    [{ ...at("small"), type: "Nope" }, "there is no node type 'Nope' at this snapshot"],
    [{ ...at("small"), type: "Cites" }, "there is no node type 'Cites' at this snapshot"],
    [{ ...at("small"), entity: "thing" as "node" }, "'thing' is no kind of entity"],
    [at("small", "nope"), "node:Doc has no property 'nope'"],
    [at("small", "title"), "property 'title' of node:Doc is not a Blob"],
    [at("small", "__rev"), "node:Doc has no property '__rev'"],
  ];
  for (const [selector, message] of codes) {
    expect(await failureOf(graph.readBlob({}, selector))).toMatchObject({ code: "INVALID_BLOB_SELECTOR", category: "invalid", message });
  }
  expect(await graph.readBlob({}, at("nobody"))).toBeNull();
  expect(await graph.readBlob({}, at("x' OR '1'='1"))).toBeNull();
  expect((await failureOf(graph.readBlob({ branch: "nowhere" }, at("small")))).code).toBe("BRANCH_NOT_FOUND");
  expect((await failureOf(graph.readBlob({ branch: "main", snapshot: "x" }, at("small")))).category).toBe("invalid");
});

test("BL-7 the tag is that of the row, the property and the line of versions", async () => {
  await using fixture = await created();
  const { graph } = fixture;
  const tag = async (id = "small"): Promise<string> => (await reader(graph, id)).etag;
  const first = await tag();
  expect(first).toMatch(/^"[0-9a-f]{32}"$/);
  expect(await tag("empty")).not.toBe(first);
  await graph.load(ndjson(doc("new", Buffer.from("hello"))), { mode: "append" });
  await graph.optimize();
  expect(await tag()).toBe(first);
  await graph.load(ndjson(doc("small", Buffer.from("HELLO"))), { mode: "merge" });
  const second = await tag();
  expect(second).not.toBe(first);
  // A name may come to mean another property without a row being rewritten.
  await graph.load(ndjson({ type: "Doc", data: { name: "two", file: blob(Buffer.from("1")), other: blob(Buffer.from("2")) } }), { mode: "append" });
  const two = await tag("two");
  const renamed = SCHEMA.replace("file: Blob?", 'kept: Blob? @rename_from("file")');
  await graph.applySchema(renamed);
  await graph.applySchema(renamed.replace("other: Blob?", 'file: Blob? @rename_from("other")'));
  expect(await tag("two")).not.toBe(two);
  expect((await bytesOf(await reader(graph, "two"))).toString()).toBe("2");
});

test("BL-1 BL-12 EX-1 content survives export and load, branches, merge and compaction", async () => {
  await using fixture = await created();
  await using copy = await createGraph(SCHEMA);
  const content = await contentOf(fixture.graph);
  await copy.graph.load(content, { mode: "append" });
  await copy.graph.branchCreate("b");
  await copy.graph.load(ndjson(doc("more", Buffer.from("m")), doc("small", null)), { mode: "merge", branch: "b" });
  await copy.graph.load(ndjson(doc("large", LARGE, "titled")), { mode: "merge" });
  await copy.graph.branchMerge("b");
  await copy.graph.optimize();
  expect(await copy.graph.readBlob({}, at("small"))).toBeNull();
  expect((await bytesOf(await reader(copy.graph, "more"))).toString()).toBe("m");
  expect((await bytesOf(await reader(copy.graph, "large"))).equals(LARGE)).toBe(true);
  expect((await reader(copy.graph, "empty")).length).toBe(0);
  expect(await contentOf(fixture.graph)).toBe(content);
});

test("BL-2 T24 a query does not read a blob", async () => {
  await using fixture = await created();
  const error = await failureOf(fixture.graph.query("query q() { match { $d: Doc } return { $d.file } }"));
  expect(error.code).toBe("COMPILE_ERROR");
});

test("BL-11 stored state that contradicts the schema is told, and nothing is read", async () => {
  await using dir = await makeTempDir();
  const entities = ["twice", "twice", "empty"].map((id) => ({ type: "Doc", id, cells: { name: id } }));
  const { storage, snapshot } = await QueryGraph.create(dir.path, "node Doc { name: String  file: Blob? }", entities);
  const open = (id: string, shown = snapshot): Promise<unknown> => readBlob(storage.datasets, shown, at(id), (read) => read());
  expect(await failureOf(open("twice"))).toMatchObject({ code: "BLOB_INTEGRITY", category: "corrupt", message: "a stored blob is damaged: several entities of node:Doc have the id 'twice'" });
  expect(await open("empty")).toBeNull();
  const { catalog } = createAcceptedSchema("node Doc { name: String  file: Blob }", { identityDomain: "strict" });
  expect((await failureOf(open("empty", { ...snapshot, catalog }))).message).toContain("the required property 'file' of 'empty' has no content");
  storage.close();
});
