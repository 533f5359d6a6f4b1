import { must, systemPacer } from "@omnigraphdb/common";
import { textAnalysisName, type TextPredicateExpression } from "@omnigraphdb/compiler";
import type { LoadedRows } from "../../cache/row-space.js";
import type { Utf8Column } from "../../columnar/column.js";
import type { TokenizeText } from "../../search/analyze-column.js";
import { buildPostings, buildPostingsInTurns } from "../../search/build-postings.js";
import { PostingsTextIndex } from "../../search/postings-text-index.js";
import type { TextIndex } from "../../search/text-index.js";
import { ID_COLUMN } from "../../storage/dataset-schema.js";
import type { Predicate } from "../../storage/predicate.js";
import { idsOfScan } from "../choose-access.js";
import { constantValue, type RequestValues } from "../constant-value.js";
import type { DataSource, LoadedData } from "../load-data.js";
import type { PreparedPlan, PreparedScan, TextMatchOperation } from "../prepared-plan.js";
import { idPredicate, pushDown } from "../push-down.js";
import type { QueryBudget } from "../query-budget.js";
import { traceColumns } from "../trace-reads.js";
import { waitUnlessAborted } from "../wait.js";
import { fieldName, type SearchField } from "./prepared-search.js";
import { queryTextOf } from "./search-values.js";
import { propertyOf, tableOf, type TextIndexes } from "./text-source.js";

/** Texts whose words are made without a pause: some milliseconds. */
const ROWS_AT_ONCE_MAX = 1_000;

/** Some rows of one type, and the words of their texts. */
interface MatchingRows {
  readonly data: LoadedData;
  readonly texts: TextIndexes;
}

/** A text predicate whose matching rows storage finds. */
export interface MatchingRead {
  readonly field: SearchField;
  readonly query: string;
  readonly filter: Predicate | undefined;
}

/**
 * What a search over one type reads of a cold graph: the rows that the full-text index proposes, instead of every text. The predicates
 * then look at the words of these rows themselves, so that the index decides only where to look. It proposes every row that qualifies: it makes
 * words as the predicates do, and rows it does not cover are analysed by storage.
 */
export async function readMatchingRows(prepared: PreparedPlan, request: RequestValues, source: DataSource, budget: QueryBudget): Promise<MatchingRows | undefined> {
  const planned = await planMatchingRead(prepared, request, source);
  if (planned === undefined) return undefined;
  const { field, query, filter } = planned;
  const { slot } = field;
  const names = new Set([ID_COLUMN, ...prepared.search.textFields.map(({ property: name }) => name), ...(prepared.columnsBySlot[slot] ?? []), ...(prepared.lateColumnsBySlot[slot] ?? [])]);
  const match = { column: field.property, query, columns: [...names], ...(filter === undefined ? {} : { filter }), signal: source.signal };
  const table = tableOf(field, prepared, source);
  const rows = await waitUnlessAborted(table.readTextMatches(match, source.tuning.seekCost, (byteCount) => budget.admit(byteCount)), source.signal, "query");
  source.trace?.access(slot, { kind: "nativeText", detail: field.property });
  if (source.trace !== undefined) traceColumns(source.trace, slot, rows, [...names], () => false);
  const texts = prepared.search.textFields.map(async (each): Promise<[string, TextIndex]> => [fieldName(each), await wordsOf(rows, propertyOf(each, prepared, source), source)]);
  return { data: { spaces: [rows], adjacencies: new Map(), candidates: new Map() }, texts: new Map(await waitUnlessAborted(Promise.all(texts), source.signal, "query")) };
}

/**
 * The read that {@link readMatchingRows} would make; looks at the list of indexes only. Undefined when another way is better or the only one: words
 * or columns are in memory, the query compares rows by how often their words occur (BM25), there is no such index, or reads like this have cost as
 * much as all words would.
 */
export async function planMatchingRead(prepared: PreparedPlan, request: RequestValues, source: DataSource): Promise<MatchingRead | undefined> {
  const found = findProposal(prepared, request);
  if (found === undefined) return undefined;
  const { scan, operation, query } = found;
  const field: SearchField = { slot: operation.slot, property: fieldOfPredicate(operation.predicate) };
  const table = tableOf(field, prepared, source);
  const property = propertyOf(field, prepared, source);
  const { seekCost, textRowCost } = source.tuning;
  if (table.findTextIndex(property) !== undefined || table.pushedCost + seekCost > table.rowCount * textRowCost) return undefined;
  const filter = filterOf(scan, request);
  if (filter === "nothing") return undefined;
  const indexes = table.findIndexes() ?? (await waitUnlessAborted(table.loadIndexes(), source.signal, "query"));
  const analysis = textAnalysisName(property.textAnalysis);
  const hasIndex = indexes.some(({ column, textAnalysis }) => column === field.property && textAnalysis !== undefined && textAnalysisName(textAnalysis) === analysis);
  return hasIndex ? { field, query, filter } : undefined;
}

/** A text predicate that every row of the only variable has to satisfy. */
function findProposal(prepared: PreparedPlan, request: RequestValues): { readonly scan: PreparedScan; readonly operation: TextMatchOperation; readonly query: string } | undefined {
  const [scan, ...others] = prepared.scans;
  if (scan === undefined || others.length > 0 || prepared.slots.length > 1) return undefined;
  if (!prepared.search.calls.every(({ kind }) => kind === "TextPredicate")) return undefined;
  for (const operation of prepared.operations) {
    if (operation.kind !== "textMatch" || operation.isNegated || operation.predicate.function === "fuzzy") continue;
    const query = queryTextOf(operation.predicate, request);
    if (query !== null) return { scan, operation, query };
  }
  return undefined;
}

function filterOf(scan: PreparedScan, request: RequestValues): Predicate | "nothing" | undefined {
  const ids = idsOfScan(scan, request);
  if (ids !== undefined) return ids.length === 0 ? "nothing" : idPredicate(ids);
  return pushDown(scan.operation.conditions, (constant) => constantValue(constant, request));
}

function fieldOfPredicate({ field }: TextPredicateExpression): string {
  if (field.kind !== "Property") throw new TypeError("a field that is no property is refused before a run");
  return field.property;
}

async function wordsOf(rows: LoadedRows, { name, textAnalysis }: ReturnType<typeof propertyOf>, { datasets }: DataSource): Promise<TextIndex> {
  const column = must(rows.findView(name), `column ${name} was not read`).column as Utf8Column;
  const tokenize: TokenizeText = (text, analysis) => datasets.tokenize(text, analysis);
  const postings = column.length <= ROWS_AT_ONCE_MAX ? buildPostings(column, textAnalysis, tokenize) : await buildPostingsInTurns(column, textAnalysis, tokenize, () => systemPacer.turn());
  return new PostingsTextIndex(postings, (text) => datasets.tokenize(text, textAnalysis));
}
