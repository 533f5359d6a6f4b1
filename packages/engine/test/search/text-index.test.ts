import { DEFAULT_TEXT_ANALYSIS, type PropertyType, type TextAnalysis } from "@omnigraphdb/compiler";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ABSENT } from "../../src/adjacency/entity-dictionary.js";
import type { Utf8Column } from "../../src/columnar/column.js";
import { decodeCacheFile, encodeCacheFile } from "../../src/cache/cache-file-format.js";
import { advancePostings } from "../../src/search/advance-postings.js";
import { buildPostings, buildPostingsInTurns } from "../../src/search/build-postings.js";
import type { Postings } from "../../src/search/postings.js";
import { PostingsTextIndex } from "../../src/search/postings-text-index.js";
import { decodePostings, encodePostings } from "../../src/search/text-index-file.js";
import { tokenizeNatively } from "../../src/storage/lance/text-settings.js";
import { finishWork } from "../../test-support/finish-work.js";
import { columnOf } from "../../test-support/row-batches.js";
import { englishTexts, translatedTexts } from "../../test-support/text-collection.js";

const TEXT: PropertyType = { base: { kind: "String" }, isList: false, isNullable: true };

function postingsOf(texts: readonly (string | null)[], analysis: TextAnalysis = DEFAULT_TEXT_ANALYSIS): Postings {
  return buildPostings(columnOf(TEXT, texts) as Utf8Column, analysis, tokenizeNatively);
}

function indexOf(texts: readonly (string | null)[], analysis: TextAnalysis = DEFAULT_TEXT_ANALYSIS): PostingsTextIndex {
  return new PostingsTextIndex(postingsOf(texts, analysis), (text) => tokenizeNatively(text, analysis));
}

function search(index: PostingsTextIndex, query: string): number[] {
  return [...index.rowsWithAny(index.wordsOf(query))];
}

/** SR-21 as it is written, over one list of words per text. */
function bm25(documents: readonly (readonly string[] | null)[], query: readonly string[]): Map<number, number> {
  const present = documents.filter((words) => words !== null);
  const average = present.reduce((sum, words) => sum + words.length, 0) / present.length;
  const scores = new Map<number, number>();
  for (const word of new Set(query)) {
    const df = present.filter((words) => words.includes(word)).length;
    const idf = Math.log(1 + (present.length - df + 0.5) / (df + 0.5));
    documents.forEach((words, row) => {
      const tf = words?.filter((other) => other === word).length ?? 0;
      if (words === null || tf === 0) return;
      const score = (idf * tf * (1.2 + 1)) / (tf + 1.2 * (1 - 0.75 + (0.75 * words.length) / average));
      scores.set(row, (scores.get(row) ?? 0) + score);
    });
  }
  return scores;
}

const byScore = ([leftRow, left]: readonly [number, number], [rightRow, right]: readonly [number, number]): number => right - left || leftRow - rightRow;

describe("BM25 over a real collection", () => {
  const texts = englishTexts();
  const index = indexOf(texts);
  const documents = texts.map((text) => tokenizeNatively(text, DEFAULT_TEXT_ANALYSIS));

  test("the collection is one", () => {
    expect(texts.length).toBeGreaterThan(4_000);
    expect(index.documentCount).toBe(texts.length);
    expect(index.postings.words.count).toBeGreaterThan(3_000);
  });

  test.each([
    "animation frame",
    "read the bytes of a stream",
    "web audio gain node",
    "credentials",
    "touch screen gestures zooming",
    "the selected text in a document",
    "running workers and shared buffers",
    "encryption keys with an algorithm",
    "video video video playback",
    "supercalifragilistic",
  ])("SR-20 SR-21 the best ten of '%s' are those of an independent computation, up to ties", (query) => {
    const words = index.wordsOf(query);
    const { rows, scores } = index.score(words);
    const expected = bm25(documents, words);
    expect([...rows]).toEqual([...expected.keys()].sort((a, b) => a - b));
    const ours = [...rows].map((row, at): [number, number] => [row, scores[at] ?? 0]).sort(byScore).slice(0, 10);
    const theirs = [...expected].sort(byScore).slice(0, 10);
    ours.forEach(([row, score], place) => {
      expect(score).toBeCloseTo(theirs[place]?.[1] ?? -1, 10);
      expect(score).toBeCloseTo(expected.get(row) ?? -1, 10);
    });
    expect(ours).toHaveLength(Math.min(10, expected.size));
  });

  test("SR-2 SR-20 rows are those that share a word, ascending", () => {
    const words = index.wordsOf("gain of audio");
    const expected = documents.flatMap((own, row) => (own.some((word) => words.includes(word)) ? [row] : []));
    expect([...index.rowsWithAny(words)]).toEqual(expected);
  });

  test("SR-3 similar words are those that an exhaustive comparison finds", () => {
    const dictionary = Array.from({ length: index.postings.words.count }, (_, id) => index.postings.words.textOf(id));
    for (const [word, max] of [["audoi", 2], ["stream", 1], ["x", 1], ["", 2], ["documnet", 2], ["a", 0], ["keyboard", 3]] as const) {
      expect(finishWork(index.similarWords([word], max)), word).toEqual(dictionary.filter((other) => distance(word, other) <= max).sort());
    }
    expect(finishWork(index.similarWords(["audoi", "stream"], 1))).toEqual(dictionary.filter((other) => distance("audoi", other) <= 1 || distance("stream", other) <= 1).sort());
    expect(finishWork(index.similarWords([], 2))).toEqual([]);
  });
});

