import { isOmniError } from "@omnigraphdb/common";
import { type Catalog, CompileError, describeParameters, type Diagnostic, displayType, type ParsedQueries, type QueryListing } from "@omnigraphdb/compiler";
import { isParsed, QueryFiles } from "./query-files.js";
import type { StoredQuery, StoredQuerySource } from "./stored-query.js";
import { StoredQueryRegistry } from "./stored-query-registry.js";

/** What is wrong with, or noteworthy about, one stored query. */
export interface StoredQueryFinding {
  readonly query: string;
  readonly message: string;
  /** What the compiler says, with places in the source; absent where it was not the compiler that refused. */
  readonly diagnostics?: readonly Diagnostic[];
}

/**
 * The checks that need no schema (server.md 7.3): every source parses and declares its key, and no two exposed queries have one tool
 * name. Findings are ordered by query name.
 */
export function checkStoredQueryNames(sources: readonly StoredQuerySource[]): readonly StoredQueryFinding[] {
  return checkNames(sources, new QueryFiles());
}

function checkNames(sources: readonly StoredQuerySource[], files: QueryFiles): readonly StoredQueryFinding[] {
  const ownerOfTool = new Map<string, string>();
  const findings: StoredQueryFinding[] = [];
  for (const { name, source, toolName, isExposed } of byName(sources)) {
    const parsed = files.parse(source);
    if (!isParsed(parsed)) findings.push({ query: name, message: `does not parse: ${parsed.message}`, diagnostics: parsed.diagnostics });
    else if (!parsed.listings.some((query) => query.name === name)) findings.push({ query: name, message: missingDeclaration(name, parsed.listings) });
    if (!isExposed) continue;
    const owner = ownerOfTool.get(toolName);
    if (owner === undefined) ownerOfTool.set(toolName, name);
    else findings.push({ query: name, message: `its tool name '${toolName}' is taken by query '${owner}'` });
  }
  return findings;
}

export interface CompiledStoredQueries {
  /** Of the queries without a breakage. */
  readonly registry: StoredQueryRegistry;
  /** Ascending by query name; all of them, not the first. */
  readonly breakages: readonly StoredQueryFinding[];
  /** No reason not to serve. */
  readonly warnings: readonly StoredQueryFinding[];
}

/**
 * Type-checks stored queries against the schema of their graph, after the checks of {@link checkStoredQueryNames}.
 *
 * @param files parsed already, for callers with several graphs
 */
export function compileStoredQueries(sources: readonly StoredQuerySource[], catalog: Catalog, files: QueryFiles = new QueryFiles()): CompiledStoredQueries {
  const breakages = [...checkNames(sources, files)];
  const broken = new Set(breakages.map(({ query }) => query));
  const queries: StoredQuery[] = [];
  for (const source of byName(sources)) {
    const parsed = files.parse(source.source);
    if (broken.has(source.name) || !isParsed(parsed)) continue;
    try {
      queries.push(compileStoredQuery(source, parsed, catalog));
    } catch (error) {
      if (!isOmniError(error)) throw error;
      breakages.push({ query: source.name, message: error.message, ...(error instanceof CompileError ? { diagnostics: error.diagnostics } : {}) });
    }
  }
  breakages.sort((a, b) => (a.query < b.query ? -1 : a.query > b.query ? 1 : 0));
  return { registry: new StoredQueryRegistry(queries), breakages, warnings: queries.flatMap(vectorWarning) };
}

function compileStoredQuery(stored: StoredQuerySource, file: ParsedQueries, catalog: Catalog): StoredQuery {
  const { kind, annotations, plan } = file.compile(catalog, stored.name);
  const descriptors = describeParameters(plan.parameters);
  const types = plan.parameters.map(({ type }) => displayType(type));
  return {
    ...stored,
    isMutation: kind === "mutation",
    ...(annotations.description === undefined ? {} : { description: annotations.description }),
    ...(annotations.instruction === undefined ? {} : { instruction: annotations.instruction }),
    params: descriptors.map((descriptor, index) => ({ ...descriptor, type: types[index] ?? "" })),
  };
}

function vectorWarning({ name, isExposed, params }: StoredQuery): readonly StoredQueryFinding[] {
  const vector = params.find(({ kind }) => kind === "vector");
  if (!isExposed || vector === undefined) return [];
  return [{ query: name, message: `parameter $${vector.name} is a vector, which a language model cannot supply; take a text parameter and let 'nearest' embed it` }];
}

function missingDeclaration(name: string, listed: readonly QueryListing[]): string {
  const names = listed.map((query) => `'${query.name}'`).join(", ");
  return `its source declares no query '${name}' (it declares ${names === "" ? "none" : names})`;
}

function byName(sources: readonly StoredQuerySource[]): readonly StoredQuerySource[] {
  return [...sources].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
