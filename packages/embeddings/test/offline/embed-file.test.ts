import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CancelledError, type Embedder, type EmbedOptions } from "@omnigraphdb/common";
import { type EmbedFileRequest, embedFile, type EmbedSummary, parseSelector, readEmbedSpec } from "@omnigraphdb/embeddings";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const SPEC = readEmbedSpec({ dimension: 2, types: { Doc: { target: "vec", fields: ["title", "tags", "year"] } } }, "spec");

/** Vectors that say which text they are of. */
class CountingEmbedder implements Embedder {
  readonly provider = "counting";
  model = "m";
  readonly texts: string[] = [];
  failAfter = Infinity;

  async embed(texts: readonly string[], { dimension, role }: EmbedOptions): Promise<readonly (readonly number[])[]> {
    expect({ dimension, role }).toEqual({ dimension: 2, role: "document" });
    if (this.texts.length >= this.failAfter) throw new Error("provider is down");
    this.texts.push(...texts);
    return texts.map((text) => [text.length, 1]);
  }
}

let directory: TempDir;
let embedder: CountingEmbedder;

beforeEach(async () => {
  directory = await makeTempDir();
  embedder = new CountingEmbedder();
});
afterEach(() => directory[Symbol.asyncDispose]());

function pathOf(name: string): string {
  return join(directory.path, name);
}

function embed(input: string, request: Partial<EmbedFileRequest> = {}, signal?: AbortSignal): Promise<EmbedSummary> {
  writeFileSync(pathOf("in.jsonl"), input);
  return embedFile(
    { input: pathOf("in.jsonl"), output: pathOf("out.jsonl"), spec: SPEC, mode: "fill_missing", selection: { types: [], selectors: [] }, ...request },
    { embedder: () => embedder, ...(signal === undefined ? {} : { signal }) },
  );
}

function outputText(): string {
  return readFileSync(pathOf("out.jsonl"), "utf8");
}

function outputRecords(): readonly { readonly data: Readonly<Record<string, unknown>> }[] {
  return outputText()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly data: Readonly<Record<string, unknown>> });
}

function doc(data: object): string {
  return `${JSON.stringify({ type: "Doc", data })}\n`;
}

describe("EM-32 the text", () => {
  test.each([
    { data: { title: "Deep Water", tags: ["sea", "war"], year: 1999 }, text: "type: Doc\ntitle: Deep Water\ntags: sea, war\nyear: 1999" },
    { data: { year: 0, title: "  ", tags: [] }, text: "type: Doc\nyear: 0" },
    { data: { title: null, tags: ["a", null], other: "x" }, text: "type: Doc\ntags: a" },
  ])("of $data", async ({ data, text }) => {
    await embed(doc(data));
    expect(embedder.texts).toEqual([text]);
  });

  test("EM-10 is missing without a non-empty field: no call, no vector", async () => {
    const input = doc({ title: "" }) + doc({}) + '{"type":"Doc"}\n';
    expect(await embed(input)).toMatchObject({ records: 3, selectedRecords: 3, embeddedRecords: 0, cleanedRecords: 0 });
    expect(embedder.texts).toEqual([]);
    expect(outputText()).toBe(input);
  });
});

