import { parseJson } from "@omnigraphdb/api-types";
import type { Cell, ReadResult } from "../read-result.js";
import { findIntegerColumns } from "./integer-columns.js";

interface ReadAnswer {
  readonly query_name: string;
  readonly target: { readonly branch?: string | null; readonly snapshot?: string | null };
  readonly columns?: readonly string[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  readonly graph_commit_id?: string;
}

/**
 * The result that a read's answer holds. Numbers are told apart by how they are written, which the server does for this purpose: `1` is
 * an integer, `1.0` a float. Columns of the same name all have the value of the last one: an answer holds no other.
 *
 * @throws JsonTextError, SyntaxError, TypeError
 */
export function decodeReadAnswer(text: string): ReadResult {
  return decodeAtOnce(text) ?? decodeCells(text);
}

/** By the parser of the platform, five times as fast. Undefined when it would lose digits, or cannot tell integers from floats. */
export function decodeAtOnce(text: string): ReadResult | undefined {
  if (LONG_INTEGER.test(text)) return undefined;
  const answer = checked(JSON.parse(text));
  const isInteger = findIntegerColumns(text, answer.columns ?? [], answer.rows);
  return isInteger === undefined ? undefined : resultOf(answer, (value, column) => (isInteger[column] === true ? toIntegers(value) : value));
}

/** Number by number. */
export function decodeCells(text: string): ReadResult {
  return resultOf(checked(parseJson(text, "cells")), (value) => value);
}

/** Digits of what may be an integer beyond 2^53, in a text or not; the places behind a point lose nothing. */
const LONG_INTEGER = /(?<![0-9.])[0-9]{16}/;

function resultOf({ query_name: queryName, target, graph_commit_id: graphCommitId, columns = [], rows }: ReadAnswer, convert: (value: Cell, column: number) => Cell): ReadResult {
  return {
    queryName,
    target: { branch: target.branch ?? null, snapshot: target.snapshot ?? null },
    graphCommitId,
    rowCount: rows.length,
    columns,
    cell: (row, column) => convert(rows[row]?.[columns[column] as string] ?? null, column),
  };
}

function toIntegers(value: Cell): Cell {
  if (typeof value === "number") return BigInt(value);
  return Array.isArray(value) ? value.map(toIntegers) : value;
}

function checked(value: unknown): ReadAnswer {
  if (typeof value === "object" && value !== null) {
    const { query_name: name, target, rows, columns = [] } = value as Partial<ReadAnswer>;
    if (typeof name === "string" && typeof target === "object" && Array.isArray(rows) && Array.isArray(columns)) return value as ReadAnswer;
  }
  throw new TypeError("no result of a read");
}
