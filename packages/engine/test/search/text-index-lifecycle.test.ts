import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, randomIds, silentLogger } from "@omnigraphdb/common";
import { findEntityType, type Property, textAnalysisName } from "@omnigraphdb/compiler";
import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { datasetFolder } from "../../src/cache/cache-file-names.js";
import { type CacheFiles, noCacheFiles } from "../../src/cache/cache-files.js";
import { GraphCaches } from "../../src/cache/graph-caches.js";
import { LocalCacheFiles } from "../../src/cache/local-cache-files.js";
import type { Snapshot } from "../../src/manifest/snapshot.js";
import type { TextIndex } from "../../src/search/text-index.js";
import type { DatasetGateway } from "../../src/storage/dataset-gateway.js";
import { englishTexts } from "../../test-support/text-collection.js";
import { finishWork } from "../../test-support/finish-work.js";
import { MaintainedGraph } from "../maintenance/maintenance-fixture.js";
import { sameVersions } from "../../test-support/same-versions.js";

const PROCESS = { settings: { durability: "process" } } as const;
const SCHEMA = `node Doc {
  no: I64 @key
  text: String?
  @index(text)
}
`;
const QUERIES = ["animation frame", "audio gain node", "bytes of a stream", "credentials", "quokka"];

function textOf(snapshot: Snapshot): Property {
  return must(findEntityType(snapshot.catalog, "node:Doc")?.propertyByName.get("text"), "Doc.text");
}

function folderOf(snapshot: Snapshot): string {
  return datasetFolder("text", must(snapshot.entries.get("node:Doc"), "Doc has an entry"));
}

/** Counts the characters that are analysed. */
function counting(datasets: DatasetGateway): { readonly datasets: DatasetGateway; analysed: number } {
  const counted = {
    analysed: 0,
    datasets: new Proxy(datasets, {
      get(target, name): unknown {
        if (name === "tokenize") {
          return (text: string, ...others: never[]): readonly string[] => {
            counted.analysed += text.length;
            return target.tokenize(text, ...(others as unknown as [never]));
          };
        }
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? (member.bind(target) as unknown) : member;
      },
    }),
  };
  return counted;
}

/** Loads the index of `Doc.text`. @returns it, and how much was analysed for it */
async function load(graph: MaintainedGraph, snapshot: Snapshot, caches: GraphCaches): Promise<{ readonly index: TextIndex; readonly analysed: number }> {
  const counted = counting(graph.foreign.datasets);
  const index = await caches.table(snapshot, "node:Doc", counted.datasets).loadTextIndex(textOf(snapshot));
  const { analysed } = counted;
  await caches.settle();
  return { index, analysed };
}

function answers(index: TextIndex): unknown {
  return QUERIES.map((query) => {
    const words = index.wordsOf(query);
    const { rows, scores } = index.score(words);
    const similar = index.rowsWithAny(finishWork(index.similarWords(words, 1)));
    const nulls = Array.from({ length: index.rowCount }, (_, row) => row).filter((row) => index.isNull(row));
    return { words, rows: rows.join(), scores: scores.join(), similar: similar.join(), nulls: nulls.join() };
  });
}

const fresh = (files: CacheFiles = noCacheFiles): GraphCaches => new GraphCaches(256 * 1024 * 1024, files);

async function withDocs(run: (graph: MaintainedGraph, files: LocalCacheFiles, folder: string) => Promise<void>): Promise<void> {
  await using graph = await MaintainedGraph.create(PROCESS, SCHEMA);
  await using dir = await makeTempDir();
  await graph.load(...englishTexts().map((text, no) => ({ type: "Doc", data: { no, text: no % 50 === 0 ? null : text } })));
  await run(graph, new LocalCacheFiles(dir.path, { ids: randomIds, logger: silentLogger, isWritable: true, fingerprint: sameVersions }), dir.path);
}

