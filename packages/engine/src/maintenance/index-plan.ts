import { type EntityType, type NodeType, type PropertyType, textAnalysisName } from "@omnigraphdb/compiler";
import { VECTOR_INDEX_ROWS_MIN } from "../limits.js";
import type { DatasetIndex, IndexKind, IndexState } from "../storage/dataset-gateway.js";
import { datasetSchemaOf } from "../storage/dataset-schema.js";

/** A declared index that cannot be built yet. */
export interface PendingIndex {
  readonly property: string;
  readonly reason: string;
}

/** What is to be done about the indexes of one dataset. */
export interface IndexPlan {
  /** Ascending by column. */
  readonly missing: readonly DatasetIndex[];
  readonly pending: readonly PendingIndex[];
}

/** Non-null values of a vector property. */
export type CountVectors = (property: string) => Promise<number>;

const NOTHING_TO_TRAIN_ON = "property has no non-null vectors to train on yet";

/**
 * The one place that says which indexes a type's dataset shall have (IX-10): the fixed ones of its schema, and one per
 * single-property `@key` or `@index` of a node type (schema specification §18).
 */
export function declaredIndexes(type: EntityType): readonly DatasetIndex[] {
  const fixed = datasetSchemaOf(type).indexedColumns.map((column): DatasetIndex => ({ column, kind: "btree" }));
  const declared = type.kind === "node" ? declaredPropertyIndexes(type) : [];
  const byColumn = new Map([...fixed, ...declared].map((index) => [index.column, index]));
  return [...byColumn.values()].sort((left, right) => (left.column < right.column ? -1 : 1));
}

/** Which of them are missing, and which of those can be built now (IX-13, IX-21). */
export async function planIndexes(type: EntityType, stored: readonly IndexState[], countVectors: CountVectors): Promise<IndexPlan> {
  const missing: DatasetIndex[] = [];
  const pending: PendingIndex[] = [];
  for (const index of declaredIndexes(type)) {
    if (stored.some((state) => isSameIndex(state, index))) continue;
    if (index.kind === "vector") {
      const count = await countVectors(index.column);
      if (count === 0) pending.push({ property: index.column, reason: NOTHING_TO_TRAIN_ON });
      // Below that number a search reads all vectors in less time than an index takes to be looked up.
      if (count < VECTOR_INDEX_ROWS_MIN) continue;
    }
    missing.push(index);
  }
  return { missing, pending };
}

/** A full-text index with other settings than the schema's is built anew. */
function isSameIndex(state: IndexState, { column, kind, textAnalysis }: DatasetIndex): boolean {
  if (state.column !== column || state.kind !== kind) return false;
  return textAnalysis === undefined || (state.textAnalysis !== undefined && textAnalysisName(state.textAnalysis) === textAnalysisName(textAnalysis));
}

function declaredPropertyIndexes(type: NodeType): readonly DatasetIndex[] {
  const indexes: DatasetIndex[] = [];
  for (const constraint of type.constraints) {
    if (constraint.kind !== "key" && constraint.kind !== "index") continue;
    // Of several properties together there is no index, only the intent.
    const [field, ...others] = constraint.fields;
    const property = field === undefined || others.length > 0 ? undefined : type.propertyByName.get(field);
    if (property === undefined) continue;
    const kind = indexKindOf(property.type);
    if (kind === "btree") indexes.push({ column: property.name, kind });
    // Vectors are searched by Euclidean distance (query SR-15).
    if (kind === "vector") indexes.push({ column: property.name, kind, metric: "l2" });
    // The words of a key are as many as its rows, so every compaction would rewrite an index as large as the column (ADR 0012).
    if (kind === "fullText" && constraint.kind === "index") indexes.push({ column: property.name, kind, textAnalysis: property.textAnalysis });
  }
  return indexes;
}

function indexKindOf({ base, isList, enumValues }: PropertyType): IndexKind | undefined {
  if (isList || base.kind === "Blob") return undefined;
  if (base.kind === "Vector") return "vector";
  return base.kind !== "String" || enumValues !== undefined ? "btree" : "fullText";
}
