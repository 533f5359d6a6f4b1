import type { EntityType } from "@omnigraphdb/compiler";
import { BytesBuilder, type ColumnBuilder, createColumnBuilder } from "../columnar/column-builder.js";
import type { Column, RowBatch, Utf8Column } from "../columnar/column.js";
import { RowSet } from "../columnar/row-set.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { requireColumnOf } from "../columnar/row-batch.js";
import { type EntityHash, hashPairsToUint64, hashUtf8Column } from "../hash/entity-hash.js";
import { IdentityIndex } from "../hash/identity-index.js";
import { datasetSchemaOf, HASH_COLUMN, ID_COLUMN, SOURCE_COLUMN, SOURCE_HASH_COLUMN, TARGET_COLUMN, TARGET_HASH_COLUMN } from "../storage/dataset-schema.js";
import { ConstraintViolationError, KeyConflictError } from "../validate/errors.js";
import type { TypeRules } from "../validate/type-rules.js";
import { UniqueIndex } from "../validate/unique-index.js";
import { PHASE_UNIQUENESS, PHASE_VALUES, Violations } from "../validate/violations.js";
import type { MutableStagedRows } from "./batch-staging.js";

/** How a type treats an id that comes twice in one input (LD-44). */
export type RepeatedIdPolicy = "refuse" | "last wins";

/** Text before and after a problem, saying where in the input its row stands. */
export type DescribeRow = (row: number, problem: string) => string;

export interface TypeRowsOptions {
  readonly rules: TypeRules;
  readonly staged: MutableStagedRows;
  readonly repeatedIds: RepeatedIdPolicy;
  readonly violations: Violations;
  readonly hash: EntityHash;
}

/**
 * New images of one type: grows a batch column by column and, batch by batch, hashes ids and ends, checks the rules of
 * single rows, notes ids and unique tuples, and stages the batch.
 */
export class TypeRows {
  readonly type: EntityType;
  readonly id: BytesBuilder = new BytesBuilder("utf8");
  readonly source: BytesBuilder = new BytesBuilder("utf8");
  readonly target: BytesBuilder = new BytesBuilder("utf8");
  /** In the order of `type.properties`. */
  readonly properties: readonly ColumnBuilder[];
  readonly staged: MutableStagedRows;
  readonly ids: IdentityIndex;
  readonly dropped: RowSet = new RowSet();
  /** Complete after {@link finish}. */
  uniqueIndexes: readonly UniqueIndex[];
  /** The first two rows whose different ids have one hash: the id of the later, the ordinal of the earlier. */
  collision: { readonly id: string; readonly ordinal: number } | undefined;
  readonly #options: TypeRowsOptions;
  /** Repeated tuples. Not yet violations: a later row may replace one of the two that share a tuple. */
  #repeatedTuples = new Violations();
  /** Rows of the open batch whose id may exist already. */
  #namedRows: number[] = [];

  constructor(type: EntityType, options: TypeRowsOptions) {
    this.type = type;
    this.properties = type.properties.map((property) => createColumnBuilder(property.type));
    this.staged = options.staged;
    this.ids = new IdentityIndex(options.hash);
    this.#options = options;
    this.uniqueIndexes = this.#emptyIndexes();
  }

  /** Rows of the open batch. */
  get openRows(): number {
    return this.id.length;
  }

  /** Bytes of the open batch. */
  get openBytes(): number {
    let bytes = this.id.byteLength + this.source.byteLength + this.target.byteLength;
    for (const builder of this.properties) bytes += builder.byteLength;
    return bytes;
  }

  /** The row appended last has an id that may exist already. */
  markNamed(): void {
    this.#namedRows.push(this.id.length - 1);
  }

  /** Closes the open batch, if it has rows, and starts the next. @returns the closed batch, which is staged from now on */
  flush(describe: DescribeRow): RowBatch | undefined {
    if (this.openRows === 0) return undefined;
    const firstOrdinal = this.staged.rowCount;
    const batch = this.#freeze();
    this.#checkValues(batch, describe);
    this.#noteIds(batch, firstOrdinal, describe);
    for (const index of this.uniqueIndexes) this.#noteTuples(index, batch, firstOrdinal, describe);
    this.#namedRows = [];
    this.staged.add(batch);
    return batch;
  }

  /** After the last batch. A row that a later one replaced holds no unique value: then the tuples are gathered anew. */
  async finish(): Promise<void> {
    if (this.dropped.size > 0 && this.uniqueIndexes.length > 0) {
      this.uniqueIndexes = this.#emptyIndexes();
      this.#repeatedTuples = new Violations();
      const columns = [ID_COLUMN, ...new Set(this.uniqueIndexes.flatMap((index) => index.group.columns))];
      for await (const { firstOrdinal, batch } of this.staged.batches(columns)) {
        for (const index of this.uniqueIndexes) this.#noteTuples(index, batch, firstOrdinal, (_row, problem) => problem);
      }
    }
    this.#options.violations.absorb(this.#repeatedTuples);
  }

