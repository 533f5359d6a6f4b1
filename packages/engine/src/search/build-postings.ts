import type { TextAnalysis } from "@omnigraphdb/compiler";
import { isNull, type Utf8Column } from "../columnar/column.js";
import { type AnalyzedColumn, analyzeColumn, ROWS_PER_PAUSE, type TokenizeText } from "./analyze-column.js";
import { compactCounts, NULL_LENGTH, type Postings } from "./postings.js";

/** In one go: for a few thousand texts. */
export function buildPostings(column: Utf8Column, analysis: TextAnalysis, tokenize: TokenizeText): Postings {
  const steps = postingsSteps(column, analysis, tokenize);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** For any number of texts: others run in between. */
export async function buildPostingsInTurns(column: Utf8Column, analysis: TextAnalysis, tokenize: TokenizeText, turn: () => Promise<void>): Promise<Postings> {
  const steps = postingsSteps(column, analysis, tokenize);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await turn();
  }
}

function* postingsSteps(column: Utf8Column, analysis: TextAnalysis, tokenize: TokenizeText): Generator<void, Postings, void> {
  const analyzed = yield* analyzeColumn(column, analysis, tokenize);
  const lengths = new Uint32Array(column.length);
  for (let row = 0; row < column.length; row++) {
    lengths[row] = isNull(column, row) ? NULL_LENGTH : (analyzed.starts[row + 1] as number) - (analyzed.starts[row] as number);
  }
  return { words: analyzed.words, lengths, ...(yield* groupByWord(analyzed)) };
}

/** A counting sort by word: rows of one word stay ascending, and repetitions in a row become a count. */
function* groupByWord({ words, starts: rowStarts, wordIds }: AnalyzedColumn): Generator<void, Pick<Postings, "starts" | "rows" | "counts">, void> {
  const rowCount = rowStarts.length - 1;
  /** Row + 1 in which a word was met last. */
  const lastRow = new Uint32Array(words.count);
  const starts = new Uint32Array(words.count + 1);
  for (let row = 0; row < rowCount; row++) {
    if (row % ROWS_PER_PAUSE === 0) yield;
    const end = rowStarts[row + 1] as number;
    for (let at = rowStarts[row] as number; at < end; at++) {
      const word = wordIds[at] as number;
      if (lastRow[word] === row + 1) continue;
      lastRow[word] = row + 1;
      starts[word + 1] = (starts[word + 1] as number) + 1;
    }
  }
  for (let word = 0; word < words.count; word++) starts[word + 1] = (starts[word + 1] as number) + (starts[word] as number);
  const next = starts.slice();
  const rows = new Uint32Array(starts[words.count] as number);
  const counts = new Uint32Array(rows.length);
  lastRow.fill(0);
  for (let row = 0; row < rowCount; row++) {
    if (row % ROWS_PER_PAUSE === 0) yield;
    const end = rowStarts[row + 1] as number;
    for (let at = rowStarts[row] as number; at < end; at++) {
      const word = wordIds[at] as number;
      if (lastRow[word] !== row + 1) {
        lastRow[word] = row + 1;
        rows[next[word] as number] = row;
        next[word] = (next[word] as number) + 1;
      }
      const posting = (next[word] as number) - 1;
      counts[posting] = (counts[posting] as number) + 1;
    }
  }
  return { starts, rows, counts: compactCounts(counts) };
}
