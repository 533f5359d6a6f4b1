import { compactJson, type Json, JsonNumber } from "@omnigraphdb/common";
import type { CellJson } from "../result/cell-to-json.js";
import type { EntityChange, EntityImage } from "./change.js";

/**
 * One change as it is counted against the bytes of a page: in the form of the wire (§2), every digit kept. What a caller is sent is
 * encoded by api-types, which a page cannot know.
 */
export function changeToJson({ kind, type, id, op, before, after }: EntityChange): Json {
  return {
    kind,
    type: { id: type.id, name: type.name },
    id,
    op,
    ...(before === undefined ? {} : { before: imageToJson(before) }),
    ...(after === undefined ? {} : { after: imageToJson(after) }),
  };
}

/** Bytes of a change on the wire, without white space. */
export function changeByteCount(change: EntityChange): number {
  return Buffer.byteLength(compactJson(changeToJson(change)));
}

function imageToJson({ properties, endpoints }: EntityImage): Json {
  return {
    properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, valueToJson(value)])),
    ...(endpoints === undefined ? {} : { endpoints: { from: endpoints.from, to: endpoints.to } }),
  };
}

/** `JSON.stringify` would lose the sign of zero. */
function valueToJson(value: CellJson): Json {
  if (Object.is(value, -0)) return new JsonNumber("-0");
  return Array.isArray(value) ? value.map((item: CellJson) => valueToJson(item)) : value;
}