  #emptyIndexes(): readonly UniqueIndex[] {
    return this.#options.rules.uniqueGroups.map((group) => new UniqueIndex(this.type, group, this.#options.hash));
  }

  #freeze(): RowBatch {
    const rowCount = this.id.length;
    const id = this.id.freeze() as Utf8Column;
    const parts = new Map<string, Column>([[ID_COLUMN, id], [HASH_COLUMN, this.#hashColumn(id)]]);
    if (this.type.kind === "edge") {
      const source = this.source.freeze() as Utf8Column;
      const target = this.target.freeze() as Utf8Column;
      parts.set(SOURCE_COLUMN, source).set(SOURCE_HASH_COLUMN, this.#hashColumn(source));
      parts.set(TARGET_COLUMN, target).set(TARGET_HASH_COLUMN, this.#hashColumn(target));
    }
    for (const [i, property] of this.type.properties.entries()) parts.set(property.name, (this.properties[i] as ColumnBuilder).freeze());
    const columns = new Map<string, Column>();
    for (const { name } of datasetSchemaOf(this.type).columns) {
      const column = parts.get(name);
      if (column !== undefined) columns.set(name, column);
    }
    return { rowCount, columns };
  }

  #hashColumn(text: Utf8Column): Column {
    const values = hashPairsToUint64(hashUtf8Column(text, this.#options.hash));
    return { kind: "u64", length: text.length, validity: undefined, values };
  }

  #checkValues(batch: RowBatch, describe: DescribeRow): void {
    const { typeKey } = this.type;
    for (const rule of this.#options.rules.values) {
      rule.check(batch, (row, problem) => {
        const entityId = idText(batch, row);
        const message = describe(row, problem);
        const place = { phase: PHASE_VALUES, typeKey, entityId, rank: rule.rank };
        this.#options.violations.offer(place, () => new ConstraintViolationError(rule.kind, typeKey, entityId, message));
      });
    }
  }

  #noteIds(batch: RowBatch, firstOrdinal: number, describe: DescribeRow): void {
    const id = requireColumnOf(batch, ID_COLUMN, "utf8");
    const hashes = requireColumnOf(batch, HASH_COLUMN, "u64").values;
    const pairs = new Uint32Array(hashes.buffer, hashes.byteOffset, hashes.length * 2);
    for (const row of this.#namedRows) {
      const lo = pairs[2 * row] as number;
      const hi = pairs[2 * row + 1] as number;
      const ordinal = firstOrdinal + row;
      const lookup = this.ids.addHashed(lo, hi, id.bytes, id.offsets[row] as number, id.offsets[row + 1] as number, ordinal);
      if (lookup.kind === "absent") continue;
      if (lookup.kind === "collision") this.collision ??= { id: idText(batch, row), ordinal: lookup.ordinal };
      else if (this.#options.repeatedIds === "refuse" || this.#isKeyed) this.#refuseRepeated(batch, row, describe);
      else {
        this.dropped.add(lookup.ordinal);
        this.ids.moveTo(lo, hi, ordinal);
      }
    }
  }

  get #isKeyed(): boolean {
    return this.type.kind === "node" && this.type.key.length > 0;
  }

  #refuseRepeated(batch: RowBatch, row: number, describe: DescribeRow): void {
    const { type } = this;
    const entityId = idText(batch, row);
    const place = { phase: PHASE_UNIQUENESS, typeKey: type.typeKey, entityId, rank: 0 };
    if (type.kind === "node" && type.key.length > 0) {
      const names = type.key.map((property) => property.name);
      const label = names.length === 1 ? (names[0] as string) : `(${names.join(", ")})`;
      const message = describe(row, `@unique violation on ${type.name}.${label}: value ${keyText(entityId, names.length)} occurs more than once in the input`);
      this.#options.violations.offer(place, () => new ConstraintViolationError("unique", type.typeKey, entityId, message));
      return;
    }
    const message = describe(row, `${type.kind} ${type.name} with id '${entityId}' occurs more than once in the input`);
    this.#options.violations.offer(place, () => new KeyConflictError(type.typeKey, entityId, message));
  }

  #noteTuples(index: UniqueIndex, batch: RowBatch, firstOrdinal: number, describe: DescribeRow): void {
    const { typeKey } = this.type;
    const report = (row: number, value: string): void => {
      const entityId = idText(batch, row);
      const message = describe(row, `@unique violation on ${index.group.label}: value ${value} occurs more than once in the write (again in '${entityId}')`);
      const place = { phase: PHASE_UNIQUENESS, typeKey, entityId, rank: 1 };
      this.#repeatedTuples.offer(place, () => new ConstraintViolationError("unique", typeKey, entityId, message));
    };
    index.addBatch(batch, { firstOrdinal, report, isReplaced: (row) => this.dropped.has(firstOrdinal + row) });
  }
}

function idText(batch: RowBatch, row: number): string {
  const id = requireColumnOf(batch, ID_COLUMN, "utf8");
  return decodeUtf8(id.bytes, id.offsets[row] as number, id.offsets[row + 1] as number);
}

/** The id of a composite key is the JSON array of its values. */
function keyText(id: string, fieldCount: number): string {
  if (fieldCount === 1) return `'${id}'`;
  return `(${(JSON.parse(id) as string[]).map((value) => `'${value}'`).join(", ")})`;
}
