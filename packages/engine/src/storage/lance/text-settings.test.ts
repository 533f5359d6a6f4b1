import { TEXT_LANGUAGES, type TextAnalysis, textAnalysisName } from "@omnigraphdb/compiler";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { lance } from "./arrow.js";
import { textAnalysisOf, textSettingsOf, tokenizeNatively } from "./text-settings.js";

const ANALYSES: readonly TextAnalysis[] = [
  ...TEXT_LANGUAGES.map((language): TextAnalysis => ({ tokenizer: "words", language })),
  { tokenizer: "exact" },
  { tokenizer: "icu" },
  { tokenizer: "ngram", min: 1, max: 1 },
  { tokenizer: "ngram", min: 2, max: 10 },
];
const TEXTS = ["The Häuser лес бегут maisons casas 北京大学 x_y 3.14 👍 Ça é", "a".repeat(41), ""];

test("SR-1 the direct call gives the tokens of the public one, whose arguments are named", async () => {
  for (const analysis of ANALYSES) {
    for (const text of TEXTS) {
      const tokens = await lance().tokenize(text, textSettingsOf(analysis));
      expect(tokenizeNatively(text, analysis), textAnalysisName(analysis)).toEqual(tokens.map((token) => token.text));
    }
  }
});

test("IX-10 an index reports the analysis it was built with, and finds by it", async () => {
  await using dir = await makeTempDir();
  const connection = await lance().connect(dir.path);
  const table = await connection.createTable("t", [{ text: "The Häuser лес бегут 北京大学 x_y" }]);
  for (const analysis of ANALYSES) {
    const config = lance().Index.fts({ ...textSettingsOf(analysis), withPosition: false });
    await table.createIndex("text", { config, name: "text_idx", replace: true });
    const [index] = await table.listIndices();
    expect(textAnalysisOf(index?.indexDetails), textAnalysisName(analysis)).toEqual(analysis);
    const { MatchQuery } = lance();
    for (const query of ["haus", "häuser", "лес", "北京", "京大", "zzz", "the"]) {
      const hits = await table.query().fullTextSearch(new MatchQuery(query, "text")).toArray();
      const words = new Set(tokenizeNatively("The Häuser лес бегут 北京大学 x_y", analysis));
      expect(hits.length, `${textAnalysisName(analysis)} ${query}`).toBe(tokenizeNatively(query, analysis).some((word) => words.has(word)) ? 1 : 0);
    }
  }
  await table.createIndex("text", { config: lance().Index.fts(), name: "text_idx", replace: true });
  const [foreign] = await table.listIndices();
  expect(textAnalysisOf(foreign?.indexDetails)).toBeUndefined();
  expect(textAnalysisOf(undefined)).toBeUndefined();
});
