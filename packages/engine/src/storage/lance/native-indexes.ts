import type { Index, IndexConfig, Table } from "@lancedb/lancedb";
import { must } from "@omnigraphdb/common";
import { DEFAULT_TEXT_ANALYSIS } from "@omnigraphdb/compiler";
import { type DatasetIndex, type IndexKind, type IndexState, vectorListCount, type VectorMetric } from "../dataset-gateway.js";
import { lance } from "./arrow.js";
import { quoteColumn } from "./render-predicate.js";
import { textAnalysisOf, textSettingsOf } from "./text-settings.js";

/** Builds `index`, or builds it anew. Several versions may pass: one per native call. */
export async function buildIndex(table: Table, index: DatasetIndex): Promise<void> {
  const stored = await table.listIndices();
  const same = stored.find((candidate) => candidate.columns[0] === index.column && kindOfIndex(candidate) === index.kind);
  const name = same?.name ?? freeName(index, new Set(stored.map((candidate) => candidate.name)));
  const config = await configOf(index, table);
  await table.createIndex(index.column, { config, name, replace: same !== undefined });
}

/**
 * Builds indexes anew, with files in the lineage of `fork`.
 *
 * @param source a version that has the same indexes and can list them: a fork of a fork cannot
 * @param names which; default all
 */
export async function rebuildIndexes(fork: Table, source: Table, names?: ReadonlySet<string>): Promise<void> {
  for (const stored of await source.listIndices()) {
    if (names?.has(stored.name) === false) continue;
    const kind = kindOfIndex(stored);
    const column = must(stored.columns[0], "an index without a column");
    // Without vectors there is nothing to train on; searches then read the vectors, of which there are none.
    const isBuildable = kind !== undefined && (kind !== "vector" || (await countValues(fork, column)) > 0);
    if (!isBuildable) {
      await fork.dropIndex(stored.name);
      continue;
    }
    const metric = kind === "vector" ? ((await source.indexStats(stored.name))?.distanceType as VectorMetric | undefined) : undefined;
    const index: DatasetIndex = { column, kind, ...(metric === undefined ? {} : { metric }), ...analysisOf(stored) };
    await fork.createIndex(column, { config: await configOf(index, fork), name: stored.name, replace: true });
  }
}

export async function indexStates(table: Table): Promise<readonly IndexState[]> {
  const states: IndexState[] = [];
  for (const stored of await table.listIndices()) {
    const kind = kindOfIndex(stored);
    const column = stored.columns[0];
    if (kind === undefined || column === undefined) continue;
    states.push({ column, kind, ...analysisOf(stored), unindexedRowCount: stored.numUnindexedRows ?? 0 });
  }
  return states.sort((left, right) => compareText(left.column, right.column) || compareText(left.kind, right.kind));
}

function compareText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

function analysisOf(stored: IndexConfig): Pick<DatasetIndex, "textAnalysis"> {
  const textAnalysis = kindOfIndex(stored) === "fullText" ? textAnalysisOf(stored.indexDetails) : undefined;
  return textAnalysis === undefined ? {} : { textAnalysis };
}

/** Undefined for kinds that the engine never builds. */
function kindOfIndex({ indexType }: IndexConfig): IndexKind | undefined {
  if (indexType === "BTree") return "btree";
  if (indexType === "FTS") return "fullText";
  return indexType === "IvfFlat" ? "vector" : undefined;
}

async function configOf({ column, kind, metric = "l2", textAnalysis = DEFAULT_TEXT_ANALYSIS }: DatasetIndex, table: Table): Promise<Index> {
  const { Index } = lance();
  switch (kind) {
    case "btree":
      return Index.btree();
    case "fullText":
      // Positions would serve phrases, which no query asks for.
      return Index.fts({ ...textSettingsOf(textAnalysis), withPosition: false });
    case "vector":
      return Index.ivfFlat({ distanceType: metric, numPartitions: vectorListCount(await countValues(table, column)) });
  }
}

function countValues(table: Table, column: string): Promise<number> {
  return table.countRows(`${quoteColumn(column)} IS NOT NULL`);
}

/** Index names stay when their column is renamed, so the usual name may belong to another column. */
function freeName({ column, kind }: DatasetIndex, taken: ReadonlySet<string>): string {
  const base = kind === "btree" ? `${column}_idx` : `${column}_${kind}_idx`;
  let name = base;
  for (let attempt = 2; taken.has(name); attempt++) name = `${base}_${attempt}`;
  return name;
}