describe("a text index over the life of its dataset", () => {
  test("CA-5 it is read from a file, and built again when the file is torn, altered or of another version", async () => {
    await withDocs(async (graph, files, folder) => {
      const snapshot = await graph.graph.snapshot();
      const built = await load(graph, snapshot, fresh(files));
      expect(built.analysed).toBeGreaterThan(20_000);
      const expected = answers(built.index);
      const names = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".words"));
      expect(names).toHaveLength(1);
      const read = await load(graph, snapshot, fresh(files));
      expect(read.analysed).toBe(0);
      expect(answers(read.index)).toEqual(expected);
      const path = join(folder, names[0] ?? "");
      const whole = await readFile(path);
      const damages: readonly (() => Promise<void>)[] = [
        () => truncate(path, whole.length >> 1),
        () => writeFile(path, whole.map((byte, at) => (at === whole.length - 5_000 ? byte ^ 255 : byte))),
        () => writeFile(path, ""),
      ];
      for (const damage of damages) {
        await damage();
        const again = await load(graph, snapshot, fresh(files));
        expect(again.analysed).toBe(built.analysed);
        expect(answers(again.index)).toEqual(expected);
        expect((await readFile(path)).equals(whole)).toBe(true);
      }
      const readOnly = new LocalCacheFiles(folder, { ids: randomIds, logger: silentLogger, isWritable: false, fingerprint: sameVersions });
      expect((await load(graph, snapshot, fresh(readOnly))).analysed).toBe(0);
    });
  });

  test("IX-1 SR-9 it follows inserts, updates and deletes, and deleted rows count nowhere", async () => {
    await withDocs(async (graph, files) => {
      const caches = fresh();
      await load(graph, await graph.graph.snapshot(), caches);
      await load(graph, await graph.graph.snapshot(), fresh(files));
      const write = (source: string): Promise<unknown> => graph.graph.mutate(`query w($none: String?) { ${source} }`);
      const steps: readonly (() => Promise<unknown>)[] = [
        () => write(`insert Doc { no: 90001, text: "a quokka with credentials" } insert Doc { no: 90002 }`),
        () => write(`update Doc set { text: "animation of an audio quokka" } where no = 7`),
        () => write(`delete Doc where no < 40`),
        () => write(`update Doc set { text: $none } where no = 90001`),
        () => graph.graph.optimize(),
      ];
      for (const step of steps) {
        await step();
        const snapshot = await graph.graph.snapshot();
        const carried = await load(graph, snapshot, caches);
        const built = await load(graph, snapshot, fresh());
        const fromFile = await load(graph, snapshot, fresh(files));
        for (const { analysed, index } of [carried, fromFile]) {
          expect(analysed).toBeLessThan(built.analysed / 10);
          expect(answers(index)).toEqual(answers(built.index));
          expect(index.documentCount).toBe(built.index.documentCount);
        }
      }
      expect((await files.list(folderOf(await graph.graph.snapshot()))).length).toBe(1);
      await write(`update Doc set { text: "another stream of bytes" } where no < 120`);
      await load(graph, await graph.graph.snapshot(), fresh(files));
      expect((await files.list(folderOf(await graph.graph.snapshot()))).length).toBe(2);
    });
  });

  test("SR-1 other settings are another index, at the same version of the dataset", async () => {
    await withDocs(async (graph, files) => {
      const caches = fresh(files);
      const before = await graph.graph.snapshot();
      const english = await load(graph, before, caches);
      await graph.graph.applySchema(SCHEMA.replace("@index(text)", '@index(text, tokenizer="exact")'));
      const after = await graph.graph.snapshot();
      expect(after.entries.get("node:Doc")?.publishedVersion).toBe(before.entries.get("node:Doc")?.publishedVersion);
      const exact = await load(graph, after, caches);
      expect(exact.index.wordsOf("The Streams")).toEqual(["the", "streams"]);
      expect(exact.index.rowsWithAny(["the"]).length).toBeGreaterThan(1_000);
      expect((await load(graph, before, caches)).index).toBe(english.index);
      expect(english.index.wordsOf("The Streams")).toEqual(["stream"]);
    });
  });
});

test("CA-5 optimize leaves the words as a file", async () => {
  await withDocs(async (graph) => {
    const words = async (): Promise<number> => (await readdir(graph.uri.replace("file://", ""), { recursive: true })).filter((name) => name.endsWith(".words")).length;
    expect(await words()).toBe(0);
    await graph.graph.optimize();
    expect(await words()).toBe(1);
  });
});

describe("native full-text indexes", () => {
  async function settingsOf(graph: MaintainedGraph, branch?: string): Promise<readonly string[]> {
    const { location } = await graph.pin("node:Doc", branch);
    const indexes = await graph.foreign.administration.indexes(location);
    return indexes.flatMap(({ column, kind, textAnalysis }) => (kind === "fullText" && textAnalysis !== undefined ? [`${column}:${textAnalysisName(textAnalysis)}`] : []));
  }

  test("IX-10 IX-14 IX-21 they are built with the schema's settings, kept through a rename and built anew under other settings", async () => {
    await using graph = await MaintainedGraph.create(PROCESS, SCHEMA.replace("@index(text)", '@index(text, language="german")'));
    await graph.load({ type: "Doc", data: { no: 1, text: "Die Häuser" } });
    expect((await graph.graph.ensureIndices()).built).toEqual(["no", "text"].map((property) => ({ typeKey: "node:Doc", property })));
    expect(await settingsOf(graph)).toEqual(["text:words-german"]);
    await graph.graph.applySchema('node Doc { no: I64 @key  body: String? @rename_from("text")  @index(body, language="german") }');
    expect(await settingsOf(graph)).toEqual(["body:words-german"]);
    expect((await graph.graph.ensureIndices()).commit).toBeNull();
    await graph.graph.applySchema('node Doc { no: I64 @key  body: String?  @index(body, tokenizer="icu") }');
    expect(await settingsOf(graph)).toEqual(["body:words-german"]);
    expect((await graph.graph.optimize()).commit).not.toBeNull();
    expect(await settingsOf(graph)).toEqual(["body:icu"]);
    expect((await graph.graph.optimize()).commit).toBeNull();
  });

  test("IX-4 IX-23 a branch builds its own, and a branch of it keeps the settings", async () => {
    await using graph = await MaintainedGraph.create(PROCESS, SCHEMA.replace("@index(text)", '@index(text, tokenizer="ngram", min=2)'));
    await graph.load({ type: "Doc", data: { no: 1, text: "abc" } });
    await graph.graph.branchCreate("b");
    await graph.graph.ensureIndices("b");
    expect(await settingsOf(graph)).toEqual([]);
    expect(await settingsOf(graph, "b")).toEqual(["text:ngram-2-3"]);
    await graph.graph.branchCreateFrom("b", "c");
    await graph.graph.mutate(`query w() { insert Doc { no: 2, text: "bcd" } }`, { branch: "c" });
    expect(await settingsOf(graph, "c")).toEqual(["text:ngram-2-3"]);
    expect((await graph.graph.ensureIndices("c")).commit).toBeNull();
  });
});