/** Levenshtein distance over code points, the whole table. */
function distance(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  let row = b.map((_, j) => j).concat(b.length);
  a.forEach((point, i) => {
    const next = [i + 1];
    b.forEach((other, j) => next.push(Math.min((row[j] ?? 0) + (point === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1)));
    row = next;
  });
  return row[b.length] ?? 0;
}

describe("languages", () => {
  test.each<[string, TextAnalysis, readonly string[], string, RegExp]>([
    ["German", { tokenizer: "words", language: "german" }, translatedTexts("de"), "Deklarationen", /(?<!\p{L})deklaration(en)?(?!\p{L})/iu],
    ["Russian", { tokenizer: "words", language: "russian" }, translatedTexts("ru"), "типами", /(?<!\p{L})тип(а|ов|ы|у|ом|ам|ами|ах|е)?(?!\p{L})/iu],
    ["Chinese", { tokenizer: "icu" }, translatedTexts("zh-cn"), "模块", /模块/u],
    ["Japanese", { tokenizer: "icu" }, translatedTexts("ja"), "モジュール", /モジュール/u],
  ])("SR-1 %s: a word is found in its forms, in real sentences", (_, analysis, texts, query, pattern) => {
    const index = indexOf(texts, analysis);
    const found = new Set(search(index, query));
    const expected = texts.flatMap((text, row) => (pattern.test(text) ? [row] : []));
    expect(expected.length).toBeGreaterThan(20);
    // A word that a segmenter joins with its neighbour is a match of the pattern only.
    expect(expected.filter((row) => found.has(row)).length / expected.length).toBeGreaterThan(0.9);
    expect(found.size).toBeLessThan(texts.length / 2);
  });

  test("SR-1 accents, emoji, identifiers and substrings follow the settings of the property", () => {
    const texts = ["Café crème", "a cafe at noon", "party 🎉 time", "SKU-1234-AB", null, ""];
    expect(search(indexOf(texts), "CAFÉS")).toEqual([0, 1]);
    expect(search(indexOf(texts, { tokenizer: "exact" }), "café")).toEqual([0]);
    expect(search(indexOf(texts, { tokenizer: "exact" }), "at")).toEqual([1]);
    expect(search(indexOf(texts), "at")).toEqual([]);
    expect(search(indexOf(texts), "🎉")).toEqual([]);
    expect(search(indexOf(texts, { tokenizer: "ngram", min: 1, max: 3 }), "🎉")).toEqual([2]);
    expect(search(indexOf(texts, { tokenizer: "ngram", min: 3, max: 3 }), "234")).toEqual([3]);
    expect(search(indexOf(texts), "234")).toEqual([]);
  });

  test("SR-4 SR-8 a null text is told apart from one without words", () => {
    const index = indexOf(["one", null, "…", ""]);
    expect([0, 1, 2, 3].map((row) => index.isNull(row))).toEqual([false, true, false, false]);
    expect(index.documentCount).toBe(3);
    expect(index.wordsOf("the … of")).toEqual([]);
    expect(index.score([])).toEqual({ rows: new Uint32Array(), scores: new Float64Array() });
  });

  test("SR-21 each word of a query counts once, and rare words weigh more", () => {
    const index = indexOf(["red fox", "red hen", "red red red", null]);
    const once = index.score(["red", "fox"]);
    expect(index.score(["red", "fox", "red"])).toEqual(once);
    expect([...once.rows]).toEqual([0, 1, 2]);
    expect(once.scores[0]).toBeGreaterThan(once.scores[2] ?? 0);
    expect(once.scores[2]).toBeGreaterThan(once.scores[1] ?? 0);
    const empty = indexOf([null, ""]);
    expect([...empty.score(["red"]).rows]).toEqual([]);
  });

  test("what a caller does with rows and scores is its own business", () => {
    const index = indexOf(["a fox", "the fox"]);
    index.rowsWithAny(["fox"]).fill(7);
    index.score(["fox"]).rows.fill(7);
    expect([...index.rowsWithAny(["fox"])]).toEqual([0, 1]);
  });
});

/** Words with their rows and counts, whatever their order. */
function content({ words, starts, rows, counts, lengths }: Postings): unknown {
  const entries = Array.from({ length: words.count }, (_, id): [string, number[][]] => {
    const places = Array.from({ length: (starts[id + 1] ?? 0) - (starts[id] ?? 0) }, (_unused, at) => at + (starts[id] ?? 0));
    return [words.textOf(id), places.map((at) => [rows[at] ?? -1, counts[at] ?? -1])];
  });
  return { words: Object.fromEntries(entries), lengths: [...lengths] };
}

const WORDS = ["fox", "hen", "red", "blue", "über", "北京", "run"];
const DOCUMENT = fc.option(fc.array(fc.constantFrom(...WORDS), { maxLength: 5 }).map((words) => words.join(" ")), { freq: 6 });

test("a build in turns lets others run, and gives the same", async () => {
  const texts = englishTexts();
  let turns = 0;
  const column = columnOf(TEXT, texts) as Utf8Column;
  const postings = await buildPostingsInTurns(column, DEFAULT_TEXT_ANALYSIS, tokenizeNatively, async () => {
    turns++;
    await Promise.resolve();
  });
  expect(turns).toBeGreaterThan(5);
  expect(content(postings)).toEqual(content(postingsOf(texts)));
});

describe("from one version to the next", () => {
  test("IX-1 postings carried over a delta are those of a build", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ text: DOCUMENT, fate: fc.constantFrom("stays", "stays", "goes", "comes") }), { maxLength: 20 }), (rows) => {
        const before = rows.filter(({ fate }) => fate !== "comes");
        const after = rows.filter(({ fate }) => fate !== "goes");
        const moves = new Uint32Array(before.length).fill(ABSENT);
        after.forEach((row, at) => row.fate === "stays" && (moves[before.indexOf(row)] = at));
        const changedRows = Uint32Array.from(after.flatMap((row, at) => (row.fate === "comes" ? [at] : [])));
        const changed = postingsOf(after.filter(({ fate }) => fate === "comes").map(({ text }) => text));
        const advanced = advancePostings(postingsOf(before.map(({ text }) => text)), { rowCount: after.length, moves, changedRows, changed });
        expect(content(advanced)).toEqual(content(postingsOf(after.map(({ text }) => text))));
      }),
      { numRuns: 300 },
    );
  });

  test("CA-4 a file gives back what was written, and nothing when a byte is missing or another", () => {
    const many = ["x ".repeat(300).trim(), ...englishTexts().slice(0, 200), null];
    for (const texts of [many, ["one"], []]) {
      const postings = postingsOf(texts);
      const file = Buffer.concat(encodeCacheFile("text/a", encodePostings(postings)));
      const payload = decodeCacheFile(new Uint8Array(file))?.payload;
      if (payload === undefined) throw new Error("the file is not what was written");
      const decoded = decodePostings(payload);
      if (decoded === undefined) throw new Error("the payload is not what was written");
      expect(content(decoded)).toEqual(content(postings));
      expect(decodePostings(payload.slice(0, -16))).toBeUndefined();
      const otherLayout = payload.slice();
      otherLayout[0] = 99;
      expect(decodePostings(otherLayout)).toBeUndefined();
      for (let at = 0; at < file.length; at += 97) {
        const altered = new Uint8Array(file);
        altered[at] = (altered[at] ?? 0) ^ 1;
        expect(decodeCacheFile(altered)).toBeUndefined();
      }
    }
    expect(decodePostings(new Uint8Array(3))).toBeUndefined();
  });
});
