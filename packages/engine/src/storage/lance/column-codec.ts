import type { Data, DataType, Field, FixedSizeList, RecordBatch, Schema, Table } from "apache-arrow";
import { assert, assertNever, must } from "@omnigraphdb/common";
import type { PropertyType } from "@omnigraphdb/compiler";
import type { BlobColumn, Column, ColumnKind, RowBatch } from "../../columnar/column.js";
import type { DatasetColumn, DatasetSchema } from "../dataset-schema.js";
import { arrow, lance } from "./arrow.js";

const BLOB_EXTENSION = "lance.blob.v2";
const LIST_ITEM = "item";

/** Arrow schema of a dataset. DateTime is Date64: whole milliseconds over the full range of years. */
export function arrowSchemaOf(schema: DatasetSchema): Schema {
  return new (arrow().Schema)(schema.columns.map(arrowFieldOf));
}

/** The field of a column that is added to stored rows: nullable, whatever its type says. */
export function nullableFieldOf(column: DatasetColumn): Field {
  assert(column.role === "property", `only properties are added to a dataset, not ${column.name}`);
  return arrowFieldOf({ ...column, isNullable: true });
}

function arrowFieldOf(column: DatasetColumn): Field {
  const { Field, Int64, Uint64, Utf8 } = arrow();
  switch (column.role) {
    case "id":
    case "endpoint":
      return new Field(column.name, new Utf8(), false);
    case "hash":
      return new Field(column.name, new Uint64(), false);
    case "revision":
      return new Field(column.name, new Int64(), false);
    case "property":
      if (column.type.base.kind === "Blob") return lance().blob(column.name, { nullable: column.isNullable });
      return new Field(column.name, propertyTypeOf(column.type), column.isNullable);
  }
}

function propertyTypeOf(type: PropertyType): DataType {
  const { Field, List } = arrow();
  const base = baseTypeOf(type);
  return type.isList ? new List(new Field(LIST_ITEM, base, true)) : base;
}

function baseTypeOf({ base }: PropertyType): DataType {
  const a = arrow();
  switch (base.kind) {
    case "String":
      return new a.Utf8();
    case "Bool":
      return new a.Bool();
    case "I32":
      return new a.Int32();
    case "I64":
      return new a.Int64();
    case "U32":
      return new a.Uint32();
    case "U64":
      return new a.Uint64();
    case "F32":
      return new a.Float32();
    case "F64":
      return new a.Float64();
    case "Date":
      return new a.DateDay();
    case "DateTime":
      return new a.DateMillisecond();
    case "Vector":
      return new a.FixedSizeList(base.dimension, new a.Field(LIST_ITEM, new a.Float32(), true));
    case "Blob":
      throw new TypeError("a blob column has no plain Arrow type");
  }
}

/** The column kind that a stored Arrow field holds. */
export function kindOfField(field: Field): ColumnKind {
  return isBlobField(field) ? "blob" : kindOfType(field.type);
}

export function isBlobField(field: Field): boolean {
  return field.metadata.get("ARROW:extension:name") === BLOB_EXTENSION;
}

function kindOfType(type: DataType): ColumnKind {
  const { DataType: is, DateUnit, Precision } = arrow();
  if (is.isUtf8(type)) return "utf8";
  if (is.isBool(type)) return "bool";
  if (is.isInt(type) && type.bitWidth === 32) return type.isSigned ? "i32" : "u32";
  if (is.isInt(type) && type.bitWidth === 64) return type.isSigned ? "i64" : "u64";
  if (is.isFloat(type) && type.precision !== Precision.HALF) return type.precision === Precision.SINGLE ? "f32" : "f64";
  if (is.isDate(type)) return type.unit === DateUnit.DAY ? "date" : "datetime";
  if (is.isList(type)) return "list";
  if (is.isFixedSizeList(type)) return "vector";
  throw new TypeError(`a dataset holds a column of an unexpected type: ${type.constructor.name}`);
}

/**
 * An Arrow table over the buffers of `batch`, nothing copied.
 *
 * @param schema the stored schema; `batch` must hold exactly its columns, each of the stored kind
 */
export function toArrowTable(batch: RowBatch, schema: Schema): Table {
  const { makeData, RecordBatch, Struct, Table } = arrow();
  assert(batch.columns.size === schema.fields.length, "a row batch must hold every column of its dataset and no other");
  const children = schema.fields.map((field) => {
    const column = must(batch.columns.get(field.name), `row batch without the column ${field.name}`);
    assert(column.length === batch.rowCount, `column ${field.name} has ${column.length} rows instead of ${batch.rowCount}`);
    assert(column.kind === kindOfField(field), `column ${field.name} is ${column.kind}, its dataset stores ${kindOfField(field)}`);
    return toArrowData(column, field.type);
  });
  const rows = makeData({ type: new Struct(schema.fields), length: batch.rowCount, nullCount: 0, children });
  return new Table(schema, [new RecordBatch(schema, rows)]);
}

