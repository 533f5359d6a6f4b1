import { assertNever, must } from "@omnigraphdb/common";
import {
  type Assignment,
  type Catalog,
  type EntityType,
  type MutationPlan,
  type MutationStatement,
  type MutationValue,
  type NodeType,
  NULL_VALUE,
  type ParameterValues,
  type Value,
} from "@omnigraphdb/compiler";
import type { Cell } from "../columnar/read-cell.js";
import type { EntityHash } from "../hash/entity-hash.js";
import { SOURCE_COLUMN, TARGET_COLUMN } from "../storage/dataset-schema.js";
import { canonicalText, entityIdFromKey } from "../validate/canonical-text.js";
import { convertValue } from "./convert-value.js";
import { KeyUpdateError, MixedMutationError, MutationValueError } from "./errors.js";
import { compileMatcher, type EntityMatcher } from "./match-predicate.js";

/** Values by column. */
export type Cells = ReadonlyMap<string, Cell>;

/** A statement with its values evaluated and converted: nothing in it can fail any more but integrity. */
export type ReadyStatement =
  /** `id` undefined: a fresh one is generated (MU-7, MU-8). */
  | { readonly kind: "insert"; readonly type: EntityType; readonly id: string | undefined; readonly cells: Cells }
  /** `matcher` undefined: nothing matches. */
  | { readonly kind: "update"; readonly type: EntityType; readonly matcher: EntityMatcher | undefined; readonly cells: Cells }
  | { readonly kind: "delete"; readonly type: EntityType; readonly matcher: EntityMatcher | undefined };

export interface CompileContext {
  readonly catalog: Catalog;
  readonly values: ParameterValues;
  /** `now()`, one instant for the whole mutation (MU-10), in milliseconds. */
  readonly nowMs: number;
  readonly hash: EntityHash;
}

/**
 * Checks and converts everything that needs no data: mixing (MU-1), key updates (MU-4), values (§11.4), null in required
 * properties (MU-9). Pure: runs before any read.
 */
export function compileMutation(plan: MutationPlan, context: CompileContext): readonly ReadyStatement[] {
  const hasDelete = plan.statements.some((statement) => statement.kind === "Delete");
  if (hasDelete && plan.statements.some((statement) => statement.kind !== "Delete")) throw new MixedMutationError(plan.name);
  return plan.statements.map((statement) => compileStatement(statement, context));
}

function compileStatement(statement: MutationStatement, context: CompileContext): ReadyStatement {
  const { catalog } = context;
  switch (statement.kind) {
    case "InsertNode": {
      const type = must(catalog.nodeTypeByName.get(statement.type), "a plan names types of its catalog");
      const cells = convertAssignments(type, statement.assignments, context);
      requireValues(type, cells);
      return { kind: "insert", type, id: nodeId(type, cells), cells };
    }
    case "InsertEdge": {
      const type = must(catalog.edgeTypeByName.get(statement.type), "a plan names types of its catalog");
      const cells = new Map(convertAssignments(type, statement.assignments, context));
      requireValues(type, cells);
      cells.set(SOURCE_COLUMN, endpoint(type, "from", statement.from, context));
      cells.set(TARGET_COLUMN, endpoint(type, "to", statement.to, context));
      return { kind: "insert", type, id: undefined, cells };
    }
    case "Update": {
      const type = must(catalog.nodeTypeByName.get(statement.type), "a plan names types of its catalog");
      for (const { property } of statement.assignments) {
        if (type.key.some((key) => key.name === property)) throw new KeyUpdateError(type.name, property);
      }
      const cells = convertAssignments(type, statement.assignments, context);
      for (const [name, cell] of cells) if (cell === null) requireNullable(type, name);
      return { kind: "update", type, matcher: matcherOf(type, statement, context), cells };
    }
    case "Delete": {
      const types = statement.entity === "node" ? catalog.nodeTypeByName : catalog.edgeTypeByName;
      const type: EntityType = must(types.get(statement.type), "a plan names types of its catalog");
      return { kind: "delete", type, matcher: matcherOf(type, statement, context) };
    }
    default:
      return assertNever(statement, "mutation statement");
  }
}

function matcherOf(type: EntityType, statement: Extract<MutationStatement, { kind: "Update" | "Delete" }>, context: CompileContext): EntityMatcher | undefined {
  return compileMatcher(type, statement.predicate, evaluate(statement.predicate.value, context), context.hash);
}

function evaluate(value: MutationValue, context: CompileContext): Value {
  switch (value.kind) {
    case "Literal":
      return value.value;
    case "Parameter":
      return context.values.get(value.name) ?? NULL_VALUE;
    case "Now":
      return { kind: "datetime", ms: context.nowMs };
  }
}

function convertAssignments(type: EntityType, assignments: readonly Assignment[], context: CompileContext): Cells {
  const cells = new Map<string, Cell>();
  for (const { property, value } of assignments) {
    const declared = must(type.propertyByName.get(property), "a plan assigns declared properties");
    cells.set(property, convertValue(evaluate(value, context), { typeName: type.name, property, type: declared.type }));
  }
  return cells;
}

function requireValues(type: EntityType, cells: Cells): void {
  for (const property of type.properties) if ((cells.get(property.name) ?? null) === null) requireNullable(type, property.name);
}

function requireNullable(type: EntityType, name: string): void {
  const property = must(type.propertyByName.get(name), "a declared property");
  if (type.kind === "node" && type.key.includes(property)) throw new MutationValueError(type.name, name, "@key property cannot contain null");
  if (!property.type.isNullable) throw new MutationValueError(type.name, name, `non-nullable property '${name}' has null or invalid values`);
}

function nodeId(type: NodeType, cells: Cells): string | undefined {
  if (type.key.length === 0) return undefined;
  const texts = type.key.map((property) => {
    const text = canonicalText(cells.get(property.name) ?? null, property.type);
    if (text === undefined) throw new MutationValueError(type.name, property.name, "@key value must be finite");
    return text;
  });
  return entityIdFromKey(texts);
}

function endpoint(type: EntityType, word: "from" | "to", value: MutationValue, context: CompileContext): string {
  const id = evaluate(value, context);
  if (id.kind !== "string") throw new MutationValueError(type.name, word, "an edge end must be an entity id, not null");
  return id.value;
}
