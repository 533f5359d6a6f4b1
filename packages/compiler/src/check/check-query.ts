import { bindExpression } from "../binder/bind-expression.js";
import { bindBlock } from "../binder/bind-match.js";
import { bindStatement } from "../binder/bind-mutation.js";
import type { BoundMutation, BoundOrdering, BoundProjection, BoundQuery, BoundRead } from "../binder/bound-query.js";
import { type DeclaredParameter, QueryContext, Scope } from "../binder/scope.js";
import { nameVariables } from "../binder/variable-names.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { MutationBody, OrderingNode, ProjectionNode, QueryDeclaration, ReadBody } from "../query/query-ast.js";
import { checkBlobParameterRead } from "./rules/blob-parameter-read.js";
import { checkParameterDeclarations } from "./rules/parameter-declarations.js";
import { checkGroupKeys, checkRankOrderings } from "./rules/result-shape.js";
import { CheckStop } from "./type-error.js";

export type CheckResult = { readonly query: BoundQuery } | { readonly diagnostic: Diagnostic };

/**
 * Binds and checks one query against a catalog, in the order of CK-1: parameters, clauses top to bottom, projections,
 * orderings, whole-query rules; of a mutation, each statement in order. Reports the first violation.
 */
export function checkQuery(query: QueryDeclaration, catalog: Catalog): CheckResult {
  try {
    const parameters = checkParameterDeclarations(query.parameters);
    const context = new QueryContext(catalog, parameters);
    const { body } = query;
    return { query: body.kind === "Read" ? checkRead(query, body, context) : checkMutation(query, body, context) };
  } catch (error) {
    if (error instanceof CheckStop) return { diagnostic: error.diagnostic };
    throw error;
  }
}

function checkRead({ name }: QueryDeclaration, body: ReadBody, context: QueryContext): BoundRead {
  const scope = new Scope(context, nameVariables(body.match));
  const block = bindBlock(body.match, scope);
  const projections = body.projections.map((node) => bindProjection(node, scope));
  const orderings = body.orderings.map((node) => bindOrdering(node, scope));
  checkGroupKeys(projections);
  checkRankOrderings(orderings, projections, body.limit !== undefined);
  return {
    kind: "read",
    name: name.text,
    parameters: declarations(context),
    block,
    projections,
    orderings,
    ...(body.limit === undefined ? {} : { limit: body.limit }),
  };
}

function bindProjection({ expression, alias }: ProjectionNode, scope: Scope): BoundProjection {
  const typed = bindExpression(expression, scope);
  checkBlobParameterRead(typed);
  return alias === undefined ? typed : { ...typed, alias: alias.text };
}

function bindOrdering({ expression, direction }: OrderingNode, scope: Scope): BoundOrdering {
  const typed = bindExpression(expression, scope);
  checkBlobParameterRead(typed);
  return { ...typed, isDescending: direction === "desc" };
}

function checkMutation({ name }: QueryDeclaration, body: MutationBody, context: QueryContext): BoundMutation {
  return {
    kind: "mutation",
    name: name.text,
    parameters: declarations(context),
    statements: body.statements.map((statement) => bindStatement(statement, context)),
  };
}

function declarations({ parameters }: QueryContext): { readonly name: string; readonly type: DeclaredParameter["type"] }[] {
  return [...parameters.values()].map(({ name, type }) => ({ name, type }));
}
