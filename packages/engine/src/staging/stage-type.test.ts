import { createAcceptedSchema } from "@omnigraphdb/compiler";
import { expect, test } from "vitest";
import { RowSet } from "../columnar/row-set.js";
import { IdentityIndex } from "../hash/identity-index.js";
import { BatchStaging } from "./batch-staging.js";
import { type StagedTypeDelta, stageType } from "./stage-type.js";

function emptyDelta(replacesAll: boolean): StagedTypeDelta {
  const { catalog } = createAcceptedSchema("node Item { slug: String @key }", { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
  const type = catalog.nodeTypeByName.get("Item");
  if (type === undefined) throw new Error("the schema has items");
  const rows = new BatchStaging({ directory: "", memoryBytes: Number.POSITIVE_INFINITY }).createRows();
  return { type, rows, ids: new IdentityIndex(), dropped: new RowSet(), uniqueIndexes: [], replacesAll, removed: undefined };
}

test("AC-4 an empty batch is nothing to append or merge, but an overwrite by it empties the type", () => {
  expect(stageType(emptyDelta(false), undefined, 3, "insert")).toBeUndefined();
  expect(stageType(emptyDelta(false), undefined, 3, "merge")).toBeUndefined();
  expect(stageType(emptyDelta(true), undefined, 3, "strict")).toMatchObject({ typeKey: "node:Item", effects: [{ kind: "deleteAll" }], entityCountAfter: 0 });
  expect(stageType(emptyDelta(true), undefined, 0, "strict")).toBeUndefined();
});
