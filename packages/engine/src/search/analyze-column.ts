import type { TextAnalysis } from "@omnigraphdb/compiler";
import { isNull, type Utf8Column } from "../columnar/column.js";
import { ByteStringTable } from "./byte-string-table.js";

/** Words of one text, in order, with repetitions. */
export type TokenizeText = (text: string, analysis: TextAnalysis) => readonly string[];

/** Texts of a column as numbers of words. */
export interface AnalyzedColumn {
  readonly words: ByteStringTable;
  /** Row i has the words `wordIds[starts[i] … starts[i + 1])`, in unspecified order, with repetitions. */
  readonly starts: Uint32Array;
  readonly wordIds: Uint32Array;
}

/** Rows between two pauses: some tens of milliseconds. */
export const ROWS_PER_PAUSE = 8_192;

/** Where a text may be cut so that the words of the pieces are the words of the whole. */
type CutText = (bytes: Uint8Array, start: number, end: number, onPiece: (start: number, end: number) => void) => void;

/**
 * Analyses a whole column; yields where it may be paused. Texts are cut into pieces at places where every tokenizer of that kind cuts as well; each distinct piece is
 * then analysed once, many of them in one native call.
 */
export function* analyzeColumn(column: Utf8Column, analysis: TextAnalysis, tokenize: TokenizeText): Generator<void, AnalyzedColumn, void> {
  const pieces = new ByteStringTable();
  const pieceStarts = new Uint32Array(column.length + 1);
  let pieceIds = new Uint32Array(Math.max(64, column.length * 8));
  let pieceCount = 0;
  const cut = cutterOf(analysis);
  const { bytes, offsets } = column;
  const add = (start: number, end: number): void => {
    if (pieceCount === pieceIds.length) {
      const larger = new Uint32Array(pieceCount * 2);
      larger.set(pieceIds);
      pieceIds = larger;
    }
    pieceIds[pieceCount++] = pieces.intern(bytes, start, end);
  };
  for (let row = 0; row < column.length; row++) {
    if (row % ROWS_PER_PAUSE === 0) yield;
    if (!isNull(column, row)) cut(bytes, offsets[row] as number, offsets[row + 1] as number, add);
    pieceStarts[row + 1] = pieceCount;
  }
  const analyzed = yield* analyzePieces(pieces, analysis, tokenize);
  yield;
  return { words: analyzed.words, ...expandPieces(pieceStarts, pieceIds, analyzed) };
}

interface AnalyzedPieces {
  readonly words: ByteStringTable;
  /** Piece i has the words `wordIds[starts[i] … starts[i + 1])`. */
  readonly starts: Uint32Array;
  readonly wordIds: readonly number[];
}

function expandPieces(pieceStarts: Uint32Array, pieceIds: Uint32Array, { starts: wordStarts, wordIds: pieceWords }: AnalyzedPieces): Pick<AnalyzedColumn, "starts" | "wordIds"> {
  const words = Uint32Array.from(pieceWords);
  const rowCount = pieceStarts.length - 1;
  const pieceCount = pieceStarts[rowCount] as number;
  let wordCount = 0;
  for (let at = 0; at < pieceCount; at++) {
    const piece = pieceIds[at] as number;
    wordCount += (wordStarts[piece + 1] as number) - (wordStarts[piece] as number);
  }
  const starts = new Uint32Array(rowCount + 1);
  const wordIds = new Uint32Array(wordCount);
  let out = 0;
  for (let row = 0; row < rowCount; row++) {
    const last = pieceStarts[row + 1] as number;
    for (let at = pieceStarts[row] as number; at < last; at++) {
      const piece = pieceIds[at] as number;
      const end = wordStarts[piece + 1] as number;
      for (let word = wordStarts[piece] as number; word < end; word++) wordIds[out++] = words[word] as number;
    }
    starts[row + 1] = out;
  }
  return { starts, wordIds };
}

/** A word that every analysis but `ngram` leaves alone, set between pieces that are analysed together. */
const MARK = "0000000000000000";
const BATCH_LENGTH = 32_768;

