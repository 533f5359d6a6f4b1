import { displayType, type PropertyType, type Value } from "@omnigraphdb/compiler";
import type { Cell } from "../columnar/read-cell.js";
import { base64BytesMax, decodeBase64 } from "../load/decode-base64.js";
import { refuseExternal } from "../load/decode-value.js";
import { roundToFloat32 } from "../value/exact-numbers.js";
import { MutationValueError } from "./errors.js";

interface Target {
  readonly typeName: string;
  readonly property: string;
  readonly type: PropertyType;
}

/**
 * The stored form of a mutation value (query specification §11.4). Nulls pass: whether they may stay is decided on the
 * final image.
 *
 * @throws MutationValueError when the value does not fit
 */
export function convertValue(value: Value, target: Target): Cell {
  const { type } = target;
  if (value.kind === "null") return null;
  if (type.isList) return convertList(value, target);
  switch (type.base.kind) {
    case "String":
      return value.kind === "string" ? value.value : mismatch(value, target);
    case "Bool":
      return value.kind === "bool" ? value.value : mismatch(value, target);
    case "I32":
      return Number(integerIn(value, target, "Int32", -(2n ** 31n), 2n ** 31n - 1n));
    case "U32":
      return Number(integerIn(value, target, "UInt32", 0n, 2n ** 32n - 1n));
    case "I64":
      return integerIn(value, target, "Int64", -(2n ** 63n), 2n ** 63n - 1n);
    case "U64":
      return integerIn(value, target, "UInt64", 0n, 2n ** 64n - 1n);
    case "F32":
    case "F64":
      return floatOf(value, target, type.base.kind === "F32");
    case "Date":
      return value.kind === "date" ? value.days : mismatch(value, target);
    case "DateTime":
      return value.kind === "datetime" ? BigInt(value.ms) : mismatch(value, target);
    case "Vector":
      return vectorOf(value, target, type.base.dimension);
    case "Blob":
      return blobOf(value, target);
  }
}

/** A text that was meant as a date or datetime and is none (PB-10). */
export function refuseUnreadable(value: Extract<Value, { kind: "unreadable" }>, typeName: string, property: string): never {
  throw new MutationValueError(typeName, property, `invalid ${value.type} literal '${value.text}'`);
}

function refuse(target: Target, problem: string): never {
  throw new MutationValueError(target.typeName, target.property, problem);
}

function mismatch(value: Value, target: Target): never {
  if (value.kind === "unreadable") return refuseUnreadable(value, target.typeName, target.property);
  return refuse(target, `expects ${displayType(target.type)}, got a ${value.kind}`);
}

function integerIn(value: Value, target: Target, range: string, min: bigint, max: bigint): bigint {
  if (value.kind !== "integer") return mismatch(value, target);
  if (value.value < min || value.value > max) return refuse(target, `value ${value.value} exceeds ${range} range`);
  return value.value;
}

function floatOf(value: Value, target: Target, isSingle: boolean): number {
  if (value.kind !== "float" && value.kind !== "integer") return mismatch(value, target);
  const number = Number(value.value);
  if (!Number.isFinite(number)) return refuse(target, `value ${number} must be finite`);
  const stored = isSingle ? roundToFloat32(value.value) : number;
  if (!Number.isFinite(stored)) return refuse(target, `value ${number} exceeds Float32 range: it must be finite`);
  return stored;
}

function vectorOf(value: Value, target: Target, dimension: number): Float32Array {
  const components = vectorComponents(value);
  if (components === undefined) return mismatch(value, target);
  if (components.length !== dimension) return refuse(target, `expects ${dimension} dimensions, got ${components.length}`);
  const vector = Float32Array.from(components);
  if (!vector.every(Number.isFinite)) return refuse(target, "vector components must be finite");
  return vector;
}

function vectorComponents(value: Value): readonly number[] | undefined {
  if (value.kind === "vector") return value.values;
  if (value.kind !== "list") return undefined;
  const numbers: number[] = [];
  for (const item of value.items) {
    if (item.kind !== "float" && item.kind !== "integer") return undefined;
    numbers.push(Number(item.value));
  }
  return numbers;
}

function convertList(value: Value, target: Target): readonly Cell[] {
  if (value.kind !== "list") return mismatch(value, target);
  const itemTarget: Target = { ...target, type: { ...target.type, isList: false, isNullable: false } };
  return value.items.map((item) => (item.kind === "null" ? refuse(target, "null or invalid item in a list") : convertValue(item, itemTarget)));
}

const MANAGED_PREFIX = "base64:";

function blobOf(value: Value, target: Target): Uint8Array {
  const source = value.kind === "blob" ? value.source : value.kind === "string" ? value.value : mismatch(value, target);
  if (!source.startsWith(MANAGED_PREFIX)) return refuse(target, refuseExternal(target.property, source));
  const text = new TextEncoder().encode(source.slice(MANAGED_PREFIX.length));
  const bytes = new Uint8Array(base64BytesMax(text.length));
  const written = decodeBase64(text, 0, text.length, bytes, 0);
  if (typeof written === "string") return refuse(target, `invalid base64 blob data: ${written}`);
  return bytes.subarray(0, written);
}
