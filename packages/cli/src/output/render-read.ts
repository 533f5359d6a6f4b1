import { chunked } from "./chunked.js";
import { renderCsv } from "./csv.js";
import { renderJson } from "./json.js";
import { renderJsonl } from "./jsonl.js";
import { renderKv } from "./kv.js";
import type { ReadResult } from "@omnigraphdb/client";
import type { ReadFormat, ReadRenderer } from "./read-result.js";
import { renderTable } from "./table.js";
import { DEFAULT_TABLE_STYLE, type TableStyle } from "./table-style.js";

const RENDERERS: Readonly<Record<ReadFormat, ReadRenderer>> = {
  table: renderTable,
  kv: renderKv,
  csv: renderCsv,
  jsonl: renderJsonl,
  json: renderJson,
};

/** A read result as text, in chunks worth a write. */
export function renderRead(result: ReadResult, format: ReadFormat, tableStyle: TableStyle = DEFAULT_TABLE_STYLE): Iterable<string> {
  return chunked(RENDERERS[format](result, tableStyle));
}
