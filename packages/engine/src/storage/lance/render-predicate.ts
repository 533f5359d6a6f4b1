import { assert, must } from "@omnigraphdb/common";
import type { ComparisonSign } from "@omnigraphdb/compiler";
import type { Schema } from "apache-arrow";
import type { ColumnKind } from "../../columnar/column.js";
import { nextDown, nextUp, roundToFloat32 } from "../../value/exact-numbers.js";
import type { Predicate, PredicateValue } from "../predicate.js";
import { kindOfField } from "./column-codec.js";

/**
 * The only producer of filter text (DENY-14). What the substrate's parser does with literals, and hence the shape of
 * this module (measured, pinned by `render-predicate.test.ts`):
 *
 * - a literal outside the column's range, or a float against an integer column, is an error: folded here (EX-24);
 * - a timestamp literal makes a Date64 column fail outside the years 1677 … 2262: milliseconds are cast instead;
 * - `-9223372036854775808` parses as a float: it is written as a cast of text;
 * - strings double the single quote; backslashes and control characters are literal.
 */
export type RenderedPredicate =
  | { readonly kind: "text"; readonly text: string }
  /** Matches no row. */
  | { readonly kind: "never" };

const NEVER: RenderedPredicate = { kind: "never" };

/** Text for `predicate` over the stored columns of `schema`. */
export function renderPredicate(predicate: Predicate, schema: Schema): RenderedPredicate {
  const kindOf = (name: string): ColumnKind => {
    const field = schema.fields.find((candidate) => candidate.name === name);
    return kindOfField(must(field, `filter on a column that does not exist: ${name}`));
  };
  return render(predicate, kindOf);
}

function render(predicate: Predicate, kindOf: (name: string) => ColumnKind): RenderedPredicate {
  switch (predicate.kind) {
    case "compare":
      return renderCompare(predicate.column, kindOf(predicate.column), predicate.operator, predicate.value);
    case "in":
      return renderIn(predicate.column, kindOf(predicate.column), predicate.values);
    case "notNull":
      return text(`${quoteColumn(predicate.column)} IS NOT NULL`);
    case "and": {
      const parts = predicate.predicates.map((part) => render(part, kindOf));
      const texts: string[] = [];
      for (const part of parts) {
        if (part.kind === "never") return NEVER;
        texts.push(`(${part.text})`);
      }
      return text(texts.length === 0 ? "true" : texts.join(" AND "));
    }
  }
}

const text = (value: string): RenderedPredicate => ({ kind: "text", text: value });

/** Column name in back-ticks. Schema rules keep back-ticks out of names; a name that holds one is our bug. */
export function quoteColumn(name: string): string {
  assert(/^[A-Za-z_][A-Za-z0-9_]*$/.test(name), `not a column name: ${JSON.stringify(name)}`);
  return `\`${name}\``;
}

export function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function renderCompare(column: string, kind: ColumnKind, operator: ComparisonSign, value: PredicateValue): RenderedPredicate {
  const name = quoteColumn(column);
  const bounds = boundsOf(kind, value);
  const isNotNull = text(`${name} IS NOT NULL`);
  const isExact = bounds.atMost !== undefined && bounds.atMost === bounds.atLeast;
  const compare = (sql: string, literal: string | undefined, otherwise: RenderedPredicate): RenderedPredicate =>
    literal === undefined ? otherwise : text(`${name} ${sql} ${literal}`);
  // Both zeros are one value (EX-24), stored with two signs.
  const zeros = bounds.lowest === undefined ? undefined : `(${bounds.lowest},${bounds.highest})`;
  switch (operator) {
    case "=":
      if (zeros !== undefined) return text(`${name} IN ${zeros}`);
      return isExact ? compare("=", bounds.atMost, NEVER) : NEVER;
    case "!=":
      if (zeros !== undefined) return text(`${name} NOT IN ${zeros}`);
      return isExact ? compare("<>", bounds.atMost, isNotNull) : isNotNull;
    case "<":
      return compare(isExact ? "<" : "<=", isExact ? (bounds.lowest ?? bounds.atMost) : bounds.atMost, NEVER);
    case "<=":
      return compare("<=", bounds.highest ?? bounds.atMost, NEVER);
    case ">":
      return compare(isExact ? ">" : ">=", isExact ? (bounds.highest ?? bounds.atLeast) : bounds.atLeast, NEVER);
    case ">=":
      return compare(">=", bounds.lowest ?? bounds.atLeast, NEVER);
  }
}

function renderIn(column: string, kind: ColumnKind, values: readonly PredicateValue[]): RenderedPredicate {
  const literals = new Set<string>();
  for (const value of values) {
    const bounds = boundsOf(kind, value);
    if (bounds.atMost === undefined || bounds.atMost !== bounds.atLeast) continue;
    literals.add(bounds.lowest ?? bounds.atMost);
    if (bounds.highest !== undefined) literals.add(bounds.highest);
  }
  return literals.size === 0 ? NEVER : text(`${quoteColumn(column)} IN (${[...literals].join(",")})`);
}

