import type { BaseType, Property, PropertyType } from "@omnigraphdb/compiler";
import { displayType } from "@omnigraphdb/compiler";
import type { LoadContent } from "../graph-api.js";
import {
  type BoolBuilder,
  type BytesBuilder,
  type ColumnBuilder,
  type Int64Builder,
  type ListBuilder,
  type NumberBuilder,
  type VectorBuilder,
} from "../columnar/column-builder.js";
import { decodeUtf8 } from "../columnar/read-cell.js";
import { base64BytesMax, decodeBase64 } from "./decode-base64.js";
import { decodeDate, decodeDateTime } from "./decode-date.js";
import {
  nextEntry,
  TOKEN_ARRAY,
  TOKEN_ESCAPED_TEXT,
  TOKEN_FALSE,
  TOKEN_INTEGER,
  TOKEN_NULL,
  TOKEN_NUMBER,
  TOKEN_OBJECT,
  TOKEN_TEXT,
  TOKEN_TRUE,
  TOKEN_WORDS,
} from "./json-scanner.js";
import { parseFloat64, parseInteger } from "./parse-number.js";
import type { RecordTokens } from "./record-tokens.js";

/** Appends one JSON value to its column. @returns what is wrong with the value, or undefined */
export type ValueDecoder = (tokens: RecordTokens, entry: number) => string | undefined;

/** Conversion of one property (schema specification §19.3). Null handling included (W01). */
export function createValueDecoder(property: Property, builder: ColumnBuilder, content: LoadContent): ValueDecoder {
  const { name, type } = property;
  const isLenient = content === "lenient";
  const decode = type.isList
    ? listDecoder(name, type, builder as ListBuilder, isLenient)
    : type.base.kind === "Vector"
      ? vectorDecoder(name, builder as VectorBuilder)
      : scalarDecoder(type.base, builder, { wrongKind: `property '${name}' expects ${displayType(type)}`, valueWord: `property '${name}' value`, declared: displayType(type), name });
  return (tokens, entry) => {
    const token = tokens.tape[entry] as number;
    if (token !== TOKEN_NULL && !(isLenient && isReadAsNull(type, token))) return decode(tokens, entry);
    if (!type.isNullable) return nullInRequired(property);
    builder.appendNull();
    return undefined;
  };
}

/** Whether lenient content takes a JSON value of this kind for null (the last column of §19.3). */
function isReadAsNull(type: PropertyType, token: number): boolean {
  if (type.isList) return false;
  const isText = token === TOKEN_TEXT || token === TOKEN_ESCAPED_TEXT;
  switch (type.base.kind) {
    case "String":
      return !isText;
    case "Bool":
      return token !== TOKEN_TRUE && token !== TOKEN_FALSE;
    case "I32":
    case "I64":
    case "U32":
    case "U64":
      return token !== TOKEN_INTEGER;
    case "F32":
    case "F64":
      return token !== TOKEN_INTEGER && token !== TOKEN_NUMBER;
    case "Date":
    case "DateTime":
      return token !== TOKEN_INTEGER && !isText;
    case "Vector":
      return token !== TOKEN_ARRAY;
    case "Blob":
      return false;
  }
}

/** W01 for a value that is missing or null. */
export function nullInRequired(property: Property): string {
  const { name, type } = property;
  if (!type.isList && type.base.kind === "Vector") return `non-nullable vector property '${name}' has null values`;
  if (!type.isList && type.base.kind === "Blob") return `non-nullable blob property '${name}' has null values`;
  return `non-nullable property '${name}' has null or invalid values`;
}

interface Wording {
  /** The whole problem when the JSON value is of another kind. */
  readonly wrongKind: string;
  /** Before a value that is out of range. */
  readonly valueWord: string;
  /** The property's type as the schema writes it. */
  readonly declared: string;
  readonly name: string;
}

function wrongKind(wording: Wording, tokens: RecordTokens, entry: number): string {
  return `${wording.wrongKind}, found ${describeFound(tokens, entry)}`;
}

function describeFound(tokens: RecordTokens, entry: number): string {
  switch (tokens.tape[entry]) {
    case TOKEN_NULL:
      return "null";
    case TOKEN_FALSE:
      return "false";
    case TOKEN_TRUE:
      return "true";
    case TOKEN_OBJECT:
      return "an object";
    case TOKEN_ARRAY:
      return "an array";
    case TOKEN_TEXT:
    case TOKEN_ESCAPED_TEXT:
      return `the string "${tokens.source(entry)}"`;
    default:
      return tokens.source(entry);
  }
}

