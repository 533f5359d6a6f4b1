/** The query language as its callers see it: source text in, checked and planned queries out. */
import type { Catalog } from "./catalog/catalog.js";
import { checkQuery } from "./check/check-query.js";
import { describeOperation, type OperationDescriptor } from "./descriptor/operation-descriptor.js";
import { didYouMean } from "./diagnostics/did-you-mean.js";
import { CompileError, QuerySelectionError } from "./errors.js";
import { lowerMutation, lowerRead } from "./plan/lower-query.js";
import type { MutationPlan } from "./plan/mutation-plan.js";
import type { QueryPlan } from "./plan/query-plan.js";
import { parseQueryFile } from "./query/parse-query.js";
import type { QueryAnnotations, QueryDeclaration } from "./query/query-ast.js";
import type { Span } from "./source/span.js";

interface CompiledBase {
  readonly name: string;
  readonly descriptor: OperationDescriptor;
  readonly annotations: QueryAnnotations;
}

export interface CompiledRead extends CompiledBase {
  readonly kind: "read";
  readonly plan: QueryPlan;
}

export interface CompiledMutation extends CompiledBase {
  readonly kind: "mutation";
  readonly plan: MutationPlan;
}

export type CompiledQuery = CompiledRead | CompiledMutation;

/** A query of a file, known from its syntax alone. */
export interface QueryListing {
  readonly name: string;
  readonly kind: "read" | "mutation";
}

/**
 * Compiles one query of a source: the first of that name, or the only one. The other queries must parse but are not
 * checked (query specification §13, GR-12).
 *
 * Throws {@link CompileError} on a syntax or type error, {@link QuerySelectionError} when `name` is unknown or missing.
 */
export function compileQuery(source: string, catalog: Catalog, name?: string): CompiledQuery {
  return parseQueries(source).compile(catalog, name);
}

/** A source that was parsed once, to compile several of its queries. */
export interface ParsedQueries {
  /** In file order, duplicates included. */
  readonly listings: readonly QueryListing[];
  /** Where the name of each of them stands. */
  readonly nameSpans: readonly Span[];
  /** As {@link compileQuery}. */
  compile(catalog: Catalog, name?: string): CompiledQuery;
}

/** Throws {@link CompileError} when the source does not parse. */
export function parseQueries(source: string): ParsedQueries {
  const queries = parseSource(source);
  return {
    listings: queries.map(listingOf),
    nameSpans: queries.map(({ name }) => name.span),
    compile: (catalog, name) => compileDeclaration(selectQuery(queries, name), catalog, source),
  };
}

function compileDeclaration(declaration: QueryDeclaration, catalog: Catalog, source: string): CompiledQuery {
  const checked = checkQuery(declaration, catalog);
  if ("diagnostic" in checked) throw new CompileError([checked.diagnostic], source);
  const { query } = checked;
  const base = { name: query.name, descriptor: describeOperation(query, catalog), annotations: declaration.annotations };
  return query.kind === "read"
    ? { kind: "read", ...base, plan: lowerRead(query) }
    : { kind: "mutation", ...base, plan: lowerMutation(query) };
}

/** Queries of a source in file order, duplicates included. Throws {@link CompileError} when it does not parse. */
export function listQueries(source: string): readonly QueryListing[] {
  return parseQueries(source).listings;
}

export function listingOf({ name, body }: QueryDeclaration): QueryListing {
  return { name: name.text, kind: body.kind === "Read" ? "read" : "mutation" };
}

function parseSource(source: string): readonly QueryDeclaration[] {
  const parsed = parseQueryFile(source);
  if ("diagnostic" in parsed) throw new CompileError([parsed.diagnostic], source);
  return parsed.file.queries;
}

function selectQuery(queries: readonly QueryDeclaration[], name: string | undefined): QueryDeclaration {
  const [only] = queries;
  const found = name === undefined ? (queries.length === 1 ? only : undefined) : queries.find((query) => query.name.text === name);
  if (found !== undefined) return found;
  const names = queries.map((query) => query.name.text);
  throw new QuerySelectionError(name, names, name === undefined ? undefined : didYouMean(name, names));
}
