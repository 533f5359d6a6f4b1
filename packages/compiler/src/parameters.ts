/**
 * Parameter binding (query specification §6): one JSON object to one typed value per declaration, once per request.
 */
import { isLosslessNumber, parse as parseLosslessJson } from "lossless-json";
import { closest, didYouMean } from "./diagnostics/did-you-mean.js";
import { ParameterError } from "./errors.js";
import type { ParameterDeclaration } from "./plan/query-plan.js";
import { type BaseType, displayType, type PropertyType } from "./types/property-type.js";
import { parseDateText, parseDateTimeText } from "./value/date-time-text.js";
import { NULL_VALUE, type ParameterValues, type Value } from "./value/value.js";

/** Decodes JSON with the source text of its numbers kept (PB-9). Throws {@link ParameterError}. */
export function parseParametersJson(text: string): unknown {
  try {
    return parseLosslessJson(text);
  } catch (error) {
    // A nesting that exhausts the stack ends here as well.
    const reason = error instanceof SyntaxError ? error.message : "nested too deeply";
    throw new ParameterError(`parameters are not valid JSON: ${reason}`, undefined, "pass one JSON object, with parameter names as keys");
  }
}

/**
 * Binds every declared parameter (PB-1 … PB-10). `params` is what {@link parseParametersJson} gave, or a plain object
 * of an embedder: there an integral number is an integer if it is exact, and 64-bit values are `bigint` or decimal strings.
 *
 * Throws {@link ParameterError}.
 */
export function bindParameters(declarations: readonly ParameterDeclaration[], params: unknown): ParameterValues {
  const given = asObject(params);
  const declared = new Set(declarations.map(({ name }) => name));
  for (const [key, value] of Object.entries(given)) {
    if (!declared.has(key) && containsObject(value)) {
      throw refusal(key, "is not declared and its value contains an object", didYouMean(key, declared));
    }
  }
  const undeclared = Object.keys(given).filter((key) => !declared.has(key));
  return new Map(declarations.map(({ name, type }) => [name, bindOne(name, type, Object.hasOwn(given, name) ? given[name] : undefined, undeclared)]));
}

function asObject(params: unknown): Readonly<Record<string, unknown>> {
  if (params === undefined || params === null) return {};
  if (typeof params !== "object" || Array.isArray(params) || isLosslessNumber(params)) {
    throw new ParameterError(`parameters must be one JSON object, found ${describe(params)}`, undefined, "pass an object with parameter names as keys");
  }
  return params as Readonly<Record<string, unknown>>;
}

/** PB-6. Iterative and cycle-safe, because embedders may pass anything. */
function containsObject(value: unknown): boolean {
  const waiting = new Set([value]);
  // A set yields what is added while it is walked.
  for (const item of waiting) {
    if (typeof item !== "object" || item === null || isLosslessNumber(item)) continue;
    if (!Array.isArray(item)) return true;
    for (const element of item as readonly unknown[]) waiting.add(element);
  }
  return false;
}

function bindOne(name: string, type: PropertyType, given: unknown, undeclared: readonly string[]): Value {
  if (given !== undefined && given !== null) return convert(name, type, given);
  if (type.isNullable) return NULL_VALUE;
  if (given === null) throw refusal(name, `must not be null; expected ${displayType(type)}`, "declare the parameter with '?' to accept null");
  const near = closest(name, undeclared);
  const hint =
    near === undefined
      ? "pass a value, or declare the parameter with '?' to make it optional"
      : `the parameters hold '${shorten(near)}', which the query does not declare; did you mean '${name}'?`;
  throw refusal(name, `was not provided; expected ${displayType(type)}`, hint);
}

function convert(name: string, type: PropertyType, given: unknown): Value {
  if (!type.isList) return convertItem(name, type.base, given);
  if (!Array.isArray(given)) throw wrongKind(name, `an array for ${displayType(type)}`, given);
  return { kind: "list", items: given.map((item: unknown) => convertItem(name, type.base, item)) };
}

function convertItem(name: string, base: BaseType, given: unknown): Value {
  switch (base.kind) {
    case "String":
      return { kind: "string", value: text(name, "String", given) };
    case "Blob":
      return { kind: "blob", source: text(name, "Blob", given) };
    case "Bool":
      if (typeof given !== "boolean") throw wrongKind(name, "true or false", given);
      return { kind: "bool", value: given };
    case "I32":
    case "I64":
    case "U32":
    case "U64":
      return { kind: "integer", value: integer(name, base.kind, given) };
    case "F32":
    case "F64":
      return { kind: "float", value: float(name, base.kind, given) };
    case "Date": {
      const days = parseDateText(text(name, "Date", given));
      if (days === undefined) throw refusal(name, `'${String(given)}' is not a date`, "write a day as YYYY-MM-DD");
      return { kind: "date", days };
    }
    case "DateTime": {
      const ms = parseDateTimeText(text(name, "DateTime", given));
      if (ms === undefined) throw refusal(name, `'${String(given)}' is not a date and time`, "write an instant as YYYY-MM-DDTHH:MM:SSZ");
      return { kind: "datetime", ms };
    }
    case "Vector":
      return vector(name, base.dimension, given);
  }
}

