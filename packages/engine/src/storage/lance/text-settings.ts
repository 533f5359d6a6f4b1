import type { FtsOptions } from "@lancedb/lancedb";
import type { TextAnalysis } from "@omnigraphdb/compiler";
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
