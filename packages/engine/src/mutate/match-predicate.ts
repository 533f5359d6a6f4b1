import type { EntityType, MutationPredicate, PropertyType, Value } from "@omnigraphdb/compiler";
import type { Cell } from "../columnar/read-cell.js";
import { hashText, type EntityHash } from "../hash/entity-hash.js";
import { ID_COLUMN, SOURCE_COLUMN, SOURCE_HASH_COLUMN, TARGET_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import type { Predicate, PredicateOperator, PredicateValue } from "../storage/predicate.js";
import { refuseUnreadable } from "./convert-value.js";

const encoder = new TextEncoder();
const TEXT_TYPE: PropertyType = { base: { kind: "String" }, isList: false, isNullable: false };

/** The condition of an update or delete, ready to be pushed to a scan and to be evaluated on pending images. */
export interface EntityMatcher {
  readonly column: string;
  readonly predicate: Predicate;
  /** Whether a pending value of `column` satisfies the condition. */
  matches(cell: Cell): boolean;
}

/**
 * Compiles one comparison (MU-4).
 *
 * @returns undefined when nothing can match: a null value, or a list, vector or blob property (MU-5)
 */
export function compileMatcher(type: EntityType, predicate: MutationPredicate, value: Value, hash: EntityHash): EntityMatcher | undefined {
  const column = columnOf(type, predicate.property);
  const propertyType = type.propertyByName.get(column)?.type ?? TEXT_TYPE;
  if (value.kind === "unreadable") return refuseUnreadable(value, type.name, predicate.property);
  const operand = operandOf(value, propertyType);
  if (operand === undefined || propertyType.isList || propertyType.base.kind === "Vector" || propertyType.base.kind === "Blob") return undefined;
  const { operator } = predicate;
  const plain: Predicate = { kind: "compare", column, operator, value: operand };
  return {
    column,
    predicate: seekable(type, column, operator, operand, hash) ?? plain,
    matches: (cell) => cell !== null && satisfies(compareCell(cell, operand), operator),
  };
}

/** `from` and `to` of an edge are its stored ends, unless the edge type declares such a property. */
function columnOf(type: EntityType, property: string): string {
  if (type.kind === "node") return property;
  if (property === "from") return SOURCE_COLUMN;
  if (property === "to") return TARGET_COLUMN;
  return property;
}

/** An equal condition on an indexed column, where there is one. */
function seekable(type: EntityType, column: string, operator: PredicateOperator, operand: PredicateValue, hash: EntityHash): Predicate | undefined {
  if (operator !== "=" || operand.kind !== "string") return undefined;
  const plain: Predicate = { kind: "compare", column, operator, value: operand };
  if (type.kind === "node") {
    const isWholeKey = type.key.length === 1 && type.key[0]?.name === column;
    return isWholeKey ? { ...plain, column: ID_COLUMN } : undefined;
  }
  if (column !== SOURCE_COLUMN && column !== TARGET_COLUMN) return undefined;
  const hashColumn = column === SOURCE_COLUMN ? SOURCE_HASH_COLUMN : TARGET_HASH_COLUMN;
  const byHash: Predicate = { kind: "compare", column: hashColumn, operator, value: { kind: "integer", value: hashText(operand.value, hash) } };
  return { kind: "and", predicates: [byHash, plain] };
}

function operandOf(value: Value, type: PropertyType): PredicateValue | undefined {
  switch (value.kind) {
    case "string":
    case "bool":
    case "date":
    case "datetime":
      return value;
    case "integer":
    case "float":
      // EX-24: what is compared with an F32 property is rounded to F32 first.
      return type.base.kind === "F32" ? { kind: "float", value: Math.fround(Number(value.value)) } : value;
    default:
      return undefined;
  }
}

function satisfies(order: number, operator: PredicateOperator): boolean {
  switch (operator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** Sign of `cell` against the operand (EX-23, EX-24). `bigint` and `number` compare by mathematical value. */
function compareCell(cell: Cell, operand: PredicateValue): number {
  switch (operand.kind) {
    case "string":
      return Buffer.compare(encoder.encode(String(cell)), encoder.encode(operand.value));
    case "bool":
      return Number(cell) - Number(operand.value);
    case "date":
      return Number(cell) - operand.days;
    case "datetime":
      return compareNumbers(cell as bigint, operand.ms);
    case "integer":
    case "float":
      return compareNumbers(cell as number | bigint, operand.value);
  }
}

function compareNumbers(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1;
  if (a > b) return 1;
  // NaN equals itself and is greater than every number.
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