function text(name: string, kind: string, given: unknown): string {
  if (typeof given !== "string") throw wrongKind(name, `a string for ${kind}`, given);
  // Stored as UTF-8 it would become another text.
  if (!given.isWellFormed()) throw refusal(name, "holds a lone surrogate, which stands for no character", "pass well-formed Unicode text");
  return given;
}

/** U64 stops where the engine's integers stop. */
const INTEGER_RANGES = {
  I32: [-(2n ** 31n), 2n ** 31n - 1n],
  I64: [-(2n ** 63n), 2n ** 63n - 1n],
  U32: [0n, 2n ** 32n - 1n],
  U64: [0n, 2n ** 63n - 1n],
} as const;

/** More digits than any range has: the value is out of range without being computed. */
const INTEGER_DIGITS_MAX = 19;

function integer(name: string, kind: keyof typeof INTEGER_RANGES, given: unknown): bigint {
  const value = integerOf(name, kind, given);
  const [min, max] = INTEGER_RANGES[kind];
  if (value === undefined || value < min || value > max) throw refusal(name, `${describe(given)} is out of range for ${kind} (${min} to ${max})`);
  return value;
}

/** `undefined` when the digits alone show that no range holds the value. */
function integerOf(name: string, kind: string, given: unknown): bigint | undefined {
  if (typeof given === "bigint") return given;
  const expected = `an integer for ${kind}`;
  if (typeof given === "number") {
    if (!Number.isInteger(given)) throw wrongKind(name, expected, given);
    if (!Number.isSafeInteger(given)) {
      throw refusal(name, `${given} cannot be told apart from its neighbours as a number`, "pass integers beyond 2^53 as decimal strings");
    }
    return BigInt(given);
  }
  const digits = typeof given === "string" ? signedDigits(given, kind) : isLosslessNumber(given) && /^-?[0-9]+$/.test(given.value) ? given.value : undefined;
  if (digits === undefined) throw wrongKind(name, expected, given);
  const [, sign = "", magnitude = ""] = /^([+-]?)0*([0-9]+)$/.exec(digits) ?? [];
  if (magnitude.length > INTEGER_DIGITS_MAX) return undefined;
  return sign === "-" ? -BigInt(magnitude) : BigInt(magnitude);
}

function signedDigits(given: string, kind: string): string | undefined {
  const pattern = kind.startsWith("U") ? /^\+?[0-9]+$/ : /^[+-]?[0-9]+$/;
  return pattern.test(given) ? given : undefined;
}

function float(name: string, kind: string, given: unknown): number {
  const value = typeof given === "number" ? given : typeof given === "bigint" ? Number(given) : isLosslessNumber(given) ? Number(given.value) : undefined;
  if (value === undefined) throw wrongKind(name, `a number for ${kind}`, given);
  if (!Number.isFinite(value)) throw refusal(name, `${describe(given)} is out of range for ${kind}`);
  return value;
}

function vector(name: string, dimension: number, given: unknown): Value {
  const expected = `Vector(${dimension})`;
  if (!Array.isArray(given)) throw wrongKind(name, `an array of ${dimension} numbers for ${expected}`, given);
  if (given.length !== dimension) throw refusal(name, `${expected} takes ${dimension} numbers, ${given.length} given`);
  return { kind: "vector", values: given.map((item: unknown) => float(name, expected, item)) };
}

function wrongKind(name: string, expected: string, given: unknown): ParameterError {
  return refusal(name, `expected ${expected}, found ${describe(given)}`);
}

function refusal(name: string, problem: string, hint?: string): ParameterError {
  return new ParameterError(`param '${name}': ${problem}`, name, hint);
}

const SHOWN_LENGTH_MAX = 60;

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (isLosslessNumber(value)) return shorten(value.value);
  if (typeof value === "string") return `the string "${shorten(value)}"`;
  if (typeof value === "object") return "an object";
  const primitive = value as boolean | number | bigint | undefined;
  return shorten(Object.is(primitive, -0) ? "-0" : String(primitive));
}

function shorten(value: string): string {
  return value.length > SHOWN_LENGTH_MAX ? `${value.slice(0, SHOWN_LENGTH_MAX)}…` : value;
}
