import { assertNever } from "@omnigraphdb/common";
import type { PropertyType, Value } from "@omnigraphdb/compiler";
import type { Column } from "../columnar/column.js";
import { nullColumn, scalarKindOf } from "../columnar/empty-column.js";

const utf8 = new TextEncoder();

type ConstantValue = Exclude<Value, { kind: "unreadable" | "blob" }>;

/**
 * A column of `values.length` rows of the declared type. A number takes the declared kind; one that the declared kind cannot hold without
 * loss (a literal list may mix integers and floats) takes a kind that can.
 */
export function columnOfValues(type: PropertyType, values: readonly ConstantValue[]): Column {
  const length = values.length;
  const validity = validityOf(values);
  if (type.isList) {
    const offsets = new Int32Array(length + 1);
    const items: ConstantValue[] = [];
    values.forEach((value, row) => {
      if (value.kind === "list") items.push(...(value.items as readonly ConstantValue[]));
      offsets[row + 1] = items.length;
    });
    return { kind: "list", length, validity, offsets, items: columnOfValues({ ...type, isList: false }, items) };
  }
  const kind = scalarKindOf(type);
  switch (kind) {
    case "utf8":
      return textColumn(values, validity);
    case "bool": {
      const bits = new Uint8Array((length + 7) >> 3);
      values.forEach((value, row) => {
        if (value.kind === "bool" && value.value) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
      });
      return { kind, length, validity, bits };
    }
    case "date":
      return { kind, length, validity, values: Int32Array.from(values, (value) => (value.kind === "date" ? value.days : 0)) };
    case "datetime":
      return { kind, length, validity, values: BigInt64Array.from(values, (value) => (value.kind === "datetime" ? BigInt(value.ms) : 0n)) };
    case "vector": {
      const dimension = type.base.kind === "Vector" ? type.base.dimension : 1;
      const out = new Float32Array(length * dimension);
      values.forEach((value, row) => {
        if (value.kind === "vector") out.set(value.values, row * dimension);
      });
      return { kind, length, validity, dimension, values: out };
    }
    case "blob":
      return nullColumn(type, length);
    case "i32":
    case "u32":
    case "i64":
    case "u64":
    case "f32":
    case "f64":
      return numberColumn(kind, values, validity);
    case "list":
      throw new TypeError("a scalar type has no list kind");
    default:
      return assertNever(kind);
  }
}

function validityOf(values: readonly ConstantValue[]): Uint8Array | undefined {
  if (values.every((value) => value.kind !== "null")) return undefined;
  const bits = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, row) => {
    if (value.kind !== "null") bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
  });
  return bits;
}

function textColumn(values: readonly ConstantValue[], validity: Uint8Array | undefined): Column {
  const offsets = new Int32Array(values.length + 1);
  const parts = values.map((value) => utf8.encode(value.kind === "string" ? value.value : ""));
  parts.forEach((part, row) => (offsets[row + 1] = (offsets[row] as number) + part.length));
  const bytes = new Uint8Array(offsets[values.length] as number);
  parts.forEach((part, row) => bytes.set(part, offsets[row] as number));
  return { kind: "utf8", length: values.length, validity, offsets, bytes };
}

function numberColumn(kind: "i32" | "u32" | "i64" | "u64" | "f32" | "f64", values: readonly ConstantValue[], validity: Uint8Array | undefined): Column {
  const length = values.length;
  if (values.some((value) => value.kind === "float") && kind !== "f32") {
    return { kind: "f64", length, validity, values: Float64Array.from(values, numberOf) };
  }
  switch (kind) {
    case "f32":
      return { kind, length, validity, values: Float32Array.from(values, numberOf) };
    case "f64":
      return { kind, length, validity, values: Float64Array.from(values, numberOf) };
    case "i32":
      return { kind, length, validity, values: Int32Array.from(values, numberOf) };
    case "u32":
      return { kind, length, validity, values: Uint32Array.from(values, numberOf) };
    case "u64":
      return { kind, length, validity, values: BigUint64Array.from(values, bigintOf) };
    case "i64":
      return { kind, length, validity, values: BigInt64Array.from(values, bigintOf) };
  }
}

function numberOf(value: ConstantValue): number {
  return value.kind === "float" ? value.value : value.kind === "integer" ? Number(value.value) : 0;
}

function bigintOf(value: ConstantValue): bigint {
  return value.kind === "integer" ? value.value : 0n;
}
