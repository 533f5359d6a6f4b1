import { compactJson } from "@omnigraphdb/common";
import { changeToJson } from "../../src/changes/change-json.js";
import type { EntityChange } from "../../src/changes/change.js";
import type { Graph } from "../../src/graph.js";
import type { ReadTarget } from "../../src/graph-api.js";

/** Entities by kind, type and id, each as the text of its image. */
export type Content = Map<string, string>;

/** What an export says, as a map. */
export async function readContent(graph: Graph, target: ReadTarget): Promise<Content> {
  const content: Content = new Map();
  for await (const chunk of graph.exportJsonl({ target })) addRecords(content, chunk);
  return content;
}

/** Adds the lines of an export; ids are cut from the text, so that no number goes through a parser. */
export function addRecords(content: Content, bytes: Uint8Array): void {
  for (const line of new TextDecoder().decode(bytes).split("\n")) {
    if (line === "") continue;
    const record = JSON.parse(line) as { readonly type?: string; readonly edge?: string; readonly from: string; readonly to: string; readonly data: { readonly id: string } };
    const kind = record.edge === undefined ? "node" : "edge";
    const data = line.slice(line.indexOf(`"data":`) + `"data":`.length, -1);
    const id = JSON.stringify(record.data.id);
    const properties = data.replace(`{"id":${id},`, "{").replace(`{"id":${id}}`, "{}");
    const endpoints = kind === "node" ? "" : `,"endpoints":${JSON.stringify({ from: record.from, to: record.to })}`;
    content.set(keyOf(kind, record.type ?? record.edge ?? "", record.data.id), `{"properties":${properties}${endpoints}}`);
  }
}

/** Does a change to a map; says what does not fit. */
export function applyChange(content: Content, change: EntityChange): void {
  const key = keyOf(change.kind, change.type.name, change.id);
  const { before, after } = changeToJson(change) as { readonly before?: never; readonly after?: never };
  const known = content.get(key);
  const expected = before === undefined ? undefined : compactJson(before);
  if (known !== expected) throw new Error(`${change.op} of ${key}: the map has ${known ?? "nothing"}, the change says ${expected ?? "nothing"}`);
  if (after === undefined) content.delete(key);
  else content.set(key, compactJson(after));
}

export function keyOf(kind: string, type: string, id: string): string {
  return `${kind} ${type} ${id}`;
}
