import { typeError } from "../check/type-error.js";
import type { LiteralExpression } from "../plan/expression.js";
import type { DateLiteral, ListLiteral, LiteralNode } from "../query/query-ast.js";
import { areCompatible, scalarType, vectorType } from "../types/compatible.js";
import { displayType, isNumeric, type PropertyType } from "../types/property-type.js";
import { parseDateText, parseDateTimeText } from "../value/date-time-text.js";
import type { Value } from "../value/value.js";

/** TY-3, TY-4. */
export function bindLiteral(node: LiteralNode): LiteralExpression {
  return { kind: "Literal", value: literalValue(node), type: literalType(node) };
}

function literalType(node: LiteralNode): PropertyType {
  switch (node.kind) {
    case "String":
      return scalarType("String");
    case "Integer":
      return scalarType("I64");
    case "Float":
      return scalarType("F64");
    case "Boolean":
      return scalarType("Bool");
    case "DateCall":
      return scalarType(node.function === "date" ? "Date" : "DateTime");
    case "List":
      return listType(node);
  }
}

function listType(node: ListLiteral): PropertyType {
  const [first] = node.items;
  if (first === undefined) return { ...scalarType("String"), isList: true };
  for (const item of node.items) {
    if (item.kind === "List") throw typeError("TY-4", item.span, "list literals cannot be nested");
  }
  const itemType = literalType(first);
  for (const item of node.items) {
    const type = literalType(item);
    if (!areCompatible(itemType, type)) {
      throw typeError("TY-4", item.span, `list items must have one type: ${displayType(itemType)} and ${displayType(type)} do not mix`, {
        related: [{ span: first.span, message: `the first item is ${displayType(itemType)}` }],
      });
    }
  }
  return { ...itemType, isList: true };
}

function literalValue(node: LiteralNode): Value {
  switch (node.kind) {
    case "String":
      return { kind: "string", value: node.value };
    case "Integer":
      return { kind: "integer", value: node.value };
    case "Float":
      return { kind: "float", value: node.value };
    case "Boolean":
      return { kind: "bool", value: node.value };
    case "DateCall":
      return dateValue(node);
    case "List":
      return { kind: "list", items: node.items.map(literalValue) };
  }
}

function dateValue({ function: name, text }: DateLiteral): Value {
  if (name === "date") {
    const days = parseDateText(text);
    return days === undefined ? { kind: "unreadable", type: "Date", text } : { kind: "date", days };
  }
  const ms = parseDateTimeText(text);
  return ms === undefined ? { kind: "unreadable", type: "DateTime", text } : { kind: "datetime", ms };
}

/** A numeric list literal read as a vector; `undefined` for every other literal. */
export function asVector({ value, type }: LiteralExpression): LiteralExpression | undefined {
  if (value.kind !== "list" || !isNumeric(type.base)) return undefined;
  const values = value.items.map((item) => (item.kind === "integer" ? Number(item.value) : item.kind === "float" ? item.value : Number.NaN));
  return { kind: "Literal", value: { kind: "vector", values }, type: vectorType(values.length) };
}
