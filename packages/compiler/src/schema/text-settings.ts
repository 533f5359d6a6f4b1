/** Keyword arguments of `@index`: how the text of its property is searched. */
import { NGRAM_LENGTH_MAX, TEXT_LANGUAGES, type TextAnalysis, TOKENIZERS } from "../types/text-analysis.js";
import type { KeywordArgument } from "./schema-ast.js";

/** Most users look for three characters and more. */
const NGRAM_LENGTH = 3;

/** The settings of a constraint that passed the check. */
export function readTextSettings(keywords: readonly KeywordArgument[]): TextAnalysis {
  const written = new Map(keywords.map(({ name, value }) => [name.text, value.value]));
  const tokenizer = TOKENIZERS.find((name) => name === written.get("tokenizer")) ?? "words";
  switch (tokenizer) {
    case "words":
      return { tokenizer, language: TEXT_LANGUAGES.find((name) => name === written.get("language")) ?? "english" };
    case "ngram": {
      const min = written.get("min");
      const max = written.get("max");
      return {
        tokenizer,
        min: Number(min ?? Math.min(NGRAM_LENGTH, Number(max ?? NGRAM_LENGTH))),
        max: Number(max ?? Math.max(NGRAM_LENGTH, Number(min ?? NGRAM_LENGTH))),
      };
    }
    default:
      return { tokenizer };
  }
}

/** What is wrong with one setting, seen beside the others; undefined when nothing is. */
export function settingProblem(keyword: KeywordArgument, all: readonly KeywordArgument[]): { readonly message: string; readonly hint: string } | undefined {
  const { name, value } = keyword;
  const allowed = ALLOWED.get(name.text);
  if (allowed === undefined) return { message: `@index has no setting '${name.text}'`, hint: `settings are ${[...ALLOWED.keys()].join(", ")}` };
  if (all.find((other) => other.name.text === name.text) !== keyword) return { message: `'${name.text}=' is given twice`, hint: "keep one of them" };
  const tokenizer = all.find((other) => other.name.text === "tokenizer")?.value.value ?? "words";
  if (allowed.tokenizer !== undefined && allowed.tokenizer !== tokenizer) {
    return { message: `'${name.text}=' is a setting of tokenizer="${allowed.tokenizer}"`, hint: `with tokenizer="${tokenizer}" leave it out` };
  }
  if (allowed.values !== undefined) {
    if (value.type === "string" && allowed.values.includes(value.value)) return undefined;
    return { message: `${name.text}=${value.type === "string" ? `"${value.value}"` : value.value} is not known`, hint: `one of ${allowed.values.map((item) => `"${item}"`).join(", ")}` };
  }
  const hint = `a whole number from 1 to ${NGRAM_LENGTH_MAX}, min at most max`;
  const isLength = value.type === "integer" && Number(value.value) >= 1 && Number(value.value) <= NGRAM_LENGTH_MAX;
  if (!isLength) return { message: `'${name.text}=' is not a length in characters`, hint };
  const max = all.find((other) => other.name.text === "max");
  if (name.text === "min" && max !== undefined && Number(value.value) > Number(max.value.value)) return { message: `min=${value.value} is above max=${max.value.value}`, hint };
  return undefined;
}

interface AllowedSetting {
  readonly values?: readonly string[];
  /** The only tokenizer that has this setting. */
  readonly tokenizer?: TextAnalysis["tokenizer"];
}

const ALLOWED: ReadonlyMap<string, AllowedSetting> = new Map<string, AllowedSetting>([
  ["tokenizer", { values: TOKENIZERS }],
  ["language", { values: TEXT_LANGUAGES, tokenizer: "words" }],
  ["min", { tokenizer: "ngram" }],
  ["max", { tokenizer: "ngram" }],
]);
