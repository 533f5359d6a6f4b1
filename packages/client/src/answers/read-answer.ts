import { parseJson } from "@omnigraphdb/api-types";
import type { Cell, ReadResult } from "../read-result.js";

type Row = Readonly<Record<string, Cell>>;

/**
 * The result that a read's answer holds. Numbers are told apart by how they are written, which the server does for this purpose: `1` is
 * an integer, `1.0` a float. Columns of the same name all have the value of the last one: an answer holds no other.
 *
 * @throws JsonTextError, TypeError
 */
export function decodeReadAnswer(text: string): ReadResult {
  const answer = parseJson(text, "cells");
  if (!isAnswer(answer)) throw new TypeError("no result of a read");
  const { rows, columns = [], target } = answer;
  return {
    queryName: answer.query_name,
    target: { branch: target.branch ?? null, snapshot: target.snapshot ?? null },
    graphCommitId: answer.graph_commit_id,
    rowCount: rows.length,
    columns,
    cell(row, column) {
      return rows[row]?.[columns[column] as string] ?? null;
    },
  };
}

interface ReadAnswer {
  readonly query_name: string;
  readonly target: { readonly branch?: string | null; readonly snapshot?: string | null };
  readonly columns?: readonly string[];
  readonly rows: readonly Row[];
  readonly graph_commit_id?: string;
}

function isAnswer(value: unknown): value is ReadAnswer {
  if (typeof value !== "object" || value === null) return false;
  const { query_name: name, target, rows, columns = [] } = value as Partial<ReadAnswer>;
  return typeof name === "string" && typeof target === "object" && Array.isArray(rows) && Array.isArray(columns);
}
