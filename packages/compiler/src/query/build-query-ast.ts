import type { CstNode, IToken } from "chevrotain";
import { must } from "@omnigraphdb/common";
import { joinSpans, type Span, spanOf } from "../source/span.js";
import { isScalarName, SCALAR_NAMES } from "../types/property-type.js";
import { buildExpression, buildFilterOperator, buildNearest, buildTextCall, buildValue } from "./build-expression.js";
import type * as ast from "./query-ast.js";
import type * as cst from "./query-cst.generated.js";
import { QUERY_PATTERNS_MAX } from "./query-limits.js";
import { integerUpTo, integerWithin, nameFrom, nodeSpan, stringFrom, tokenSpan, variableFrom } from "./read-token.js";
import { SyntaxStop } from "./syntax-error.js";
import { closest } from "../diagnostics/did-you-mean.js";

/** U32 and U64 ceilings of LX-6. */
const U32_MAX = 4_294_967_295n;
const U64_MAX = 18_446_744_073_709_551_615n;

/** Concrete tree → syntax tree. Throws {@link SyntaxStop} for what the grammar cannot refuse (LX-6, LX-8, GR-6, GR-14), and for more patterns than a query may have. */
export function buildQueryFile(root: CstNode, sourceLength: number): ast.QueryFile {
  const { queryDeclaration = [] } = (root as cst.FileCstNode).children;
  return { kind: "File", span: spanOf(0, sourceLength), queries: queryDeclaration.map(buildQuery) };
}

function buildQuery(node: cst.QueryDeclarationCstNode): ast.QueryDeclaration {
  const { Identifier, parameter = [], annotation = [], readBody, mutationBody } = node.children;
  return {
    kind: "Query",
    span: nodeSpan(node),
    name: nameFrom(only(Identifier)),
    parameters: parameter.map(buildParameter),
    annotations: buildAnnotations(annotation),
    body: readBody === undefined ? buildMutation(only(mutationBody)) : buildRead(only(readBody)),
  };
}

function buildAnnotations(nodes: readonly cst.AnnotationCstNode[]): ast.QueryAnnotations {
  const found: { description?: string; instruction?: string } = {};
  for (const { children } of nodes) {
    const word = only(children.Identifier);
    const name = word.image;
    if (name !== "description" && name !== "instruction") {
      const guess = closest(name, ["description", "instruction"]);
      throw new SyntaxStop({
        rule: "GR-6",
        span: tokenSpan(word),
        message: `unknown annotation '@${name}'; a query takes '@description' and '@instruction'`,
        hint: guess === undefined ? undefined : `did you mean '@${guess}'?`,
      });
    }
    if (found[name] !== undefined) {
      throw new SyntaxStop({ rule: "GR-6", span: tokenSpan(word), message: `annotation '@${name}' is given twice` });
    }
    found[name] = stringFrom(only(children.StringLiteral));
  }
  // Their order has no meaning, so the tree has one order.
  const { description, instruction } = found;
  return { ...(description === undefined ? {} : { description }), ...(instruction === undefined ? {} : { instruction }) };
}

function buildParameter(node: cst.ParameterCstNode): ast.ParameterNode {
  return {
    kind: "Parameter",
    span: nodeSpan(node),
    name: variableFrom(only(node.children.Variable)),
    type: buildParameterType(only(node.children.parameterType)),
  };
}

function buildParameterType(node: cst.ParameterTypeCstNode): ast.ParameterTypeNode {
  const { itemType, type, IntegerLiteral, Question } = node.children;
  const word = only(itemType ?? type);
  const isList = itemType !== undefined;
  const dimension = IntegerLiteral === undefined ? undefined : integerUpTo(only(IntegerLiteral), U64_MAX);
  const isVector = word.image === "Vector";
  if (isVector ? isList : !isScalarName(word.image)) {
    const guess = isVector ? undefined : closest(word.image, [...SCALAR_NAMES, "Vector"]);
    throw new SyntaxStop({
      rule: "GR-14",
      span: tokenSpan(word),
      message: isVector ? "lists of vectors do not exist" : `unknown parameter type '${word.image}'`,
      hint: guess === undefined ? `a type is one of ${SCALAR_NAMES.join(", ")}, a list of one of them, or Vector(N)` : `did you mean '${guess}'?`,
    });
  }
  if (isVector !== (dimension !== undefined)) {
    throw new SyntaxStop({
      rule: "SYN",
      span: nodeSpan(node),
      message: isVector ? "a vector type needs its dimension, as in 'Vector(3)'" : `type '${word.image}' takes no dimension`,
    });
  }
  return {
    kind: "ParameterType",
    span: nodeSpan(node),
    base: word.image,
    ...(dimension === undefined ? {} : { dimension }),
    isList,
    isNullable: Question !== undefined,
  };
}

