import type { GraphDiff } from "@omnigraphdb/api-types";
import { changeText } from "./changes.js";

/** For a person: as `commit changes` shows changes, and how many there are. */
export function* diffText({ changes, stats }: GraphDiff): Iterable<string> {
  for (const change of changes) yield changeText(change.kind, change.typeName, change);
  yield `${stats.inserts} inserted, ${stats.updates} updated, ${stats.deletes} deleted\n`;
}