/** A value's neighbours among what the column can store, as literals. Equal = the value itself is storable. */
interface Bounds {
  /** Greatest storable value ≤ the value; undefined = none. */
  readonly atMost: string | undefined;
  /** Least storable value ≥ the value; undefined = none. */
  readonly atLeast: string | undefined;
  /** Only for float zero, which is stored with two signs: the smaller and the greater of the two. */
  readonly lowest?: string;
  readonly highest?: string;
}

const exactly = (literal: string): Bounds => ({ atMost: literal, atLeast: literal });

function boundsOf(kind: ColumnKind, value: PredicateValue): Bounds {
  switch (kind) {
    case "utf8":
      assert(value.kind === "string", `a ${value.kind} compared with a text column`);
      return exactly(quoteText(value.value));
    case "bool":
      assert(value.kind === "bool", `a ${value.kind} compared with a boolean column`);
      return exactly(value.value ? "true" : "false");
    case "date":
      assert(value.kind === "date", `a ${value.kind} compared with a date column`);
      return exactly(`CAST(${value.days} AS DATE)`);
    case "datetime":
      assert(value.kind === "datetime", `a ${value.kind} compared with a date-time column`);
      return exactly(`arrow_cast(${value.ms},'Date64')`);
    case "i32":
    case "u32":
    case "i64":
    case "u64":
      return integerBounds(INTEGER_RANGES[kind], value);
    case "f32":
    case "f64":
      return floatBounds(kind, value);
    case "list":
    case "vector":
    case "blob":
      throw new TypeError(`a ${kind} column cannot be compared`);
  }
}

interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

const INTEGER_RANGES: Readonly<Record<"i32" | "u32" | "i64" | "u64", IntegerRange>> = {
  i32: { min: -(2n ** 31n), max: 2n ** 31n - 1n },
  u32: { min: 0n, max: 2n ** 32n - 1n },
  i64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  u64: { min: 0n, max: 2n ** 64n - 1n },
};

function integerBounds(range: IntegerRange, value: PredicateValue): Bounds {
  assert(value.kind === "integer" || value.kind === "float", `a ${value.kind} compared with a number column`);
  if (value.kind === "float" && !Number.isFinite(value.value)) {
    // NaN is greater than every number (EX-24).
    return value.value === Number.NEGATIVE_INFINITY ? above(range) : below(range);
  }
  const floor = value.kind === "integer" ? value.value : BigInt(Math.floor(value.value));
  const ceiling = value.kind === "integer" ? value.value : BigInt(Math.ceil(value.value));
  if (floor > range.max) return below(range);
  if (ceiling < range.min) return above(range);
  return {
    atMost: floor < range.min ? undefined : integerLiteral(floor),
    atLeast: ceiling > range.max ? undefined : integerLiteral(ceiling),
  };
}

/** Every storable value is below the value. */
const below = (range: IntegerRange): Bounds => ({ atMost: integerLiteral(range.max), atLeast: undefined });
const above = (range: IntegerRange): Bounds => ({ atMost: undefined, atLeast: integerLiteral(range.min) });

function integerLiteral(value: bigint): string {
  return value === INTEGER_RANGES.i64.min ? `CAST('${value}' AS BIGINT)` : value.toString();
}

function floatBounds(kind: "f32" | "f64", value: PredicateValue): Bounds {
  assert(value.kind === "integer" || value.kind === "float", `a ${value.kind} compared with a number column`);
  const literal = (number: number): string => floatLiteral(kind, number);
  // A value compared with an F32 column is rounded to F32 first (EX-24).
  const nearest = kind === "f32" ? roundToFloat32(value.value) : Number(value.value);
  if (nearest === 0) return { ...exactly(literal(0)), lowest: literal(-0), highest: literal(0) };
  if (kind === "f32" || value.kind === "float") return exactly(literal(nearest));
  return integerBoundsAmongDoubles(value.value, nearest);
}

/** A 64-bit integer may lie between two doubles. */
function integerBoundsAmongDoubles(value: bigint, nearest: number): Bounds {
  const exact = BigInt(nearest);
  const literal = (number: number): string => floatLiteral("f64", number);
  if (exact === value) return exactly(literal(nearest));
  return exact < value
    ? { atMost: literal(nearest), atLeast: literal(nextUp(nearest)) }
    : { atMost: literal(nextDown(nearest)), atLeast: literal(nearest) };
}

function floatLiteral(kind: "f32" | "f64", value: number): string {
  const type = kind === "f32" ? "FLOAT" : "DOUBLE";
  if (Number.isNaN(value)) return `CAST('NaN' AS ${type})`;
  if (!Number.isFinite(value)) return `CAST('${value > 0 ? "" : "-"}Infinity' AS ${type})`;
  if (Object.is(value, -0)) return "-0.0";
  const digits = value.toString();
  return /[.e]/.test(digits) ? digits : `${digits}.0`;
}