function buildRead(node: cst.ReadBodyCstNode): ast.ReadBody {
  const { block, projection, ordering = [], IntegerLiteral } = node.children;
  const match = buildBlock(only(block));
  refuseManyPatterns(match);
  return {
    kind: "Read",
    span: nodeSpan(node),
    match,
    projections: projection.map(buildProjection),
    orderings: ordering.map(buildOrdering),
    ...(IntegerLiteral === undefined ? {} : { limit: integerWithin(only(IntegerLiteral), U64_MAX, "a limit") }),
  };
}

function buildBlock(node: cst.BlockCstNode): ast.Block {
  return { kind: "Block", span: nodeSpan(node), clauses: node.children.clause.map(buildClause) };
}

/** @returns how many patterns there are, with `before` of them in front of the block */
function refuseManyPatterns(block: ast.Block, before = 0): number {
  let count = before;
  for (const clause of block.clauses) {
    if (clause.kind === "Filter" || clause.kind === "TextClause") continue;
    count += 1;
    if (count > QUERY_PATTERNS_MAX) {
      const message = `more than ${QUERY_PATTERNS_MAX} bindings, traversals and negations in one query`;
      throw new SyntaxStop({ rule: "LIMIT", span: clause.span, message, hint: "split the query" });
    }
    if (clause.kind === "Negation") count = refuseManyPatterns(clause.block, count);
  }
  return count;
}

function buildClause(node: cst.ClauseCstNode): ast.Clause {
  const { negation, binding, traversal, textClause, filter } = node.children;
  if (binding !== undefined) return buildBinding(only(binding));
  if (traversal !== undefined) return buildTraversal(only(traversal));
  if (filter !== undefined) return buildFilter(only(filter));
  if (textClause !== undefined) return buildTextClause(only(textClause));
  const inner = only(negation);
  return { kind: "Negation", span: nodeSpan(inner), block: buildBlock(only(inner.children.block)) };
}

function buildBinding(node: cst.BindingCstNode): ast.Binding {
  const { Variable, TypeName, propertyMatch = [] } = node.children;
  return {
    kind: "Binding",
    span: nodeSpan(node),
    variable: variableFrom(only(Variable)),
    type: nameFrom(only(TypeName)),
    properties: propertyMatch.map((match) => ({
      kind: "PropertyMatch",
      span: nodeSpan(match),
      property: nameFrom(only(match.children.Identifier)),
      value: buildValue(only(match.children.value)),
    })),
  };
}

function buildTraversal(node: cst.TraversalCstNode): ast.Traversal {
  const { source, edgeVariable, edgeWord, hops, destination } = node.children;
  const { Identifier, Less } = only(edgeWord).children;
  return {
    kind: "Traversal",
    span: nodeSpan(node),
    source: variableFrom(only(source)),
    ...(edgeVariable === undefined ? {} : { edgeVariable: variableFrom(only(edgeVariable)) }),
    edge: nameFrom(only(Identifier)),
    isUndirected: Less !== undefined,
    ...(hops === undefined ? {} : { hops: buildHops(only(hops)) }),
    destination: variableFrom(only(destination)),
  };
}

function buildHops(node: cst.HopsCstNode): ast.Hops {
  const { minimum, maximum } = node.children;
  const bound = (token: IToken): number => Number(integerWithin(token, U32_MAX, "a hop bound"));
  return {
    kind: "Hops",
    span: nodeSpan(node),
    minimum: bound(only(minimum)),
    ...(maximum === undefined ? {} : { maximum: bound(only(maximum)) }),
  };
}

