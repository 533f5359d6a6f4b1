import { readdir } from "node:fs/promises";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import type { LoadInput, LoadMode, LoadProgress } from "../../src/graph-api.js";
import { contentOf, createGraph, failureOf, ndjson } from "./load-fixture.js";

const SCHEMA = "node Item { slug: String @key  text: String? }\nedge Likes: Item -> Item";

const utf8 = new TextEncoder();
const item = (slug: string): string => ndjson({ type: "Item", data: { slug } });

async function* stream(...parts: readonly (string | Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await Promise.resolve();
    if (part instanceof Error) throw part;
    yield typeof part === "string" ? utf8.encode(part) : part;
  }
}

test.each<[what: string, input: LoadInput, code: string, ...markers: string[]]>([
  ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), "LOAD_RECORD_INVALID", "invalid JSON at record 1", "byte 0x89"],
  ["UTF-16", new Uint8Array(Buffer.from(`\ufeff${item("a")}`, "utf16le")), "LOAD_RECORD_INVALID", "byte 0xff"],
  ["CSV", "slug,text\na,b\n", "LOAD_RECORD_INVALID", "invalid JSON at record 1"],
  ["one JSON array", `[${item("a")}]`, "LOAD_RECORD_INVALID", "the value is not an object"],
  ["a truncated file", `${item("a")}\n{"type":"Item","data":{"sl`, "LOAD_RECORD_INVALID", "invalid JSON at record 2: unexpected end of the input", "line 2"],
  ["invalid UTF-8", new Uint8Array([...utf8.encode(`${item("a")}\n{"type":"Item","data":{"slug":"`), 0xc3, 0x28]), "LOAD_RECORD_INVALID", "record 2", "not valid UTF-8"],
  ["a zero byte", '{"type":"Item","data":{"slug":"a\u0000"}}', "LOAD_RECORD_INVALID", "control character"],
  ["a lone surrogate in a text", '{"type":"Item","data":{"slug":"\ud800"}}', "LOAD_INPUT_INVALID", "lone surrogate"],
  ["something that is no byte stream", [1, 2] as unknown as LoadInput, "LOAD_INPUT_INVALID", "bytes"],
  ["nothing at all", null as unknown as LoadInput, "LOAD_INPUT_INVALID", "bytes"],
  ["deep nesting", "[".repeat(1_000_000), "RESOURCE_LIMIT_EXCEEDED", "nesting depth"],
])("%s is refused with a typed error", async (_what, input, code, ...markers) => {
  await using fixture = await createGraph(SCHEMA);
  const error = await failureOf(fixture.graph.load(input, { mode: "append" }));
  expect(error).toMatchObject({ code, effects: "none" });
  expect(error.hint).toBeDefined();
  for (const marker of markers) expect(error.message).toContain(marker);
  expect(await fixture.graph.listCommits()).toHaveLength(1);
});

test("LD-1 a mode that is none is refused", async () => {
  await using fixture = await createGraph(SCHEMA);
  const error = await failureOf(fixture.graph.load(item("a"), { mode: "upsert" as LoadMode }));
  expect(error).toMatchObject({ message: "'upsert' is no load mode", hint: "Use one of append, merge, overwrite.", effects: "none" });
  expect(await fixture.graph.listCommits()).toHaveLength(1);
});

test("a line of 100 MB is refused when the limit of one record is passed, not read to its end", async () => {
  await using fixture = await createGraph(SCHEMA);
  let pieces = 0;
  const input = (function* (): Generator<Uint8Array> {
    yield utf8.encode('{"type":"Item","data":{"slug":"a","text":"');
    const piece = new Uint8Array(1024 * 1024).fill(0x78);
    for (; pieces < 100; pieces++) yield piece;
    yield utf8.encode('"}}\n');
  })();
  const error = await failureOf(fixture.graph.load(input, { mode: "append" }));
  expect(error).toMatchObject({ code: "RESOURCE_LIMIT_EXCEEDED", httpStatus: 413, details: { resource: "load record bytes", limit: 67_108_864 } });
  expect(error.message).toContain("record 1");
});

test("an empty input and blank input are loads without records", async () => {
  await using fixture = await createGraph(SCHEMA);
  for (const input of ["", "\n \t\r\n", new Uint8Array(0), []]) {
    expect((await fixture.graph.load(input, { mode: "merge" })).totalEntities).toBe(0);
  }
});

test("a source that fails half-way fails the load with its own error and changes nothing", async () => {
  await using fixture = await createGraph(SCHEMA);
  const broken = new Error("the disk is gone");
  await expect(fixture.graph.load(stream(item("a"), "\n", item("b"), broken), { mode: "append" })).rejects.toBe(broken);
  expect(await contentOf(fixture.graph)).toBe("");
});

test("LD-6 the input may be cut anywhere: bytes, strings, streams give the same graph", async () => {
  const text = `${item("ä😀")}\n${item("b")}\n${ndjson({ edge: "Likes", from: "b", to: "ä😀", data: { id: "e" } })}`;
  const bytes = utf8.encode(text);
  const inputs: readonly LoadInput[] = [text, bytes, [bytes.subarray(0, 33), bytes.subarray(33)], stream(...Array.from(bytes, (byte) => new Uint8Array([byte])))];
  const contents = new Set<string>();
  for (const input of inputs) {
    await using fixture = await createGraph(SCHEMA);
    await fixture.graph.load(input, { mode: "append" });
    contents.add(await contentOf(fixture.graph));
  }
  expect(contents.size).toBe(1);
});

test("LD-6 an abort while the input is read stops the load", async () => {
  await using fixture = await createGraph(SCHEMA);
  const controller = new AbortController();
  const endless = (async function* (): AsyncGenerator<Uint8Array> {
    for (let i = 0; ; i++) {
      await Promise.resolve();
      if (i === 20) controller.abort();
      yield utf8.encode(`${item(String(i))}\n`);
    }
  })();
  const error = await failureOf(fixture.graph.load(endless, { mode: "append", signal: controller.signal }));
  expect(error.code).toBe("CANCELLED");
});

test("WR-7 an abort ends the wait for input that does not come", async () => {
  await using fixture = await createGraph(SCHEMA);
  const controller = new AbortController();
  const stuck = (async function* (): AsyncGenerator<Uint8Array> {
    yield utf8.encode(`${item("a")}\n`);
    controller.abort();
    await new Promise<never>(() => undefined);
  })();
  const error = await failureOf(fixture.graph.load(stuck, { mode: "append", signal: controller.signal }));
  expect(error).toMatchObject({ code: "CANCELLED", effects: "none" });
  expect(await fixture.graph.listCommits()).toHaveLength(1);
});

test("LD-6 progress tells records and bytes, phase by phase", async () => {
  await using fixture = await createGraph(SCHEMA);
  const seen: LoadProgress[] = [];
  const text = `${item("a")}\n${item("b")}`;
  await fixture.graph.load(text, { mode: "append", onProgress: (progress) => seen.push(progress) });
  expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(["reading", "validating", "writing"]);
  expect(seen.at(-1)).toEqual({ recordCount: 2, byteCount: text.length, phase: "writing" });
});

test("no staging files remain after a failed load", async () => {
  await using staging = await makeTempDir();
  await using fixture = await createGraph(SCHEMA, { settings: { stagingDirectory: staging.path } });
  await failureOf(fixture.graph.load(`${item("a")}\n!`, { mode: "append" }));
  expect(await readdir(staging.path)).toEqual([]);
});
