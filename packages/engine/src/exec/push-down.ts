import type { Condition, Expression, PropertyType, Value } from "@omnigraphdb/compiler";
import { ID_COLUMN } from "../storage/dataset-schema.js";
import type { Predicate, PredicateValue } from "../storage/predicate.js";
import { MIRRORED_SIGN } from "../value/comparison.js";
import { toPredicateValue } from "../value/predicate-value.js";
import { isConstant } from "./key-lookup.js";

/** Longest membership list worth a native filter. */
const LIST_ITEMS_MAX = 10_000;

/**
 * The conditions of a scan that the storage can evaluate with the language's meaning. Conditions it cannot are left to the scan, which
 * evaluates all of them again on what arrives (PL-2).
 *
 * @returns undefined when nothing can be pushed; `"nothing"` when a null constant rules every row out (EX-22)
 */
export function pushDown(conditions: readonly Condition[], valueOf: (constant: Expression) => Value): Predicate | "nothing" | undefined {
  const predicates: Predicate[] = [];
  for (const condition of conditions) {
    const predicate = pushCondition(condition, valueOf);
    if (predicate === "nothing") return "nothing";
    if (predicate !== undefined) predicates.push(predicate);
  }
  const [first] = predicates;
  return predicates.length > 1 ? { kind: "and", predicates } : first;
}

/** The rows with these ids. */
export function idPredicate(ids: readonly string[]): Predicate {
  const values = ids.map((value): PredicateValue => ({ kind: "string", value }));
  const [only] = values;
  return only !== undefined && values.length === 1 ? { kind: "compare", column: ID_COLUMN, operator: "=", value: only } : { kind: "in", column: ID_COLUMN, values };
}

function pushCondition({ operator, left, right }: Condition, valueOf: (constant: Expression) => Value): Predicate | "nothing" | undefined {
  const constant = isConstant(left) ? left : isConstant(right) ? right : undefined;
  const property = left.kind === "Property" ? left : right.kind === "Property" ? right : undefined;
  if (constant === undefined || property === undefined) return undefined;
  const value = valueOf(constant);
  if (value.kind === "null") return "nothing";
  if (property.type.isList) return undefined;
  switch (operator) {
    case "=":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=": {
      const scalar = pushableValue(value, property.type);
      if (scalar === undefined) return undefined;
      return { kind: "compare", column: property.property, operator: property === left ? operator : MIRRORED_SIGN[operator], value: scalar };
    }
    case "member": {
      if (value.kind !== "list" || value.items.length > LIST_ITEMS_MAX) return undefined;
      const values = value.items.map((item) => pushableValue(item, property.type));
      if (values.length === 0) return "nothing";
      return values.every((item) => item !== undefined) ? { kind: "in", column: property.property, values } : undefined;
    }
    default:
      return undefined;
  }
}

/** NaN and the infinities are left to the scan. */
function pushableValue(value: Value, type: PropertyType): PredicateValue | undefined {
  const scalar = toPredicateValue(value, type);
  return scalar?.kind === "float" && !Number.isFinite(scalar.value) ? undefined : scalar;
}
