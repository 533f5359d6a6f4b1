import type { FtsOptions } from "@lancedb/lancedb";
import { TEXT_LANGUAGES, type TextAnalysis } from "@omnigraphdb/compiler";
import { nativeModule } from "./arrow.js";

/** The first length in bytes that is dropped; words of 40 bytes stay (query SR-1). */
const DROPPED_BYTES_MIN = 41;

/** The one place that says what an analysis means to the native library: its indexes and {@link tokenizeNatively} both read it. */
export function textSettingsOf(analysis: TextAnalysis): Partial<FtsOptions> {
  const literal = { maxTokenLength: DROPPED_BYTES_MIN, lowercase: true, stem: false, removeStopWords: false };
  switch (analysis.tokenizer) {
    case "words": {
      const language = analysis.language.charAt(0).toUpperCase() + analysis.language.slice(1);
      return { ...literal, baseTokenizer: "simple", language, stem: true, removeStopWords: true, asciiFolding: true };
    }
    case "exact":
      return { ...literal, baseTokenizer: "simple", asciiFolding: false };
    case "icu":
      return { ...literal, baseTokenizer: "icu", asciiFolding: true };
    case "ngram":
      return { ...literal, baseTokenizer: "ngram", asciiFolding: true, ngramMinLength: analysis.min, ngramMaxLength: analysis.max };
  }
}

/** The analysis whose settings an index reports; undefined when it is none of ours. */
export function textAnalysisOf(details: unknown): TextAnalysis | undefined {
  if (typeof details !== "object" || details === null) return undefined;
  const reported = details as Readonly<Record<string, unknown>>;
  const language = TEXT_LANGUAGES.find((name) => name === String(reported["language"]).toLowerCase()) ?? "english";
  const candidates: readonly TextAnalysis[] = [
    { tokenizer: "words", language },
    { tokenizer: "exact" },
    { tokenizer: "icu" },
    { tokenizer: "ngram", min: Number(reported["min_ngram_length"]), max: Number(reported["max_ngram_length"]) },
  ];
  return candidates.find((analysis) => {
    const settings = textSettingsOf(analysis);
    return REPORTED_NAMES.every(([name, reportedName]) => settings[name] === undefined || settings[name] === reported[reportedName]);
  });
}

/** What the settings are called in an index's own report. */
const REPORTED_NAMES: readonly (readonly [keyof FtsOptions, string])[] = [
  ["baseTokenizer", "base_tokenizer"],
  ["language", "language"],
  ["maxTokenLength", "max_token_length"],
  ["lowercase", "lower_case"],
  ["stem", "stem"],
  ["removeStopWords", "remove_stop_words"],
  ["asciiFolding", "ascii_folding"],
  ["ngramMinLength", "min_ngram_length"],
  ["ngramMaxLength", "max_ngram_length"],
];

/** Words of `text` as a native index with these settings sees them. Unpaired surrogates separate words. */
export function tokenizeNatively(text: string, analysis: TextAnalysis): readonly string[] {
  const { baseTokenizer, language, maxTokenLength, lowercase, stem, removeStopWords, asciiFolding, ngramMinLength, ngramMaxLength } =
    textSettingsOf(analysis);
  const tokens = nativeModule().tokenize(
    text,
    baseTokenizer,
    language,
    maxTokenLength,
    lowercase,
    stem,
    removeStopWords,
    undefined,
    asciiFolding,
    ngramMinLength,
    ngramMaxLength,
    false,
  );
  return tokens.map((token) => token.text);
}
