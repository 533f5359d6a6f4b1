import { type Catalog, SourceText } from "@omnigraphdb/compiler";
import { diagnostic, type Diagnostics, type SourcePlace } from "../../diagnostics/cluster-diagnostic.js";
import { isResourceName, RESOURCE_NAME_RULE } from "../../resource-address.js";
import { compileStoredQueries } from "../../stored-queries/compile-stored-queries.js";
import { isParsed, QueryFiles } from "../../stored-queries/query-files.js";
import type { DeclaredGraph } from "../cluster-file.js";
import { shown } from "../config-document.js";
import type { Located } from "../config-reader.js";
import { isUsable, placeIn, type SourceFile, type SourceFiles, type UnusableSource } from "../source-files.js";
import { markProblem, messageOf, placeOf } from "./compiler-findings.js";

/** A query of a graph, and the file that declares it. */
export interface RegisteredQuery {
  readonly name: string;
  readonly source: SourceFile;
}

interface QueryDeclaration {
  readonly name: string;
  /** Of the name. */
  readonly place: SourcePlace;
}

/** A file that is to be read for a graph, and the configuration that asks for it. */
interface QuerySource {
  readonly declared: Located<string>;
  readonly source: SourceFile | UnusableSource;
  /** The explicit form: which query of the file is meant. */
  readonly name?: Located<string>;
}

/** What was found for a graph without looking into its files. */
export interface FoundQueries {
  readonly graph: DeclaredGraph;
  readonly sources: readonly QuerySource[];
  readonly diagnostics: Diagnostics;
}

/** Finds and reads the files of one graph's queries (cluster.md 2.6.3). */
export function findQueries(graph: DeclaredGraph, files: SourceFiles, diagnostics: Diagnostics): FoundQueries {
  const { queries } = graph;
  const sources =
    queries.form === "explicit"
      ? queries.queries.map(({ name, file }) => ({ name, declared: file, source: files.read(file.value) }))
      : queries.sources.flatMap((declared) => discover(declared, files, diagnostics));
  return { graph, sources, diagnostics };
}

/** A file, or a folder of files. */
function discover(declared: Located<string>, files: SourceFiles, diagnostics: Diagnostics): readonly QuerySource[] {
  const listed = files.list(declared.value);
  if (listed.kind === "file") return [{ declared, source: files.read(declared.value) }];
  const folder = shown(declared.value);
  if (listed.kind === "unreadable") {
    diagnostics.add(diagnostic("query_dir_unreadable", declared.path, `folder ${folder} ${listed.problem}; create it or correct the path`, { place: declared.place }));
    return [];
  }
  if (listed.paths.length === 0) diagnostics.add(diagnostic("query_dir_empty", declared.path, `folder ${folder} holds no .gq file; folders below it are not searched`, { place: declared.place }));
  return listed.paths.map((path) => ({ declared, source: files.read(path) }));
}

/**
 * Parses and registers the queries of graphs, and checks them against their schemas. A file that several of them use is parsed once, and
 * reported once when it does not parse.
 */
export class QueryChecks {
  readonly #files = new QueryFiles();
  readonly #declarationsOf = new Map<SourceFile, readonly QueryDeclaration[]>();
  /** Files whose content could not be read as text: one report is enough, however many graphs use them. */
  readonly #reported = new Set<string>();

