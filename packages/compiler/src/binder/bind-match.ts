import { must } from "@omnigraphdb/common";
import type { NodeType } from "../catalog/catalog.js";
import { checkBindingType, checkRebinding, checkSameTypeEverywhere } from "../check/rules/binding-type.js";
import { checkFilterOperands } from "../check/rules/filter-operands.js";
import { checkNegationCorrelation } from "../check/rules/negation-correlation.js";
import { describeType, propertyHint } from "../check/rules/property-reference.js";
import {
  checkDirection,
  checkEdgeVariable,
  checkEdgeWord,
  checkEndpointIsNode,
  checkEndpointType,
  checkHopBounds,
  checkUndirected,
} from "../check/rules/traversal.js";
import { checkValueFitsProperty } from "../check/rules/value-fits-property.js";
import { typeError } from "../check/type-error.js";
import type { EdgeType } from "../catalog/catalog.js";
import type { Condition, Expression } from "../plan/expression.js";
import type { Binding, Block, Clause, Filter, Name, PropertyMatch, Traversal } from "../query/query-ast.js";
import { bindExpression, bindTextCall } from "./bind-expression.js";
import type { BoundBinding, BoundBlock, BoundClause, BoundFilter, BoundTextMatch, BoundTraversal, BoundVariable } from "./bound-query.js";
import { Scope } from "./scope.js";
import { ANONYMOUS } from "./variable-names.js";

/** Binds and checks the clauses of a block top to bottom (CK-1, CK-2). */
export function bindBlock(block: Block, scope: Scope): BoundBlock {
  return { clauses: block.clauses.map((clause) => bindClause(clause, scope)) };
}

function bindClause(clause: Clause, scope: Scope): BoundClause {
  switch (clause.kind) {
    case "Binding":
      return bindBinding(clause, scope);
    case "Traversal":
      return bindTraversal(clause, scope);
    case "Filter":
      return bindFilter(clause, scope);
    case "TextClause":
      return { kind: "TextMatch", predicate: bindTextCall(clause.call, scope), isNegated: false };
    case "Negation": {
      const inner = new Scope(scope.context, scope.names.inside(clause), scope);
      const block = bindBlock(clause.block, inner);
      checkNegationCorrelation(clause, inner);
      return { kind: "Negation", block };
    }
  }
}

function bindBinding(node: Binding, scope: Scope): BoundBinding {
  const type = checkBindingType(node, scope.context.catalog);
  const bound = scope.find(node.variable.text);
  if (bound !== undefined) checkRebinding(node, bound, type);
  const variable = bound ?? addNode(node.variable, type, scope);
  return { kind: "Binding", variable, conditions: node.properties.map((match) => bindPropertyMatch(match, variable, type, scope)) };
}

function addNode(name: Name, type: NodeType, scope: Scope): BoundVariable {
  const planName = scope.names.nameOf("node", name.text);
  checkSameTypeEverywhere(name, planName, type, scope);
  return scope.add({ kind: "node", name: planName, sourceName: name.text, type, span: name.span });
}

/** EX-21: equality on a scalar property, membership on a list property. T2 if there is none. */
function bindPropertyMatch({ property: name, value }: PropertyMatch, variable: BoundVariable, type: NodeType, scope: Scope): Condition {
  const property = type.propertyByName.get(name.text);
  if (property === undefined) {
    throw typeError("T2", name.span, `${describeType(type)} has no property '${name.text}'`, { hint: propertyHint(name.text, type) });
  }
  return {
    kind: "Comparison",
    operator: property.type.isList ? "member" : "=",
    left: { kind: "Property", variable: variable.name, property: property.name, type: property.type },
    right: checkValueFitsProperty(value, { name, type: property.type }, "inline", scope.context),
  };
}

function bindTraversal(node: Traversal, scope: Scope): BoundTraversal {
  const { catalog } = scope.context;
  const edge = checkEdgeWord(node, catalog, scope);
  const bounds = checkHopBounds(node.hops);
  checkUndirected(node, edge);
  checkEdgeVariable(node, bounds.maxHops, scope);
  const direction = checkDirection(node, edge, checkEndpointIsNode(node.source, scope), checkEndpointIsNode(node.destination, scope));
  const [sourceType, destinationType] = direction === "in" ? [edge.target, edge.source] : [edge.source, edge.target];
  const nodeType = (name: string): NodeType => must(catalog.nodeTypeByName.get(name), "an edge type's endpoints are node types");
  const source = bindEndpoint(node.source, nodeType(sourceType), edge, scope);
  const destination = bindEndpoint(node.destination, nodeType(destinationType), edge, scope);
  const traversal = { kind: "Traversal", source, destination, edge, direction, ...bounds } as const;
  const edgeVariable = node.edgeVariable === undefined ? undefined : bindEdgeVariable(node.edgeVariable, edge, scope);
  return edgeVariable === undefined ? traversal : { ...traversal, edgeVariable };
}

function bindEndpoint(name: Name, type: NodeType, edge: EdgeType, scope: Scope): BoundVariable {
  if (name.text === ANONYMOUS) {
    // Not added to the scope: it can never be mentioned again (TY-9).
    return { kind: "node", name: scope.context.anonymousName(), sourceName: ANONYMOUS, type, span: name.span };
  }
  const bound = scope.find(name.text);
  if (bound === undefined) return addNode(name, type, scope);
  checkEndpointType(name, bound, type, edge);
  return bound;
}

function bindEdgeVariable(name: Name, type: EdgeType, scope: Scope): BoundVariable | undefined {
  if (name.text === ANONYMOUS) return undefined;
  return scope.add({ kind: "edge", name: scope.names.nameOf("edge", name.text), sourceName: name.text, type, span: name.span });
}

function bindFilter(node: Filter, scope: Scope): BoundFilter | BoundTextMatch {
  const left = bindExpression(node.left, scope);
  const right = bindExpression(node.right, scope);
  const operator = checkFilterOperands(node, left, right);
  if (left.expression.kind === "TextPredicate" && operator === "=" && isBooleanLiteral(right.expression)) {
    return { kind: "TextMatch", predicate: left.expression, isNegated: !right.expression.value.value };
  }
  return { kind: "Filter", condition: { kind: "Comparison", operator, left: left.expression, right: right.expression } };
}

/** SR-8: comparing a text predicate with `true` or `false` is the predicate or its negation. */
function isBooleanLiteral(expression: Expression): expression is Extract<Expression, { kind: "Literal" }> & { value: { kind: "bool"; value: boolean } } {
  return expression.kind === "Literal" && expression.value.kind === "bool";
}
