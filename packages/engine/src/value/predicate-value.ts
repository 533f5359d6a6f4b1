import type { PropertyType, Value } from "@omnigraphdb/compiler";
import type { PredicateValue } from "../storage/predicate.js";
import { roundToFloat32 } from "./exact-numbers.js";

/**
 * The scalar that a property of this type is compared with: a number that meets an F32 property is rounded to F32 first (EX-24).
 *
 * @returns undefined for what is no scalar, and for null, which no comparison satisfies (EX-22)
 */
export function toPredicateValue(value: Value, type: PropertyType): PredicateValue | undefined {
  switch (value.kind) {
    case "string":
    case "bool":
    case "date":
    case "datetime":
      return value;
    case "integer":
    case "float":
      return type.base.kind === "F32" ? { kind: "float", value: roundToFloat32(value.value) } : value;
    default:
      return undefined;
  }
}
