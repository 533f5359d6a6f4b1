/**
 * Columns of values in plain typed arrays: what operators, loaders and the storage adapter exchange.
 *
 * The layout is Arrow's, so the adapter converts without copying; nothing outside `storage/lance` knows Arrow.
 * `validity` has one bit per row, least significant bit first (1 = valid); `undefined` = no nulls. Values under a
 * null are unspecified. Buffers may be longer than `length` needs. Columns are immutable once published to a
 * consumer: caches share them between queries.
 */
export type Validity = Uint8Array | undefined;

interface ColumnBase {
  readonly length: number;
  readonly validity: Validity;
}

/** UTF-8 text: row i is `bytes[offsets[i] … offsets[i + 1])`. Strings and enums. */
export interface Utf8Column extends ColumnBase {
  readonly kind: "utf8";
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** One bit per row, least significant bit first. */
export interface BoolColumn extends ColumnBase {
  readonly kind: "bool";
  readonly bits: Uint8Array;
}

export interface Int32Column extends ColumnBase {
  readonly kind: "i32";
  readonly values: Int32Array;
}

export interface Uint32Column extends ColumnBase {
  readonly kind: "u32";
  readonly values: Uint32Array;
}

export interface Int64Column extends ColumnBase {
  readonly kind: "i64";
  readonly values: BigInt64Array;
}

export interface Uint64Column extends ColumnBase {
  readonly kind: "u64";
  readonly values: BigUint64Array;
}

export interface Float32Column extends ColumnBase {
  readonly kind: "f32";
  readonly values: Float32Array;
}

export interface Float64Column extends ColumnBase {
  readonly kind: "f64";
  readonly values: Float64Array;
}

/** Days since 1970-01-01. */
export interface DateColumn extends ColumnBase {
  readonly kind: "date";
  readonly values: Int32Array;
}

/** Milliseconds since 1970-01-01T00:00Z. */
export interface DateTimeColumn extends ColumnBase {
  readonly kind: "datetime";
  readonly values: BigInt64Array;
}

/** Row i is `items[offsets[i] … offsets[i + 1])`. */
export interface ListColumn extends ColumnBase {
  readonly kind: "list";
  readonly offsets: Int32Array;
  readonly items: Column;
}

/** Row i is `values[i * dimension … (i + 1) * dimension)`. */
export interface VectorColumn extends ColumnBase {
  readonly kind: "vector";
  readonly dimension: number;
  readonly values: Float32Array;
}

/** Large bytes with the layout of {@link Utf8Column}. Null, empty and non-empty are three different values. */
export interface BlobColumn extends ColumnBase {
  readonly kind: "blob";
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

export type Column =
  | Utf8Column
  | BoolColumn
  | Int32Column
  | Uint32Column
  | Int64Column
  | Uint64Column
  | Float32Column
  | Float64Column
  | DateColumn
  | DateTimeColumn
  | ListColumn
  | VectorColumn
  | BlobColumn;

export type ColumnKind = Column["kind"];

/** Rows of several columns of equal length. */
export interface RowBatch {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, Column>;
}

export function isNull(column: Column, row: number): boolean {
  return column.validity !== undefined && ((column.validity[row >> 3] as number) & (1 << (row & 7))) === 0;
}
