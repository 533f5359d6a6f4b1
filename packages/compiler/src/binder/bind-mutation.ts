import { must } from "@omnigraphdb/common";
import type { EntityType } from "../catalog/catalog.js";
import {
  checkAssignedOnce,
  checkAssignedProperty,
  checkInsertIsComplete,
  checkMutatedType,
  checkPredicateProperty,
  checkUpdatable,
  isEndpoint,
} from "../check/rules/mutation.js";
import { checkValueFitsProperty } from "../check/rules/value-fits-property.js";
import type { Assignment, MutationPredicate, MutationStatement } from "../plan/mutation-plan.js";
import type { AssignmentNode, InsertNode, PredicateNode, Statement } from "../query/query-ast.js";
import type { QueryContext } from "./scope.js";

/** Binds and checks one statement (§5.6). */
export function bindStatement(node: Statement, context: QueryContext): MutationStatement {
  const type = checkMutatedType(node.type, context.catalog);
  switch (node.kind) {
    case "Insert":
      return bindInsert(node, type, context);
    case "Update": {
      checkUpdatable(type, node.type);
      const { assignments } = bindAssignments(node.assignments, type, context);
      return { kind: "Update", type: type.name, assignments, predicate: bindPredicate(node.predicate, type, context) };
    }
    case "Delete":
      return { kind: "Delete", entity: type.kind, type: type.name, predicate: bindPredicate(node.predicate, type, context) };
  }
}

function bindInsert(node: InsertNode, type: EntityType, context: QueryContext): MutationStatement {
  const { assignments, written } = bindAssignments(node.assignments, type, context);
  checkInsertIsComplete(node.type, type, written);
  if (type.kind === "node") return { kind: "InsertNode", type: type.name, assignments };
  const end = (name: string): Assignment => must(assignments.find(({ property }) => property === name), "T12 asks for both ends");
  return {
    kind: "InsertEdge",
    type: type.name,
    from: end("from").value,
    to: end("to").value,
    assignments: assignments.filter(({ property }) => !isEndpoint(property)),
  };
}

interface BoundAssignments {
  readonly assignments: readonly Assignment[];
  readonly written: ReadonlyMap<string, AssignmentNode>;
}

function bindAssignments(nodes: readonly AssignmentNode[], type: EntityType, context: QueryContext): BoundAssignments {
  const written = new Map<string, AssignmentNode>();
  const assignments: Assignment[] = [];
  for (const node of nodes) {
    const propertyType = checkAssignedProperty(node.property, type);
    checkAssignedOnce(node, written);
    const value = checkValueFitsProperty(node.value, { name: node.property, type: propertyType }, "mutation", context);
    written.set(node.property.text, node);
    assignments.push({ property: node.property.text, value });
  }
  return { assignments, written };
}

function bindPredicate(node: PredicateNode, type: EntityType, context: QueryContext): MutationPredicate {
  const propertyType = checkPredicateProperty(node.property, type);
  const value = checkValueFitsProperty(node.value, { name: node.property, type: propertyType }, "mutation", context);
  return { property: node.property.text, operator: node.operator, value };
}
