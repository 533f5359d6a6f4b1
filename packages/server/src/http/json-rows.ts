import { floatText, objectColumns } from "@omnigraphdb/api-types";
import { type CellJson, cellToJson, type QueryResult, type ResultColumn } from "@omnigraphdb/engine";
import { HttpResponse } from "./http-response.js";

/** Characters of one piece of an answer, give or take a row. */
const PIECE_CHARACTERS = 64 * 1024;

/** Answers up to so many characters are sent as one text with a length; longer ones row by row as the client takes them. */
const WHOLE_CHARACTERS = 256 * 1024;

const FLOAT_TYPES: ReadonlySet<string> = new Set(["F32", "F64", "Vector"]);

export interface ReadOutputOptions {
  /** The answer of `/read` is frozen without it (§9.2). */
  readonly hasCommitId: boolean;
}

/**
 * The response to a read (`ReadOutput`, §9.1.3), status 200. Rows are written straight from the columns of the result; the text of every
 * value is the one that the command line's `json` format has. A large result is written while the client takes it.
 */
export function readOutputResponse(result: QueryResult, options: ReadOutputOptions, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const pieces = readOutputText(result, options);
  const begin = takeCharacters(pieces, WHOLE_CHARACTERS);
  const init = { headers: { "content-type": "application/json", ...headers } };
  return new HttpResponse(begin.isAll ? begin.text : streamOf(begin.text, pieces), init);
}

/** The JSON text of {@link readOutputResponse} in pieces of about 64 KiB. */
function* readOutputText(result: QueryResult, { hasCommitId }: ReadOutputOptions): Generator<string, void> {
  const names = result.columns.map((column) => column.name);
  let text = `{"query_name":${JSON.stringify(result.queryName)},"target":{"branch":${textOrNull(result.target.branch)},"snapshot":${textOrNull(result.target.snapshot)}},"row_count":${result.rowCount}`;
  if (names.length > 0) text += `,"columns":${JSON.stringify(names)}`;
  text += ',"rows":[';
  const writers = objectColumns(names).map((source, at) => memberWriter(result.columns[source] as ResultColumn, at === 0 ? "{" : ","));
  for (let row = 0; row < result.rowCount; row++) {
    if (row > 0) text += ",";
    for (const write of writers) text += write(row);
    text += writers.length === 0 ? "{}" : "}";
    if (text.length < PIECE_CHARACTERS) continue;
    yield text;
    text = "";
  }
  yield `${text}]${hasCommitId ? `,"graph_commit_id":${JSON.stringify(result.graphCommitId)}` : ""}`;
  if (hasCommitId && writers.length < names.length) yield* replacedText(result, names);
  yield "}";
}

function textOrNull(text: string | null): string {
  return text === null ? "null" : JSON.stringify(text);
}

/** The columns whose values no row object can hold, as another one has their name (RS-3). */
function* replacedText(result: QueryResult, names: readonly string[]): Generator<string, void> {
  const kept = new Set(objectColumns(names));
  let text = ',"replaced":[';
  for (const [index, column] of result.columns.entries()) {
    if (kept.has(index)) continue;
    const isFloat = FLOAT_TYPES.has(column.type.base.kind);
    text += `${text.endsWith("[") ? "" : ","}{"column":${index},"cells":[`;
    for (let row = 0; row < result.rowCount; row++) {
      text += `${row === 0 ? "" : ","}${cellText(cellToJson(column, row), isFloat)}`;
      if (text.length < PIECE_CHARACTERS) continue;
      yield text;
      text = "";
    }
    text += "]}";
  }
  yield `${text}]`;
}

/** Writes one member of a row object with what stands before it. */
function memberWriter(column: ResultColumn, before: string): (row: number) => string {
  const prefix = `${before}${JSON.stringify(column.name)}:`;
  const isFloat = FLOAT_TYPES.has(column.type.base.kind);
  return (row) => prefix + cellText(cellToJson(column, row), isFloat);
}

function cellText(cell: CellJson, isFloat: boolean): string {
  switch (typeof cell) {
    case "string":
      return JSON.stringify(cell);
    case "number":
      return isFloat ? floatText(cell) : String(cell);
    case "object":
      return cell === null ? "null" : `[${cell.map((item) => cellText(item, isFloat)).join(",")}]`;
    default:
      return String(cell);
  }
}

function takeCharacters(pieces: Iterator<string, void>, count: number): { readonly text: string; readonly isAll: boolean } {
  let text = "";
  while (text.length <= count) {
    const piece = pieces.next();
    if (piece.done === true) return { text, isAll: true };
    text += piece.value;
  }
  return { text, isAll: false };
}

function streamOf(begin: string, rest: Iterator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(begin)),
      pull(controller) {
        const piece = rest.next();
        if (piece.done === true) controller.close();
        else controller.enqueue(encoder.encode(piece.value));
      },
    },
    { highWaterMark: 1 },
  );
}