  /** @returns the queries that could be registered, ascending by name */
  register({ graph, sources, diagnostics }: FoundQueries): readonly RegisteredQuery[] {
    const byName = new Map<string, RegisteredQuery & { readonly place: SourcePlace }>();
    const seen = new Set<string>();
    for (const { declared, source, name } of sources) {
      if (!isUsable(source)) {
        this.#reportUnusable(declared, source, diagnostics);
        continue;
      }
      if (name === undefined && seen.has(source.file)) {
        diagnostics.add(diagnostic("duplicate_query_name", declared.path, `${source.path} is listed twice for graph '${graph.id}', so that its queries are declared in ${source.path} and in ${source.path}; list it once`, { place: declared.place }));
        continue;
      }
      seen.add(source.file);
      for (const found of this.#declarations(declared, source, diagnostics)) {
        if (name !== undefined && found.name !== name.value) continue;
        const other = byName.get(found.name);
        if (other === undefined) byName.set(found.name, { name: found.name, source, place: found.place });
        else diagnostics.add(duplicateName(graph, found.name, other, { source, place: found.place }));
        if (name === undefined && !isResourceName(found.name)) diagnostics.add(diagnostic("invalid_resource_id", declared.path, `'${shown(found.name)}' cannot name a query. ${RESOURCE_NAME_RULE}`, { place: found.place }));
      }
      if (name !== undefined) this.#checkKey(name, source, diagnostics);
    }
    return [...byName.values()].map((query) => ({ name: query.name, source: query.source })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Type-checks what {@link register} gave, as a server would at its start. */
  typeCheck({ graph, diagnostics }: FoundQueries, queries: readonly RegisteredQuery[], catalog: Catalog): void {
    const sourceOf = new Map(queries.map(({ name, source }) => [name, source]));
    const stored = queries.map(({ name, source }) => ({ name, source: source.text, toolName: name, isExposed: true }));
    for (const { query, message, diagnostics: found = [] } of compileStoredQueries(stored, catalog, this.#files).breakages) {
      const source = sourceOf.get(query);
      if (source === undefined) continue;
      const path = queryPath(graph, query);
      for (const one of found) diagnostics.add(diagnostic("query_typecheck_error", path, `query '${query}': ${messageOf(one)}`, { place: placeOf(one, source) }));
      if (found.length === 0) diagnostics.add(diagnostic("query_typecheck_error", path, `query '${query}': ${message}`, { place: this.#placeOfName(query, source) }));
    }
  }

  /** The queries that a file declares; none, and a finding, when it does not parse. */
  #declarations(declared: Located<string>, source: SourceFile, diagnostics: Diagnostics): readonly QueryDeclaration[] {
    const known = this.#declarationsOf.get(source) ?? this.#readDeclarations(declared, source, diagnostics);
    this.#declarationsOf.set(source, known);
    return known;
  }

  #readDeclarations(declared: Located<string>, source: SourceFile, diagnostics: Diagnostics): readonly QueryDeclaration[] {
    const parsed = this.#files.parse(source.text);
    if (isParsed(parsed)) {
      const text = new SourceText(source.text);
      return parsed.listings.map(({ name }, index) => ({ name, place: { file: source.file, ...text.positionAt(parsed.nameSpans[index]?.start ?? 0) } }));
    }
    const mark = markProblem(source);
    if (mark !== undefined) diagnostics.add(diagnostic("query_parse_error", declared.path, `${source.path}: ${mark}`, { place: { file: source.file, line: 1, column: 1 } }));
    else for (const found of parsed.diagnostics) diagnostics.add(diagnostic("query_parse_error", declared.path, messageOf(found), { place: placeOf(found, source) }));
    return [];
  }

  #checkKey(name: Located<string>, source: SourceFile, diagnostics: Diagnostics): void {
    const id = shown(name.value);
    if (!isResourceName(name.value)) diagnostics.add(diagnostic("invalid_resource_id", name.path, `'${id}' cannot name a query. ${RESOURCE_NAME_RULE}`, { place: name.place }));
    const parsed = this.#files.parse(source.text);
    if (!isParsed(parsed) || parsed.listings.some((listing) => listing.name === name.value)) return;
    const names = parsed.listings.map((listing) => `'${listing.name}'`).join(", ");
    diagnostics.add(diagnostic("query_key_mismatch", name.path, `${source.path} declares no query '${id}' (it declares ${names === "" ? "none" : names}); use a name that it declares`, { place: name.place }));
  }

  #reportUnusable(declared: Located<string>, source: UnusableSource, diagnostics: Diagnostics): void {
    const { reason, problem } = source.unusable;
    if (reason === "not_text") {
      if (this.#reported.has(source.file)) return;
      this.#reported.add(source.file);
      diagnostics.add(diagnostic("query_parse_error", declared.path, `query file ${source.path} ${problem}`, { place: placeIn(source) }));
    } else diagnostics.add(diagnostic("query_file_missing", declared.path, `query file ${source.path} ${problem}; create it or correct the path`, { place: declared.place }));
  }

  #placeOfName(name: string, source: SourceFile): SourcePlace {
    return this.#declarationsOf.get(source)?.find((declaration) => declaration.name === name)?.place ?? placeOf({}, source);
  }
}

/** Where the configuration declares a query (cluster.md §3.1). */
function queryPath({ path, queries }: DeclaredGraph, name: string): string {
  return queries.form === "explicit" ? `${path}.queries.${name}` : `${path}.queries`;
}

function duplicateName(graph: DeclaredGraph, name: string, first: { readonly source: SourceFile; readonly place: SourcePlace }, second: { readonly source: SourceFile; readonly place: SourcePlace }): ReturnType<typeof diagnostic> {
  const message = `graph '${graph.id}' has two queries '${name}': in ${first.source.path}:${first.place.line} and in ${second.source.path}:${second.place.line}; rename one`;
  return diagnostic("duplicate_query_name", queryPath(graph, name), message, { place: second.place });
}
