import type { EntityType } from "@omnigraphdb/compiler";
import type { Column, Utf8Column } from "../columnar/column.js";
import { requireColumn } from "../columnar/row-batch.js";
import { hashPairsToUint64, hashUtf8Column } from "../hash/entity-hash.js";
import type { PinnedDataset } from "../storage/dataset-gateway.js";
import { datasetSchemaOf, HASH_COLUMN, ID_COLUMN, REVISION_COLUMN, SOURCE_COLUMN, SOURCE_HASH_COLUMN, TARGET_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import { isStorageError } from "../storage/errors.js";

const HASHED_COLUMNS = [
  [ID_COLUMN, HASH_COLUMN],
  [SOURCE_COLUMN, SOURCE_HASH_COLUMN],
  [TARGET_COLUMN, TARGET_HASH_COLUMN],
] as const;

/**
 * Why rows that foreign hands wrote cannot be shown, or undefined. Reads, joins and merges find entities by the hidden hash
 * columns and take ids to be unique; without that they would give wrong answers instead of an error. Declared constraints are not
 * looked at: they are a matter of content, which an operator may adopt knowingly.
 *
 * @param version of the dataset
 */
export async function findAdoptionProblem(type: EntityType, dataset: PinnedDataset, version: number): Promise<string | undefined> {
  try {
    for (const { name } of datasetSchemaOf(type).columns) await firstRow(dataset, name);
    return (await findHashProblem(type, dataset)) ?? (await findRevisionProblem(dataset, version));
  } catch (error) {
    if (isStorageError(error, "Transient") || !(error instanceof Error)) throw error;
    return `its rows cannot be read: ${error.message}`;
  }
}

/** A column that is missing, or of a type this engine never writes, fails here. */
async function firstRow(dataset: PinnedDataset, column: string): Promise<void> {
  for await (const _batch of dataset.scan({ columns: [column], rowCountMax: 1 })) return;
}

async function findHashProblem(type: EntityType, dataset: PinnedDataset): Promise<string | undefined> {
  const pairs = type.kind === "node" ? HASHED_COLUMNS.slice(0, 1) : HASHED_COLUMNS;
  const idHashes: BigUint64Array[] = [];
  let wrongCount = 0;
  for await (const batch of dataset.scan({ columns: pairs.flat() })) {
    for (const [textColumn, hashColumn] of pairs) {
      const expected = hashPairsToUint64(hashUtf8Column(requireColumn(batch, textColumn) as Utf8Column));
      const stored = hashesOf(requireColumn(batch, hashColumn));
      wrongCount += expected.filter((hash, row) => hash !== stored[row]).length;
      if (textColumn === ID_COLUMN) idHashes.push(expected);
    }
  }
  if (wrongCount > 0) return `${wrongCount} hidden hashes do not belong to their ids`;
  return hasDuplicates(idHashes) ? "several rows have one id" : undefined;
}

/** To a merge a row of a later revision than its version would be one written since: it would miss that the row was deleted. */
async function findRevisionProblem(dataset: PinnedDataset, version: number): Promise<string | undefined> {
  const known = await dataset.countRows({ kind: "compare", column: REVISION_COLUMN, operator: "<=", value: { kind: "integer", value: BigInt(version) } });
  const wrongCount = (await dataset.countRows()) - known;
  return wrongCount > 0 ? `${wrongCount} hidden revisions are later than version ${version}` : undefined;
}

function hashesOf(column: Column): BigUint64Array {
  if (column.kind !== "u64") throw new TypeError(`hashes of kind ${column.kind}`);
  return column.values;
}

function hasDuplicates(parts: readonly BigUint64Array[]): boolean {
  const all = new BigUint64Array(parts.reduce((count, part) => count + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  all.sort();
  return all.some((hash, index) => index > 0 && hash === all[index - 1]);
}
