import { didYouMean } from "../diagnostics/did-you-mean.js";
import { checkAggregateArgument } from "../check/rules/aggregate-argument.js";
import { checkBlobParameterRead } from "../check/rules/blob-parameter-read.js";
import { checkBlobRead, checkPropertyReference } from "../check/rules/property-reference.js";
import {
  checkMaxEdits,
  checkNearestQuery,
  checkNearestTarget,
  checkRrfConstant,
  checkTextFieldIsNode,
  checkTextOperands,
} from "../check/rules/search-operands.js";
import { typeError } from "../check/type-error.js";
import type { AggregateExpression, Bm25Expression, NearestExpression, PropertyExpression, RrfExpression, TextPredicateExpression } from "../plan/expression.js";
import type {
  AggregateCall,
  Bm25Call,
  ExpressionNode,
  NearestCall,
  PropertyAccess,
  RrfCall,
  TextCall,
  VariableReference,
} from "../query/query-ast.js";
import { scalarType } from "../types/compatible.js";
import type { PropertyType } from "../types/property-type.js";
import type { StaticType, TypedExpression } from "./bound-query.js";
import { bindLiteral } from "./literal.js";
import type { Scope } from "./scope.js";

/** Resolves and types one expression; what may stand where is judged by the caller. */
export function bindExpression(node: ExpressionNode, scope: Scope): TypedExpression {
  const { span } = node;
  switch (node.kind) {
    case "PropertyAccess": {
      const expression = bindProperty(node, scope);
      return { expression, type: value(expression.type), span };
    }
    case "VariableReference":
      return bindVariable(node, scope);
    case "AliasReference":
      return { expression: { kind: "Alias", name: node.name }, type: { kind: "alias" }, span };
    case "NowCall":
      return { expression: { kind: "Now" }, type: value(scalarType("DateTime")), span };
    case "TextCall":
      return { expression: bindTextCall(node, scope), type: value(scalarType("Bool")), span };
    case "NearestCall":
      return { expression: bindNearest(node, scope), type: value(scalarType("F64")), span };
    case "Bm25Call":
      return { expression: bindBm25(node, scope), type: value(scalarType("F64")), span };
    case "RrfCall":
      return { expression: bindRrf(node, scope), type: value(scalarType("F64")), span };
    case "AggregateCall":
      return bindAggregate(node, scope);
    default: {
      const expression = bindLiteral(node);
      return { expression, type: value(expression.type), span };
    }
  }
}

function value(type: PropertyType): StaticType {
  return { kind: "value", type };
}

function bindProperty(node: PropertyAccess, scope: Scope): PropertyExpression {
  const { variable, property } = checkPropertyReference(node, scope);
  const expression: PropertyExpression = { kind: "Property", variable: variable.name, property: property.name, type: property.type };
  checkBlobRead(expression, node);
  return expression;
}

/** TY-7: the parameter if one is declared, else the bound node variable. */
function bindVariable({ name, span }: VariableReference, scope: Scope): TypedExpression {
  const parameter = scope.context.parameters.get(name);
  if (parameter !== undefined) {
    return { expression: { kind: "Parameter", name, type: parameter.type }, type: value(parameter.type), span };
  }
  const variable = scope.find(name);
  if (variable === undefined) {
    const known = [...scope.context.parameters.keys(), ...scope.visibleNames()].map((each) => `$${each}`);
    throw typeError("TY-7", span, `'$${name}' is neither a parameter nor a bound variable`, { hint: didYouMean(`$${name}`, known) });
  }
  if (variable.kind === "edge") {
    throw typeError("T23", span, `edge variable '$${name}' cannot stand alone`, {
      hint: "name one of its properties",
      related: [{ span: variable.span, message: "bound here" }],
    });
  }
  return { expression: { kind: "Variable", variable: variable.name }, type: { kind: "node", type: variable.type }, span };
}

function bindAggregate(node: AggregateCall, scope: Scope): TypedExpression {
  const argument = bindExpression(node.argument, scope);
  checkBlobParameterRead(argument);
  checkAggregateArgument(node, argument);
  const expression: AggregateExpression = { kind: "Aggregate", function: node.function, argument: argument.expression };
  return { expression, type: value(aggregateType(node, argument)), span: node.span };
}

function aggregateType(node: AggregateCall, argument: TypedExpression): PropertyType {
  if (node.function === "count") return scalarType("I64", true);
  if (node.function === "sum" || node.function === "avg") return scalarType("F64", true);
  // Of a node variable the ids are compared (EX-53); an alias is refused at execution whatever its type.
  return argument.type.kind === "value" ? { ...argument.type.type, isNullable: true } : scalarType("String", true);
}

export function bindTextCall(node: TextCall, scope: Scope): TextPredicateExpression {
  checkTextFieldIsNode(node.field, scope, node.function);
  const field = bindExpression(node.field, scope);
  const query = bindExpression(node.query, scope);
  checkTextOperands(node.function, field, query);
  const call = { kind: "TextPredicate", function: node.function, field: field.expression, query: query.expression } as const;
  if (node.maxEdits === undefined) return call;
  const maxEdits = bindExpression(node.maxEdits, scope);
  checkMaxEdits(maxEdits);
  return { ...call, maxEdits: maxEdits.expression };
}

function bindNearest(node: NearestCall, scope: Scope): NearestExpression {
  const target = checkNearestTarget(node.target, scope);
  const query = checkNearestQuery(node, target, bindExpression(node.query, scope));
  return { kind: "Nearest", variable: target.variable, property: target.property, query };
}

function bindBm25(node: Bm25Call, scope: Scope): Bm25Expression {
  checkTextFieldIsNode(node.field, scope, "bm25");
  const field = bindExpression(node.field, scope);
  const query = bindExpression(node.query, scope);
  checkTextOperands("bm25", field, query);
  return { kind: "Bm25", field: field.expression, query: query.expression };
}

function bindRrf(node: RrfCall, scope: Scope): RrfExpression {
  const bindRank = (rank: NearestCall | Bm25Call): NearestExpression | Bm25Expression =>
    rank.kind === "NearestCall" ? bindNearest(rank, scope) : bindBm25(rank, scope);
  const ranks = { kind: "Rrf", first: bindRank(node.first), second: bindRank(node.second) } as const;
  if (node.k === undefined) return ranks;
  const k = bindExpression(node.k, scope);
  checkRrfConstant(k);
  return { ...ranks, k: k.expression };
}
