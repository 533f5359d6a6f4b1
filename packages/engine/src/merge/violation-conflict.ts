import { must } from "@omnigraphdb/common";
import { parseTypeKey } from "@omnigraphdb/compiler";
import type { ConstraintViolationError } from "../validate/errors.js";
import type { MergeConflict } from "./merge-conflict.js";

/** A broken rule of the merged graph as a conflict (MG-60 … MG-63). */
export function conflictOf(error: ConstraintViolationError): MergeConflict {
  const { kind: entityKind, name: typeName } = must(parseTypeKey(error.typeKey), "a violation names its type");
  const conflict = { entityKind, typeName, entityId: error.entityId, message: error.message };
  switch (error.kind) {
    case "endpoint":
      return { ...conflict, kind: "orphan_edge", message: withoutPrefix(error.message, `edge ${typeName}: `) };
    case "unique":
      return { ...conflict, kind: "unique_violation" };
    case "cardinality":
      // Several edges together break it; the message names their source (MG-71).
      return { ...conflict, kind: "cardinality_violation", entityId: null };
    case "enum":
    case "range":
    case "check":
      return { ...conflict, kind: "value_constraint_violation" };
  }
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
