/** Languages whose stems and stop words are known, as they are written in a schema. */
export const TEXT_LANGUAGES = [
  "arabic",
  "danish",
  "dutch",
  "english",
  "finnish",
  "french",
  "german",
  "greek",
  "hungarian",
  "italian",
  "norwegian",
  "portuguese",
  "romanian",
  "russian",
  "spanish",
  "swedish",
  "tamil",
  "turkish",
] as const;

export type TextLanguage = (typeof TEXT_LANGUAGES)[number];

/**
 * How the texts of one property, and the queries on it, are split into searchable words. Words are lower-cased always, and dropped
 * above 40 bytes (query SR-1).
 *
 * - `words`: letters and digits; stems, stop words and folded accents of a language
 * - `exact`: letters and digits, as they are written: no stems, no stop words, accents count
 * - `icu`: words of any script, also of those that are written without spaces; accents are folded, nothing else
 * - `ngram`: every run of `min` to `max` characters, across spaces too; accents are folded, nothing else
 */
export type TextAnalysis =
  | { readonly tokenizer: "words"; readonly language: TextLanguage }
  | { readonly tokenizer: "exact" }
  | { readonly tokenizer: "icu" }
  | { readonly tokenizer: "ngram"; readonly min: number; readonly max: number };

export const TOKENIZERS: readonly TextAnalysis["tokenizer"][] = ["words", "exact", "icu", "ngram"];

/** Longest run of characters that is one word of `ngram`: four bytes each, it stays below the length that is dropped. */
export const NGRAM_LENGTH_MAX = 10;

/** Of properties about whose index the schema says nothing else (query SR-1). */
export const DEFAULT_TEXT_ANALYSIS: TextAnalysis = { tokenizer: "words", language: "english" };

/** Equal for equal analyses: names them in caches and files. */
export function textAnalysisName(analysis: TextAnalysis): string {
  switch (analysis.tokenizer) {
    case "words":
      return `words-${analysis.language}`;
    case "ngram":
      return `ngram-${analysis.min}-${analysis.max}`;
    default:
      return analysis.tokenizer;
  }
}
