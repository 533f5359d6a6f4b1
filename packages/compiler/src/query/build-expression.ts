import type { CstNode, IToken } from "chevrotain";
import { must } from "@omnigraphdb/common";
import type * as ast from "./query-ast.js";
import type * as cst from "./query-cst.generated.js";
import { integerWithin, nameFrom, nodeSpan, stringFrom, tokenSpan, variableFrom } from "./read-token.js";
import { SyntaxStop } from "./syntax-error.js";

const I64_MAX = 9_223_372_036_854_775_807n;

export function buildExpression(node: cst.ExpressionCstNode): ast.ExpressionNode {
  const c = node.children;
  if (c.variable !== undefined) return buildVariable(only(c.variable));
  if (c.literal !== undefined) return buildLiteral(only(c.literal));
  if (c.Identifier !== undefined) return { kind: "AliasReference", span: nodeSpan(node), name: only(c.Identifier).image };
  if (c.aggregate !== undefined) return buildAggregate(only(c.aggregate));
  if (c.textCall !== undefined) return buildTextCall(only(c.textCall));
  if (c.nearestCall !== undefined) return buildNearest(only(c.nearestCall));
  if (c.bm25Call !== undefined) return buildBm25(only(c.bm25Call));
  if (c.rrfCall !== undefined) return buildRrf(only(c.rrfCall));
  return { kind: "NowCall", span: nodeSpan(only(c.nowCall)) };
}

function buildVariable(node: cst.VariableCstNode): ast.PropertyAccess | ast.VariableReference {
  const { Variable, Identifier } = node.children;
  const variable = variableFrom(only(Variable));
  if (Identifier === undefined) return { kind: "VariableReference", span: nodeSpan(node), name: variable.text };
  return { kind: "PropertyAccess", span: nodeSpan(node), variable, property: nameFrom(only(Identifier)) };
}

function buildAggregate(node: cst.AggregateCstNode): ast.AggregateCall {
  const { LeftParen: _, RightParen: __, expression, ...words } = node.children;
  return {
    kind: "AggregateCall",
    span: nodeSpan(node),
    function: firstWord(words) as ast.AggregateCall["function"],
    argument: buildExpression(only(expression)),
  };
}

export function buildTextCall(node: cst.TextCallCstNode): ast.TextCall {
  const { search, fuzzy, match_text, expression } = node.children;
  const [field, query, maxEdits] = expression;
  return {
    kind: "TextCall",
    span: nodeSpan(node),
    function: firstWord({ search, fuzzy, match_text }) as ast.TextCall["function"],
    field: buildExpression(child(field)),
    query: buildExpression(child(query)),
    ...(maxEdits === undefined ? {} : { maxEdits: buildExpression(maxEdits) }),
  };
}

export function buildNearest(node: cst.NearestCallCstNode): ast.NearestCall {
  const { Variable, Identifier, expression } = node.children;
  const variable = variableFrom(only(Variable));
  const property = nameFrom(only(Identifier));
  const span = { start: variable.span.start, end: property.span.end };
  return {
    kind: "NearestCall",
    span: nodeSpan(node),
    target: { kind: "PropertyAccess", span, variable, property },
    query: buildExpression(only(expression)),
  };
}

function buildBm25(node: cst.Bm25CallCstNode): ast.Bm25Call {
  const [field, query] = node.children.expression;
  return { kind: "Bm25Call", span: nodeSpan(node), field: buildExpression(child(field)), query: buildExpression(child(query)) };
}

function buildRrf(node: cst.RrfCallCstNode): ast.RrfCall {
  const [first, second] = node.children.rankCall;
  const k = node.children.expression;
  return {
    kind: "RrfCall",
    span: nodeSpan(node),
    first: buildRank(child(first)),
    second: buildRank(child(second)),
    ...(k === undefined ? {} : { k: buildExpression(only(k)) }),
  };
}

function buildRank({ children }: cst.RankCallCstNode): ast.NearestCall | ast.Bm25Call {
  return children.nearestCall === undefined ? buildBm25(only(children.bm25Call)) : buildNearest(only(children.nearestCall));
}

export function buildFilterOperator(node: cst.FilterOperatorCstNode): ast.FilterOperator {
  const { comparisonOperator, contains } = node.children;
  if (comparisonOperator !== undefined) return firstWord(only(comparisonOperator).children) as ast.ComparisonSign;
  return contains === undefined ? "starts_with" : "contains";
}

export function buildValue(node: cst.ValueCstNode): ast.ValueNode {
  const { Variable, nowCall, literal } = node.children;
  if (Variable !== undefined) return { kind: "VariableReference", span: nodeSpan(node), name: variableFrom(only(Variable)).text };
  return nowCall === undefined ? buildLiteral(only(literal)) : { kind: "NowCall", span: nodeSpan(only(nowCall)) };
}

function buildLiteral(node: cst.LiteralCstNode): ast.LiteralNode {
  const c = node.children;
  const span = nodeSpan(node);
  if (c.StringLiteral !== undefined) return { kind: "String", span, value: stringFrom(only(c.StringLiteral)) };
  if (c.IntegerLiteral !== undefined) return { kind: "Integer", span, value: integerWithin(only(c.IntegerLiteral), I64_MAX, "an integer literal") };
  if (c.FloatLiteral !== undefined) return buildFloat(only(c.FloatLiteral));
  if (c.dateCall !== undefined) {
    const call = only(c.dateCall).children;
    return { kind: "DateCall", span, function: call.date === undefined ? "datetime" : "date", text: stringFrom(only(call.StringLiteral)) };
  }
  if (c.listLiteral !== undefined) return { kind: "List", span, items: (only(c.listLiteral).children.literal ?? []).map(buildLiteral) };
  return { kind: "Boolean", span, value: c.true !== undefined };
}

function buildFloat(token: IToken): ast.FloatLiteral {
  const value = Number(token.image);
  if (!Number.isFinite(value)) {
    throw new SyntaxStop({ rule: "LX-7", span: tokenSpan(token), message: "a float literal must fit 64 bits" });
  }
  return { kind: "Float", span: tokenSpan(token), value, text: token.image };
}

function firstWord(children: Readonly<Record<string, readonly (CstNode | IToken)[] | undefined>>): string {
  const tokens = Object.values(children).find((items) => items !== undefined);
  return (only(tokens) as IToken).image;
}

function only<T>(items: readonly T[] | undefined): T {
  return child(items?.[0]);
}

function child<T>(item: T | undefined): T {
  return must(item, "the grammar guarantees this child");
}