function buildFilter(node: cst.FilterCstNode): ast.Filter {
  const { expression, filterOperator } = node.children;
  return {
    kind: "Filter",
    span: nodeSpan(node),
    left: buildExpression(only(expression)),
    operator: buildFilterOperator(only(filterOperator)),
    right: buildExpression(second(expression)),
  };
}

function buildTextClause(node: cst.TextClauseCstNode): ast.TextClause | ast.Filter {
  const { textCall, filterOperator, expression } = node.children;
  const call = buildTextCall(only(textCall));
  if (filterOperator === undefined) return { kind: "TextClause", span: nodeSpan(node), call };
  return {
    kind: "Filter",
    span: nodeSpan(node),
    left: call,
    operator: buildFilterOperator(only(filterOperator)),
    right: buildExpression(only(expression)),
  };
}

function buildProjection(node: cst.ProjectionCstNode): ast.ProjectionNode {
  const expression = buildExpression(only(node.children.expression));
  const alias = node.children.Identifier === undefined ? undefined : nameFrom(only(node.children.Identifier));
  // A trailing comma is part of the rule but not of what was projected.
  const span: Span = alias === undefined ? expression.span : joinSpans(expression.span, alias.span);
  return { kind: "Projection", span, expression, ...(alias === undefined ? {} : { alias }) };
}

function buildOrdering(node: cst.OrderingCstNode): ast.OrderingNode {
  const { nearestCall, expression, asc, desc } = node.children;
  return {
    kind: "Ordering",
    span: nodeSpan(node),
    expression: nearestCall === undefined ? buildExpression(only(expression)) : buildNearest(only(nearestCall)),
    ...(asc === undefined ? {} : { direction: "asc" }),
    ...(desc === undefined ? {} : { direction: "desc" }),
  };
}

function buildMutation(node: cst.MutationBodyCstNode): ast.MutationBody {
  const { insertStatement = [], updateStatement = [], deleteStatement = [] } = node.children;
  const statements: ast.Statement[] = [
    ...insertStatement.map(buildInsert),
    ...updateStatement.map(buildUpdate),
    ...deleteStatement.map(buildDelete),
  ];
  // The concrete tree groups children by rule; the text order is the meaning (MU-1).
  statements.sort((a, b) => a.span.start - b.span.start);
  return { kind: "Mutation", span: nodeSpan(node), statements };
}

function buildInsert(node: cst.InsertStatementCstNode): ast.InsertNode {
  const { TypeName, assignments } = node.children;
  return { kind: "Insert", span: nodeSpan(node), type: nameFrom(only(TypeName)), assignments: buildAssignments(only(assignments)) };
}

function buildUpdate(node: cst.UpdateStatementCstNode): ast.UpdateNode {
  const { TypeName, assignments, predicate } = node.children;
  return {
    kind: "Update",
    span: nodeSpan(node),
    type: nameFrom(only(TypeName)),
    assignments: buildAssignments(only(assignments)),
    predicate: buildPredicate(only(predicate)),
  };
}

function buildDelete(node: cst.DeleteStatementCstNode): ast.DeleteNode {
  const { TypeName, predicate } = node.children;
  return { kind: "Delete", span: nodeSpan(node), type: nameFrom(only(TypeName)), predicate: buildPredicate(only(predicate)) };
}

function buildAssignments(node: cst.AssignmentsCstNode): ast.AssignmentNode[] {
  return node.children.assignment.map(({ children }) => {
    const property = nameFrom(only(children.Identifier));
    const value = buildValue(only(children.value));
    return { kind: "Assignment", span: joinSpans(property.span, value.span), property, value };
  });
}

function buildPredicate(node: cst.PredicateCstNode): ast.PredicateNode {
  const { Identifier, comparisonOperator, value } = node.children;
  return {
    kind: "Predicate",
    span: nodeSpan(node),
    property: nameFrom(only(Identifier)),
    operator: onlyToken(only(comparisonOperator)).image as ast.ComparisonSign,
    value: buildValue(only(value)),
  };
}

/** The token of a rule that is a choice of single tokens. */
function onlyToken(node: CstNode): IToken {
  return only(Object.values(node.children)[0]) as IToken;
}

function only<T>(items: readonly T[] | undefined): T {
  return must(items?.[0], "the grammar guarantees this child");
}

function second<T>(items: readonly T[]): T {
  return must(items[1], "the grammar guarantees this child");
}