function listDecoder(name: string, type: PropertyType, builder: ListBuilder, isLenient: boolean): ValueDecoder {
  const wording: Wording = { wrongKind: `list property '${name}' has a null or invalid item`, valueWord: "list value", declared: displayType(type), name };
  const decodeItem = scalarDecoder(type.base, builder.items, wording);
  return (tokens, entry) => {
    const { tape } = tokens;
    if (tape[entry] !== TOKEN_ARRAY) return `list property '${name}' expects a JSON array, found ${describeFound(tokens, entry)}`;
    const end = tape[entry + 2] as number;
    for (let item = entry + TOKEN_WORDS; item < end; item = nextEntry(tape, item)) {
      const problem = tape[item] === TOKEN_NULL ? wrongKind(wording, tokens, item) : decodeItem(tokens, item);
      if (problem === undefined) continue;
      if (!isLenient) return problem;
      builder.items.appendNull();
    }
    builder.closeRow();
    return undefined;
  };
}

function vectorDecoder(name: string, builder: VectorBuilder): ValueDecoder {
  return (tokens, entry) => {
    const { tape, bytes } = tokens;
    if (tape[entry] !== TOKEN_ARRAY) return `vector property '${name}' expects a JSON array, found ${describeFound(tokens, entry)}`;
    const count = tape[entry + 1] as number;
    if (count !== builder.dimension) return `vector property '${name}' expects ${builder.dimension} dimensions, got ${count}`;
    const end = tape[entry + 2] as number;
    for (let item = entry + TOKEN_WORDS; item < end; item = nextEntry(tape, item)) {
      const kind = tape[item] as number;
      if (kind !== TOKEN_INTEGER && kind !== TOKEN_NUMBER) return `vector property '${name}' elements must be numeric, found ${describeFound(tokens, item)}`;
      const value = Math.fround(parseFloat64(bytes, tape[item + 1] as number, tape[item + 2] as number));
      if (!Number.isFinite(value)) return `vector property '${name}' value ${tokens.source(item)} exceeds Float32 range`;
      builder.appendComponent(value);
    }
    builder.closeRow();
    return undefined;
  };
}

function scalarDecoder(base: BaseType, builder: ColumnBuilder, wording: Wording): ValueDecoder {
  switch (base.kind) {
    case "String":
      return textDecoder(builder as BytesBuilder, wording);
    case "Bool":
      return boolDecoder(builder as BoolBuilder, wording);
    case "I32":
      return int32Decoder(builder as NumberBuilder, wording, "Int32", -0x8000_0000, 0x7fff_ffff);
    case "U32":
      return int32Decoder(builder as NumberBuilder, wording, "UInt32", 0, 0xffff_ffff);
    case "I64":
      return int64Decoder(builder as Int64Builder, wording, "Int64", -(2n ** 63n), 2n ** 63n - 1n);
    case "U64":
      return int64Decoder(builder as Int64Builder, wording, "UInt64", 0n, 2n ** 64n - 1n);
    case "F32":
    case "F64":
      return floatDecoder(builder as NumberBuilder, wording, base.kind === "F32");
    case "Date":
      return dateDecoder(builder as NumberBuilder, wording);
    case "DateTime":
      return dateTimeDecoder(builder as Int64Builder, wording);
    case "Blob":
      return blobDecoder(builder as BytesBuilder, wording);
    case "Vector":
      return (tokens, entry) => wrongKind(wording, tokens, entry);
  }
}

function textDecoder(builder: BytesBuilder, wording: Wording): ValueDecoder {
  return (tokens, entry) => {
    if (!tokens.readText(entry)) return wrongKind(wording, tokens, entry);
    builder.appendBytes(tokens.textBytes, tokens.textStart, tokens.textEnd);
    return undefined;
  };
}

function boolDecoder(builder: BoolBuilder, wording: Wording): ValueDecoder {
  return (tokens, entry) => {
    const kind = tokens.tape[entry];
    if (kind !== TOKEN_TRUE && kind !== TOKEN_FALSE) return wrongKind(wording, tokens, entry);
    builder.append(kind === TOKEN_TRUE);
    return undefined;
  };
}

function int32Decoder(builder: NumberBuilder, wording: Wording, range: string, min: number, max: number): ValueDecoder {
  return (tokens, entry) => {
    const { tape } = tokens;
    if (tape[entry] !== TOKEN_INTEGER) return wrongKind(wording, tokens, entry);
    const value = parseInteger(tokens.bytes, tape[entry + 1] as number, tape[entry + 2] as number);
    if (typeof value !== "number" || value < min || value > max) {
      return `${wording.valueWord} ${tokens.source(entry)} exceeds ${range} range; its type is ${wording.declared}`;
    }
    builder.append(value);
    return undefined;
  };
}