describe("EM-31 modes", () => {
  const input = doc({ title: "none" }) + doc({ title: "null", vec: null }) + doc({ title: "empty", vec: [] }) + doc({ title: "has", vec: [9, 9] }) + doc({ vec: [9, 9] });

  test("fill_missing embeds what is absent, null or empty", async () => {
    expect(await embed(input)).toEqual({ records: 5, selectedRecords: 5, embeddedRecords: 3, cleanedRecords: 0, model: "m", resumedRecords: 0 });
    expect(outputRecords().map(({ data }) => (data["vec"] as readonly number[]).length)).toEqual([2, 2, 2, 2, 2]);
    expect(outputRecords()[3]?.data["vec"]).toEqual([9, 9]);
  });

  test("reembed_all embeds all, and takes a vector away whose text is gone", async () => {
    expect(await embed(input, { mode: "reembed_all" })).toMatchObject({ embeddedRecords: 4, cleanedRecords: 1 });
    expect(outputRecords()[3]?.data["vec"]).not.toEqual([9, 9]);
    expect(outputRecords()[4]?.data).toEqual({});
  });

  test("clean takes vectors away and needs no provider", async () => {
    const made: unknown[] = [];
    writeFileSync(pathOf("in.jsonl"), input);
    const request = { input: pathOf("in.jsonl"), output: pathOf("out.jsonl"), spec: SPEC, mode: "clean", selection: { types: [], selectors: [] } } as const;
    const summary = await embedFile(request, { embedder: () => made.push(1) as never });
    expect(summary).toMatchObject({ embeddedRecords: 0, cleanedRecords: 4, model: null });
    expect(made).toEqual([]);
    expect(outputText()).not.toContain("vec");
  });

  test("selectors are alternatives, and types narrow them", async () => {
    const selection = { types: ["Doc"], selectors: ["title=has", "Doc:title=null", "tags=a, b", "vec=x"].map(parseSelector) };
    expect(await embed(input + doc({ title: "t", tags: ["a", "b"] }), { mode: "reembed_selected", selection })).toMatchObject({ selectedRecords: 3, embeddedRecords: 3 });
  });

  test("a type that the spec does not have is refused", async () => {
    await expect(embed(input, { selection: { types: ["Docs"], selectors: [] } })).rejects.toMatchObject({ code: "EMBED_SPEC_INVALID", hint: "Its types are Doc." });
  });
});

test("EM-33 what needs no change is copied byte for byte; changed records keep their order and digits", async () => {
  const untouched = '{ "edge":"Wrote", "from":"a" , "to":"b"}\r\n{"type":"Other","data":{"n":12345678901234567890}}\n';
  expect(await embed(`\uFEFF${untouched}\n{"type":"Doc","data":{"n":12345678901234567890,"vec":null,"title":"x","f":1.50}}`)).toMatchObject({ records: 3, selectedRecords: 1 });
  const text = outputText();
  expect(text.startsWith(`\uFEFF${untouched}`)).toBe(true);
  expect(text.slice(1 + untouched.length)).toMatch(/^\{"type":"Doc","data":\{"n":12345678901234567890,"vec":\[[0-9.]+,[0-9.]+\],"title":"x","f":1\.50\}\}\n$/);
});

test("a vector is written with the fewest digits that read back as the same 32-bit floats", async () => {
  await embed(doc({ title: "x" }));
  const [record] = outputRecords();
  for (const component of record?.data["vec"] as readonly number[]) {
    expect(String(component).length).toBeLessThanOrEqual(12);
    expect(component).toBeGreaterThan(0);
  }
});

describe("bad records", () => {
  test.each([
    { line: "{", problem: /^line 2: invalid JSON: / },
    { line: "[1]", problem: /^line 2: a record must be an object$/ },
    { line: '{"type":7}', problem: /^line 2: 'type' must be a text$/ },
    { line: '{"type":"Doc","title":"x"}', problem: /^line 2: 'title' stands beside 'type'; properties stand inside 'data'$/ },
    { line: '{"type":"Doc","data":[]}', problem: /^line 2: 'data' must be an object$/ },
  ])("$line", async ({ line, problem }) => {
    const error = await embed(`${doc({ title: "fine" })}${line}\n`).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "EMBED_RECORD_INVALID", line: 2 });
    expect((error as Error).message).toMatch(problem);
    expect(existsSync(pathOf("out.jsonl"))).toBe(false);
  });
});