function toArrowData(column: Column, type: DataType): Data {
  const { makeData } = arrow();
  const nulls = column.validity === undefined ? { nullCount: 0 } : { nullBitmap: column.validity };
  const common = { length: column.length, ...nulls };
  // Arrow's typed overloads cannot follow a type that is only known at run time.
  const make = makeData as (props: object) => Data;
  switch (column.kind) {
    case "utf8":
      return make({ type, ...common, valueOffsets: column.offsets, data: column.bytes });
    case "bool":
      return make({ type, ...common, data: column.bits });
    case "i32":
    case "u32":
    case "i64":
    case "u64":
    case "f32":
    case "f64":
    case "date":
    case "datetime":
      return make({ type, ...common, data: column.values });
    case "list":
      return make({ type, ...common, valueOffsets: column.offsets, child: toArrowData(column.items, itemTypeOf(type)) });
    case "vector": {
      const itemCount = column.length * column.dimension;
      const { listSize } = type as FixedSizeList;
      assert(listSize === column.dimension, `a vector of dimension ${column.dimension} for a column of dimension ${listSize}`);
      const items = make({ type: itemTypeOf(type), length: itemCount, nullCount: 0, data: column.values.subarray(0, itemCount) });
      return make({ type, ...common, child: items });
    }
    case "blob":
      return toBlobData(column, type);
    default:
      return assertNever(column, "column");
  }
}

function itemTypeOf(type: DataType): DataType {
  return must(type.children[0], "list type without item").type;
}

/** The binding takes a blob as a struct of bytes (64-bit offsets) and a URI, which is always null here. */
function toBlobData(column: BlobColumn, type: DataType): Data {
  const make = arrow().makeData as (props: object) => Data;
  const [bytesField, uriField] = type.children as [Field, Field];
  const { length } = column;
  const nulls = column.validity === undefined ? { nullCount: 0 } : { nullBitmap: column.validity };
  const valueOffsets = new BigInt64Array(length + 1);
  const first = column.offsets[0] ?? 0;
  // From zero: Arrow's writer cannot rebase 64-bit offsets.
  for (let row = 0; row <= length; row++) valueOffsets[row] = BigInt((column.offsets[row] as number) - first);
  const data = column.bytes.subarray(first, column.offsets[length]);
  const bytes = make({ type: bytesField.type, length, ...nulls, valueOffsets, data });
  const uri = make({
    type: uriField.type,
    length,
    nullCount: length,
    nullBitmap: new Uint8Array((length + 7) >> 3),
    valueOffsets: new Int32Array(length + 1),
    data: new Uint8Array(0),
  });
  return make({ type, length, ...nulls, children: [bytes, uri] });
}

/** Columns over the buffers of an Arrow batch, nothing copied. Blob descriptors and row ids are left out. */
export function fromArrowBatch(batch: RecordBatch, columnNames: readonly string[]): RowBatch {
  const columns = new Map<string, Column>();
  for (const name of columnNames) columns.set(name, fromArrowData(childOf(batch, name)));
  return { rowCount: batch.numRows, columns };
}

/** The data of one named column. */
export function childOf(batch: RecordBatch, name: string): Data {
  const index = batch.schema.fields.findIndex((field) => field.name === name);
  return must(batch.data.children[index], `scan delivered no column ${name}`);
}

function fromArrowData(data: Data): Column {
  assert(data.offset === 0, "an Arrow batch arrived as a slice");
  const { length } = data;
  const base = { length, validity: data.nullCount === 0 ? undefined : data.nullBitmap };
  const kind = kindOfType(data.type);
  switch (kind) {
    case "utf8":
      return { kind, ...base, offsets: offsetsOf(data), bytes: data.values as Uint8Array };
    case "bool":
      return { kind, ...base, bits: data.values as Uint8Array };
    case "i32":
    case "date":
      return { kind, ...base, values: data.values as Int32Array };
    case "u32":
      return { kind, ...base, values: data.values as Uint32Array };
    case "i64":
    case "datetime":
      return { kind, ...base, values: data.values as BigInt64Array };
    case "u64":
      return { kind, ...base, values: data.values as BigUint64Array };
    case "f32":
      return { kind, ...base, values: data.values as Float32Array };
    case "f64":
      return { kind, ...base, values: data.values as Float64Array };
    case "list":
      return { kind, ...base, offsets: offsetsOf(data), items: fromArrowData(itemsOf(data)) };
    case "vector": {
      const { listSize } = data.type as FixedSizeList;
      return { kind, ...base, dimension: listSize, values: itemsOf(data).values as Float32Array };
    }
    case "blob":
      throw new TypeError("blob bytes are fetched, not decoded");
  }
}

function itemsOf(data: Data): Data {
  return must(data.children[0], "list data without items");
}

/** Arrow leaves out the offsets of an empty column. */
function offsetsOf(data: Data): Int32Array {
  const offsets = data.valueOffsets as Int32Array | undefined;
  return offsets !== undefined && offsets.length > data.length ? offsets : new Int32Array(data.length + 1);
}

/** One blob column from fetched values; null stays different from empty. */
export function blobColumnOf(values: readonly (Uint8Array | null)[]): BlobColumn {
  const { length } = values;
  const offsets = new Int32Array(length + 1);
  const validity = new Uint8Array((length + 7) >> 3);
  let end = 0;
  let nullCount = 0;
  values.forEach((value, row) => {
    if (value === null) nullCount++;
    else {
      validity[row >> 3] = (validity[row >> 3] as number) | (1 << (row & 7));
      end += value.length;
      assert(end <= BLOB_BATCH_BYTES_MAX, "the blobs of one batch exceed 2 GiB");
    }
    offsets[row + 1] = end;
  });
  const bytes = new Uint8Array(end);
  values.forEach((value, row) => {
    if (value !== null) bytes.set(value, offsets[row]);
  });
  return { kind: "blob", length, validity: nullCount === 0 ? undefined : validity, offsets, bytes };
}

/** 32-bit offsets address no more. */
const BLOB_BATCH_BYTES_MAX = 0x7fff_ffff;
