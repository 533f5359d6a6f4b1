import { DEFAULT_TEXT_ANALYSIS, type TextAnalysis, textAnalysisName } from "@omnigraphdb/compiler";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Utf8Column } from "../columnar/column.js";
import { tokenizeNatively } from "../storage/lance/text-settings.js";
import { analyzeColumn } from "./analyze-column.js";

const ANALYSES: readonly TextAnalysis[] = [
  DEFAULT_TEXT_ANALYSIS,
  { tokenizer: "words", language: "german" },
  { tokenizer: "exact" },
  { tokenizer: "icu" },
  { tokenizer: "ngram", min: 3, max: 3 },
  { tokenizer: "ngram", min: 1, max: 4 },
];

function columnOf(texts: readonly (string | null)[]): Utf8Column {
  const parts = texts.map((text) => Buffer.from(text ?? "x"));
  const offsets = new Int32Array(texts.length + 1);
  const validity = new Uint8Array((texts.length + 7) >> 3);
  parts.forEach((part, i) => (offsets[i + 1] = (offsets[i] as number) + part.length));
  texts.forEach((text, i) => text !== null && (validity[i >> 3] = (validity[i >> 3] as number) | (1 << (i & 7))));
  return { kind: "utf8", length: texts.length, validity, offsets, bytes: Buffer.concat(parts) };
}

function analyzed(texts: readonly (string | null)[], analysis: TextAnalysis): string[][] {
  const steps = analyzeColumn(columnOf(texts), analysis, tokenizeNatively);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const { words, starts, wordIds } = step.value;
  return texts.map((_, row) => [...wordIds.subarray(starts[row], starts[row + 1])].map((id) => words.textOf(id)));
}

/** Scripts, marks, signs and the places where a piece could be cut wrongly. */
const TEXT_PARTS = fc.oneof(
  fc.constantFrom("The", "running", "Häuser", "don't", "foo_bar", "a@b.com", "3.14", "1,000", "straße", "ΣΊΣΥΦΟΣ", "Бегущие", "我来到北京", "東京に行きました", "カタカナ", "ไทยภาษา", "한국어", "नमस्ते", "שלום", "مرحبا", "👍🏽", "e\u0301", "\u0301x", "a\u200db", "\u00ad", "ﬁ", "０００", "İ", "ǅ", "0000000000000000", "x".repeat(40), "x".repeat(41), "é".repeat(20), "é".repeat(21)),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.string({ unit: "binary-ascii", maxLength: 6 }),
  fc.integer({ min: 0x80, max: 0xffff }).filter((point) => point < 0xd800 || point > 0xdfff).map((point) => String.fromCodePoint(point)),
);
const TEXTS = fc.array(TEXT_PARTS, { maxLength: 8 }).chain((parts) => fc.array(fc.constantFrom(" ", "", "\n", "-", "\t", "'", "  ", "\u3000", "。"), { minLength: parts.length, maxLength: parts.length }).map((gaps) => parts.map((part, i) => part + (gaps[i] ?? "")).join("").toWellFormed()));

describe("analysis of columns", () => {
  test.each(ANALYSES.map((analysis) => [textAnalysisName(analysis), analysis] as const))("SR-1 %s: piecewise and as a whole the words are the same", (_, analysis) => {
    fc.assert(
      fc.property(fc.array(TEXTS, { minLength: 1, maxLength: 12 }), (texts) => {
        expect(analyzed(texts, analysis).map((words) => words.sort())).toEqual(texts.map((text) => [...tokenizeNatively(text, analysis)].sort()));
      }),
      { numRuns: 120 },
    );
  });

  test("SR-1 words: letters and digits, lower case, stems, no stop words, folded accents, at most 40 bytes", () => {
    const [words] = analyzed([`The Café, RUNNING foo_bar's 3.14 naïve ${"x".repeat(40)} ${"y".repeat(41)}`], DEFAULT_TEXT_ANALYSIS);
    expect(words).toEqual(["cafe", "run", "foo", "bar", "3", "14", "naiv", "x".repeat(40)]);
  });

  test.each<[string, TextAnalysis, string, string[]]>([
    ["German", { tokenizer: "words", language: "german" }, "Die Häuser laufen und springen", ["haus", "lauf", "spring"]],
    ["Russian", { tokenizer: "words", language: "russian" }, "Быстрые собаки бегут", ["быстр", "собак", "бегут"]],
    ["Chinese", { tokenizer: "icu" }, "我来到北京清华大学", ["我来", "到", "北京", "清华大学"]],
    ["Japanese", { tokenizer: "icu" }, "東京に行きました", ["東京", "に", "行き", "まし", "た"]],
    ["as written", { tokenizer: "exact" }, "The Café RUNNING", ["the", "café", "running"]],
    ["emoji", { tokenizer: "ngram", min: 1, max: 1 }, "ok👍", ["o", "k", "👍"]],
    ["substrings", { tokenizer: "ngram", min: 3, max: 3 }, "AB-12", ["ab-", "b-1", "-12"]],
  ])("SR-1 settings of a property: %s", (_, analysis, text, expected) => {
    expect(analyzed([text], analysis)[0]).toEqual(expected);
  });

  test("a null text has no words; a text of signs has none either", () => {
    expect(analyzed([null, "…—!", "one"], DEFAULT_TEXT_ANALYSIS)).toEqual([[], [], ["one"]]);
  });
});