describe("a run that ended early", () => {
  const lines = Array.from({ length: 2000 }, (_, i) => doc({ title: `title ${i}` }));
  const input = lines.join("");

  async function interrupted(failAfter = 1000): Promise<number> {
    embedder.failAfter = failAfter;
    await expect(embed(input)).rejects.toThrow("provider is down");
    embedder.failAfter = Infinity;
    const done = embedder.texts.length;
    embedder.texts.length = 0;
    return done;
  }

  async function wholeOutput(): Promise<string> {
    await embed(input, { output: pathOf("whole.jsonl") });
    embedder.texts.length = 0;
    return readFileSync(pathOf("whole.jsonl"), "utf8");
  }

  test("is continued: nothing is embedded twice, nothing is left out", async () => {
    const whole = await wholeOutput();
    const done = await interrupted();
    expect(done).toBeGreaterThan(0);
    expect(existsSync(pathOf("out.jsonl"))).toBe(false);
    expect(await embed(input)).toMatchObject({ records: 2000, embeddedRecords: 2000, resumedRecords: done });
    expect(embedder.texts).toHaveLength(2000 - done);
    expect(outputText()).toBe(whole);
    expect(existsSync(pathOf("out.jsonl.tmp")) || existsSync(pathOf("out.jsonl.tmp.progress"))).toBe(false);
  });

  test("is continued although a later line was corrected or added", async () => {
    const done = await interrupted();
    const changed = input.replace("title 1999", "another title") + doc({ title: "new" });
    expect(await embed(changed)).toMatchObject({ records: 2001, resumedRecords: done });
    expect(outputRecords()).toHaveLength(2001);
  });

  test.each([
    { name: "an earlier line changed", change: () => embed(input.replace("title 3", "title three")) },
    { name: "the model changed", change: () => ((embedder.model = "other"), embed(input)) },
    { name: "the mode changed", change: () => embed(input, { mode: "reembed_all" }) },
    { name: "the spec changed", change: () => embed(input, { spec: readEmbedSpec({ dimension: 2, types: { Doc: { target: "vec", fields: ["title"] } } }, "spec") }) },
    { name: "the input became shorter", change: () => embed(lines.slice(0, 900).join("")) },
  ])("starts anew when $name", async ({ change }) => {
    await interrupted();
    expect(await change()).toMatchObject({ resumedRecords: 0 });
  });

  test("starts anew when the input's last line became longer", async () => {
    const short = lines.slice(0, 3).join("").trimEnd();
    embedder.failAfter = 0;
    await expect(embed(short)).rejects.toThrow();
    embedder.failAfter = Infinity;
    writeFileSync(pathOf("out.jsonl.tmp"), "");
    expect(await embed(`${short} \n${lines[3] ?? ""}`)).toMatchObject({ records: 4, resumedRecords: 0 });
  });

  test("is continued from every torn state of its files", async () => {
    const whole = await wholeOutput();
    await interrupted();
    const temporary = readFileSync(pathOf("out.jsonl.tmp"));
    const journal = readFileSync(pathOf("out.jsonl.tmp.progress"));
    await fc.assert(
      fc.asyncProperty(fc.nat(temporary.length), fc.nat(journal.length), fc.string(), async (temporaryBytes, journalBytes, garbage) => {
        writeFileSync(pathOf("out.jsonl.tmp"), Buffer.concat([temporary.subarray(0, temporaryBytes), Buffer.from(garbage)]));
        writeFileSync(pathOf("out.jsonl.tmp.progress"), journal.subarray(0, journalBytes));
        const summary = await embed(input);
        expect(summary).toMatchObject({ records: 2000, embeddedRecords: 2000 });
        // What a checkpoint counts was made durable before it, so only garbage that stands for it can differ.
        if (temporaryBytes === temporary.length || summary.resumedRecords === 0) expect(outputText()).toBe(whole);
      }),
      { numRuns: 15 },
    );
  });

  test("by an abort keeps what is done", async () => {
    const controller = new AbortController();
    const embed_ = embedder.embed.bind(embedder);
    embedder.embed = (texts, options) => {
      if (embedder.texts.length > 0) controller.abort();
      return embed_(texts, options);
    };
    await expect(embed(input, {}, controller.signal)).rejects.toBeInstanceOf(CancelledError);
    expect(await embed(input)).toMatchObject({ records: 2000 });
  });

  test("by another process that still lives is left to it", async () => {
    await interrupted();
    const journal = readFileSync(pathOf("out.jsonl.tmp.progress"), "utf8");
    writeFileSync(pathOf("out.jsonl.tmp.progress"), journal.replaceAll(`"pid":${process.pid}`, `"pid":${process.ppid}`));
    await expect(embed(input)).rejects.toMatchObject({ code: "EMBED_RUNNING", category: "conflict" });
  });
});

test("input and output may be the same file", async () => {
  writeFileSync(pathOf("in.jsonl"), doc({ title: "x" }));
  await embed(doc({ title: "x" }), { output: pathOf("in.jsonl") });
  expect(JSON.parse(readFileSync(pathOf("in.jsonl"), "utf8"))).toMatchObject({ data: { title: "x", vec: expect.anything() as unknown } });
});

test("an empty file gives an empty file", async () => {
  expect(await embed("")).toMatchObject({ records: 0 });
  expect(outputText()).toBe("");
});