function int64Decoder(builder: Int64Builder, wording: Wording, range: string, min: bigint, max: bigint): ValueDecoder {
  const isUnsigned = min === 0n;
  return (tokens, entry) => {
    const { tape } = tokens;
    if (tape[entry] !== TOKEN_INTEGER) return wrongKind(wording, tokens, entry);
    const value = parseInteger(tokens.bytes, tape[entry + 1] as number, tape[entry + 2] as number);
    if (typeof value === "number" && !(isUnsigned && value < 0)) builder.appendSafe(value);
    else if (typeof value === "bigint" && value >= min && value <= max) builder.appendBigInt(value);
    else return `${wording.valueWord} ${tokens.source(entry)} exceeds ${range} range; its type is ${wording.declared}`;
    return undefined;
  };
}

function floatDecoder(builder: NumberBuilder, wording: Wording, isSingle: boolean): ValueDecoder {
  return (tokens, entry) => {
    const { tape } = tokens;
    const kind = tape[entry] as number;
    if (kind !== TOKEN_INTEGER && kind !== TOKEN_NUMBER) return wrongKind(wording, tokens, entry);
    const value = parseFloat64(tokens.bytes, tape[entry + 1] as number, tape[entry + 2] as number);
    const stored = isSingle ? Math.fround(value) : value;
    if (!Number.isFinite(stored)) {
      return `${wording.valueWord} ${tokens.source(entry)} exceeds ${isSingle ? "Float32" : "Float64"} range; its type is ${wording.declared}`;
    }
    builder.append(stored);
    return undefined;
  };
}

function dateDecoder(builder: NumberBuilder, wording: Wording): ValueDecoder {
  return (tokens, entry) => {
    const { tape } = tokens;
    if (tape[entry] === TOKEN_INTEGER) {
      const days = parseInteger(tokens.bytes, tape[entry + 1] as number, tape[entry + 2] as number);
      if (typeof days !== "number" || days !== (days | 0)) return `property '${wording.name}': Date value out of range: ${tokens.source(entry)}`;
      builder.append(days);
      return undefined;
    }
    if (!tokens.readText(entry)) return wrongKind(wording, tokens, entry);
    const days = decodeDate(tokens.textBytes, tokens.textStart, tokens.textEnd);
    if (days === undefined || days !== (days | 0)) return `property '${wording.name}': invalid Date literal '${tokens.text()}'`;
    builder.append(days);
    return undefined;
  };
}

function dateTimeDecoder(builder: Int64Builder, wording: Wording): ValueDecoder {
  const decodeMs = int64Decoder(builder, wording, "Int64", -(2n ** 63n), 2n ** 63n - 1n);
  return (tokens, entry) => {
    if (tokens.tape[entry] === TOKEN_INTEGER) {
      if (decodeMs(tokens, entry) === undefined) return undefined;
      return `property '${wording.name}': DateTime value out of range: ${tokens.source(entry)}`;
    }
    if (!tokens.readText(entry)) return wrongKind(wording, tokens, entry);
    const ms = decodeDateTime(tokens.textBytes, tokens.textStart, tokens.textEnd);
    if (ms === undefined) return `property '${wording.name}': invalid DateTime literal '${tokens.text()}'`;
    builder.appendSafe(ms);
    return undefined;
  };
}

const MANAGED_PREFIX: Uint8Array = new TextEncoder().encode("base64:");

function blobDecoder(builder: BytesBuilder, wording: Wording): ValueDecoder {
  return (tokens, entry) => {
    if (!tokens.readText(entry)) return `blob property '${wording.name}' must be a URI string or base64: prefixed data`;
    const { textBytes, textStart, textEnd } = tokens;
    for (let i = 0; i < MANAGED_PREFIX.length; i++) {
      if (textBytes[textStart + i] !== MANAGED_PREFIX[i] || textStart + i >= textEnd) {
        return refuseExternal(wording.name, decodeUtf8(textBytes, textStart, textEnd));
      }
    }
    const start = textStart + MANAGED_PREFIX.length;
    const at = builder.reserve(base64BytesMax(textEnd - start));
    const written = decodeBase64(textBytes, start, textEnd, builder.target, at);
    if (typeof written === "string") return `blob property '${wording.name}': invalid base64 blob data: ${written}`;
    builder.commit(written);
    return undefined;
  };
}

const URI_SHOWN_MAX = 200;

/** No graph of this version has a policy that allows a base (schema specification §19.4). Credentials are not echoed. */
export function refuseExternal(property: string, uri: string): string {
  const shown = uri.slice(0, URI_SHOWN_MAX).replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1…@").replace(/[?#].*$/s, "");
  return `blob property '${property}': external blob URI '${shown}' is not allowed; give the content as base64:<data>`;
}