function* analyzePieces(pieces: ByteStringTable, analysis: TextAnalysis, tokenize: TokenizeText): Generator<void, AnalyzedPieces, void> {
  const words = new ByteStringTable();
  const starts = new Uint32Array(pieces.count + 1);
  const wordIds: number[] = [];
  const encoder = new TextEncoder();
  const close = (piece: number, tokens: Iterable<string>): void => {
    for (const token of tokens) wordIds.push(words.intern(encoder.encode(token)));
    starts[piece + 1] = wordIds.length;
  };
  if (analysis.tokenizer === "ngram") {
    for (let piece = 0; piece < pieces.count; piece++) {
      if (piece % ROWS_PER_PAUSE === 0) yield;
      const text = pieces.textOf(piece);
      const length = [...text].length;
      close(piece, tokenize(text, { tokenizer: "ngram", min: length, max: length }));
    }
    return { words, starts, wordIds };
  }
  for (let first = 0; first < pieces.count; ) {
    yield;
    const texts: string[] = [];
    for (let length = 0; first + texts.length < pieces.count && length < BATCH_LENGTH; ) {
      const text = pieces.textOf(first + texts.length);
      texts.push(text);
      length += text.length;
    }
    for (const tokens of tokenizeTogether(texts, analysis, tokenize)) close(first++, tokens);
  }
  return { words, starts, wordIds };
}

/** Words of each text. Tokenizers never join what a line break separates. */
function tokenizeTogether(texts: readonly string[], analysis: TextAnalysis, tokenize: TokenizeText): readonly (readonly string[])[] {
  const tokens = tokenize(texts.join(`\n${MARK}\n`), analysis);
  const found: string[][] = [[]];
  for (const token of tokens) {
    if (token === MARK) found.push([]);
    else found.at(-1)?.push(token);
  }
  // Otherwise one of the texts holds the mark itself.
  return found.length === texts.length ? found : texts.map((text) => tokenize(text, analysis));
}

function cutterOf(analysis: TextAnalysis): CutText {
  switch (analysis.tokenizer) {
    case "words":
    case "exact":
      return cutAtAsciiSigns;
    case "icu":
      return cutAtSpaces;
    case "ngram":
      return (bytes, start, end, onPiece) => cutIntoGrams(bytes, start, end, analysis, onPiece);
  }
}

/** 1 = an ASCII byte that is neither letter nor digit. Bytes of longer characters are never cut: what they are is not decided here. */
const IS_ASCII_SIGN: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x80 && !/[0-9A-Za-z]/.test(String.fromCharCode(byte)) ? 1 : 0));

function cutAtAsciiSigns(bytes: Uint8Array, start: number, end: number, onPiece: (start: number, end: number) => void): void {
  for (let at = start; at < end; ) {
    while (at < end && IS_ASCII_SIGN[bytes[at] as number] === 1) at++;
    const first = at;
    while (at < end && IS_ASCII_SIGN[bytes[at] as number] === 0) at++;
    if (at > first) onPiece(first, at);
  }
}

const SPACE = 0x20;

/**
 * Letters that no rule of Unicode text segmentation ties to a space before them, by the first byte of their UTF-8: ASCII, Latin,
 * Greek, Cyrillic and ideographs. Elsewhere stand combining marks, which belong to the space.
 */
function startsLetter(byte: number): boolean {
  return (byte > SPACE && byte < 0x7f) || (byte >= 0xc3 && byte <= 0xc5) || (byte >= 0xce && byte <= 0xd1) || (byte >= 0xe4 && byte <= 0xe9);
}

function cutAtSpaces(bytes: Uint8Array, start: number, end: number, onPiece: (start: number, end: number) => void): void {
  let first = start;
  for (let at = start; at + 1 < end; at++) {
    if (bytes[at] !== SPACE || !startsLetter(bytes[at + 1] as number)) continue;
    if (at > first) onPiece(first, at);
    first = at + 1;
  }
  if (end > first) onPiece(first, end);
}

function cutIntoGrams(bytes: Uint8Array, start: number, end: number, { min, max }: { min: number; max: number }, onPiece: (start: number, end: number) => void): void {
  const next = (at: number): number => {
    let to = at + 1;
    while (to < end && ((bytes[to] as number) & 0xc0) === 0x80) to++;
    return to;
  };
  for (let first = start; first < end; first = next(first)) {
    let at = first;
    for (let length = 1; length <= max && at < end; length++) {
      at = next(at);
      if (length >= min) onPiece(first, at);
    }
  }
}
