import { compactJson, type Json, JsonNumber } from "@omnigraphdb/common";
import type { CellJson } from "../result/cell-to-json.js";
import type { ChangeCause, EntityChange, EntityImage } from "./change.js";

/** The wire form of one change (§2), ready for a printer that keeps 64-bit integers. */
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

/** The wire form of a cause; what it does not have is absent. */
export function causeToJson(cause: ChangeCause): Json {
  return {
    graph_commit_id: cause.graphCommitId,
    ...(cause.parentCommitId === null ? {} : { parent_commit_id: cause.parentCommitId }),
    ...(cause.mergedParentCommitId === null ? {} : { merged_parent_commit_id: cause.mergedParentCommitId }),
    authored_branch: cause.authoredBranch,
    ...(cause.actorId === null ? {} : { actor_id: cause.actorId }),
    authored_at: cause.authoredAt,
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
