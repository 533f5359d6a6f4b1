import type { Condition, Expression, NodeType, Property, Value } from "@omnigraphdb/compiler";
import { entityIdFromKey } from "../validate/canonical-text.js";

/** For each key property, in id order, the condition that fixes it: `=` with a constant, or membership in a constant list. */
export type KeyConditions = readonly { readonly property: Property; readonly constant: Expression; readonly isList: boolean }[];

/**
 * Conditions that determine the entity id through the type's key (§11.2); undefined when some key property is free, when the
 * key kind has no canonical spelling that equality implies (floats), or when more than one property takes a list.
 */
export function findKeyConditions(type: NodeType, variable: string, conditions: readonly Condition[]): KeyConditions | undefined {
  if (type.key.length === 0) return undefined;
  const found: { property: Property; constant: Expression; isList: boolean }[] = [];
  for (const property of type.key) {
    if (property.type.base.kind === "F32" || property.type.base.kind === "F64") return undefined;
    const isProperty = (expression: Expression): boolean =>
      expression.kind === "Property" && expression.variable === variable && expression.property === property.name;
    let match: (typeof found)[number] | undefined;
    for (const { operator, left, right } of conditions) {
      if (operator === "=" && isProperty(left) && isConstant(right)) match = { property, constant: right, isList: false };
      else if (operator === "=" && isProperty(right) && isConstant(left)) match = { property, constant: left, isList: false };
      else if (operator === "member" && type.key.length === 1 && isProperty(right) && isConstant(left)) match ??= { property, constant: left, isList: true };
    }
    if (match === undefined) return undefined;
    found.push(match);
  }
  return found;
}

export function isConstant(expression: Expression): boolean {
  return expression.kind === "Literal" || expression.kind === "Parameter" || expression.kind === "Now";
}

/** Ids that satisfy the key conditions, without duplicates; those no stored entity can have are left out. */
export function idsOfKey(conditions: KeyConditions, valueOf: (constant: Expression) => Value): readonly string[] {
  const [first] = conditions;
  if (first === undefined) return [];
  if (conditions.length === 1) {
    const value = valueOf(first.constant);
    const candidates = first.isList ? (value.kind === "list" ? value.items : []) : [value];
    const spelled = candidates.map((candidate) => spellKeyValue(first.property, candidate)).filter((text) => text !== undefined);
    return [...new Set(spelled)];
  }
  const parts: string[] = [];
  for (const { property, constant } of conditions) {
    const text = spellKeyValue(property, valueOf(constant));
    if (text === undefined) return [];
    parts.push(text);
  }
  return [entityIdFromKey(parts)];
}

/** Canonical spelling of §11.2 of the key value that equals `value`; undefined when none does. */
function spellKeyValue(property: Property, value: Value): string | undefined {
  switch (value.kind) {
    case "string":
      return value.value;
    case "bool":
      return String(value.value);
    case "integer":
      return value.value.toString();
    case "float":
      return Number.isInteger(value.value) ? BigInt(value.value).toString() : undefined;
    case "date":
      return property.type.base.kind === "Date" ? String(value.days) : undefined;
    case "datetime":
      return String(value.ms);
    default:
      return undefined;
  }
}
