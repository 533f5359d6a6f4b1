import type { IdSource } from "@omnigraphdb/common";
import type { MutationPlan, ParameterValues } from "@omnigraphdb/compiler";
import type { ColumnBuilder } from "../columnar/column-builder.js";
import { requireColumn } from "../columnar/row-batch.js";
import { type EntityHash, hashBytes } from "../hash/entity-hash.js";
import { BatchStaging } from "../staging/batch-staging.js";
import { BATCH_BYTES_MAX, BATCH_ROWS_MAX } from "../staging/staging-limits.js";
import { type StagedTypeDelta, stageType } from "../staging/stage-type.js";
import { TypeRows } from "../staging/type-rows.js";
import { SOURCE_COLUMN, TARGET_COLUMN } from "../storage/dataset-schema.js";
import type { StagedDatasetWrite, WriteStrictness } from "../transaction/staged-write.js";
import type { PreparedWrite, WriteView } from "../transaction/write-coordinator.js";
import { HashCollisionError } from "../validate/errors.js";
import { textAt } from "../validate/existing-rows.js";
import { footprintOf } from "../validate/footprint.js";
import { compileRules, type TypeRules } from "../validate/type-rules.js";
import { validateDelta } from "../validate/validate-delta.js";
import { Violations } from "../validate/violations.js";
import { Accumulator, type Image, type TypeAccumulator } from "./accumulator.js";
import { compileMutation } from "./compile-mutation.js";
import { type MutationCounts, runStatements } from "./run-statements.js";

/** What a mutation needs from its graph. */
export interface MutationContext {
  readonly ids: IdSource;
  /** `now()`: the same on every preparation of one mutation (MU-10). */
  readonly nowMs: number;
  readonly signal?: AbortSignal;
  /** Default XXH64. */
  readonly hash?: EntityHash;
}

/** How often the rows of a type are measured while their batch grows. */
const BYTES_CHECK_ROWS = 1_024;

/**
 * Runs a mutation against a view into staged effects: nothing durable happens. All statements are checked first, then
 * run in order; integrity is judged once, on the final images (query MU-15).
 *
 * @returns nothing staged when nothing matched (MU-7)
 */
export async function prepareMutation(
  plan: MutationPlan,
  values: ParameterValues,
  view: WriteView,
  context: MutationContext,
): Promise<PreparedWrite<MutationCounts>> {
  const hash = context.hash ?? hashBytes;
  const { catalog } = view.schema;
  const statements = compileMutation(plan, { catalog, values, nowMs: context.nowMs, hash });
  const accumulator = new Accumulator(hash);
  const result = await runStatements(statements, accumulator, { view, ids: context.ids, hash, signal: context.signal });

  const rules = await compileRules(catalog);
  const violations = new Violations();
  const types = new Map<string, StagedTypeDelta>();
  for (const [typeKey, pending] of accumulator.types) {
    if (pending.images.size === 0 && pending.removedCount === 0) continue;
    types.set(typeKey, await collectType(pending, rules.get(typeKey) ?? { values: [], uniqueGroups: [] }, violations, hash));
  }
  const delta = { types, isStrictInsert: false, hash };
  const resolutions = await validateDelta(delta, view, violations, context.signal);

  const datasets: StagedDatasetWrite[] = [];
  for (const [typeKey, delta] of [...types].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const committedCount = view.snapshot.entries.get(typeKey)?.entityCount ?? 0;
    const staged = stageType(delta, resolutions.get(typeKey), committedCount, strictnessOf(plan, delta));
    if (staged !== undefined) datasets.push(staged);
  }
  if (datasets.length === 0) return { staged: undefined, result };
  const footprint = isInsertOnly(plan) ? await footprintOf(delta, resolutions) : undefined;
  return { staged: { writerKind: "Mutation", datasets, ...(footprint === undefined ? {} : { footprint }) }, result };
}

/** OCC-1. One update or delete makes the whole mutation strict: what it matched may depend on anything (MU-31). */
function strictnessOf(plan: MutationPlan, delta: StagedTypeDelta): WriteStrictness {
  if (!isInsertOnly(plan)) return "strict";
  return delta.ids.size > 0 ? "merge" : "insert";
}

/** Such a mutation depends on nothing but what its own keys say (WR-11). */
export function isInsertOnly({ statements }: MutationPlan): boolean {
  return statements.every((statement) => statement.kind === "InsertNode" || statement.kind === "InsertEdge");
}

async function collectType(pending: TypeAccumulator, rules: TypeRules, violations: Violations, hash: EntityHash): Promise<StagedTypeDelta> {
  // Never spills: the images are in memory already.
  const staging = new BatchStaging({ directory: "", memoryBytes: Number.POSITIVE_INFINITY });
  const rows = new TypeRows(pending.type, { rules, staged: staging.createRows(), repeatedIds: "refuse", violations, hash });
  const describe = (_row: number, problem: string): string => problem;
  let sinceCheck = 0;
  for (const [id, image] of pending.images) {
    appendImage(rows, id, image);
    const isMeasured = ++sinceCheck % BYTES_CHECK_ROWS === 0;
    if (rows.openRows >= BATCH_ROWS_MAX || (isMeasured && rows.openBytes >= BATCH_BYTES_MAX)) rows.flush(describe);
  }
  rows.flush(describe);
  await rows.finish();
  const delta: StagedTypeDelta = {
    type: pending.type,
    rows: rows.staged,
    ids: rows.ids,
    dropped: rows.dropped,
    uniqueIndexes: rows.uniqueIndexes,
    replacesAll: false,
    removed: pending.removedEntities(),
  };
  if (rows.collision !== undefined) {
    throw new HashCollisionError(pending.type.typeKey, [await textAt(delta, rows.collision.ordinal), rows.collision.id]);
  }
  return delta;
}

function appendImage(rows: TypeRows, id: string, image: Image): void {
  rows.id.appendCell(id);
  if (image.isNamed) rows.markNamed();
  if (rows.type.kind === "edge") {
    appendColumn(rows.source, SOURCE_COLUMN, image);
    appendColumn(rows.target, TARGET_COLUMN, image);
  }
  for (const [i, property] of rows.type.properties.entries()) appendColumn(rows.properties[i] as ColumnBuilder, property.name, image);
}

function appendColumn(builder: ColumnBuilder, column: string, image: Image): void {
  const cell = image.cells.get(column);
  if (cell !== undefined) builder.appendCell(cell);
  else if (image.committed === undefined) builder.appendNull();
  else builder.appendFrom(requireColumn(image.committed.batch, column), image.committed.row);
}
