import type { ComparisonSign, EntityType, MutationPredicate, PropertyType, Value } from "@omnigraphdb/compiler";
import type { Cell } from "../columnar/read-cell.js";
import { hashText, type EntityHash } from "../hash/entity-hash.js";
import { ID_COLUMN, SOURCE_COLUMN, SOURCE_HASH_COLUMN, TARGET_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import type { Predicate, PredicateValue } from "../storage/predicate.js";
import { holds } from "../value/comparison.js";
import { compareNumbers } from "../value/exact-numbers.js";
import { toPredicateValue } from "../value/predicate-value.js";
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
  const operand = toPredicateValue(value, propertyType);
  if (operand === undefined || propertyType.isList || propertyType.base.kind === "Vector" || propertyType.base.kind === "Blob") return undefined;
  const { operator } = predicate;
  const plain: Predicate = { kind: "compare", column, operator, value: operand };
  return {
    column,
    predicate: seekable(type, column, operator, operand, hash) ?? plain,
    matches: (cell) => cell !== null && holds(operator, compareCell(cell, operand)),
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
function seekable(type: EntityType, column: string, operator: ComparisonSign, operand: PredicateValue, hash: EntityHash): Predicate | undefined {
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
