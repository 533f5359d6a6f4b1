import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import type { ComparisonSign, PropertyType, ScalarName } from "@omnigraphdb/compiler";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RowBatch } from "../../src/columnar/column.js";
import type { Cell } from "../../src/columnar/read-cell.js";
import type { DatasetColumn } from "../../src/storage/dataset-schema.js";
import type { GraphStorage, PinnedDataset } from "../../src/storage/dataset-gateway.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import type { Predicate, PredicateValue } from "../../src/storage/predicate.js";
import { batchSource, columnOf, valuesOf } from "../../test-support/row-batches.js";

type Scalar = Exclude<ScalarName, "Blob">;

const typeOf = (kind: Scalar): PropertyType => ({ base: { kind }, isList: false, isNullable: true });

const TEXTS = ["", "a", "A", "it's", "''", "back\\slash", "\\'", "line\nbreak", "tab\t", "nul\0byte", "😀", "\uffff", "é", "e\u0301", "%", "_", "`tick`", '"quoted"', "a'; DROP", "--", "\ufeffbom"];
const I64_EDGES = [-(2n ** 63n), -(2n ** 63n) + 1n, -(2n ** 53n) - 1n, -(2n ** 31n), -1n, 0n, 1n, 2n ** 31n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n];
const U64_EDGES = [0n, 1n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n];
const F64_EDGES = [0, -0, 0.1, -1.5, 5e-324, 2 ** 53, 1e300, Number.MAX_VALUE, -Number.MAX_VALUE, Infinity, -Infinity, NaN, 9223372036854775807];
const F32_EDGES = F64_EDGES.map(Math.fround);
const DAYS = [-719162, -1, 0, 1, 19000, 2932896];
const MILLISECONDS = [-62135596800000n, -1n, 0n, 1n, 1700000000123n, 253402300799999n];

const STORED: Readonly<Record<Scalar, readonly Cell[]>> = {
  String: TEXTS,
  Bool: [true, false],
  I32: [-2147483648, -1, 0, 1, 2147483647],
  U32: [0, 1, 4294967295],
  I64: I64_EDGES,
  U64: U64_EDGES,
  F32: F32_EDGES,
  F64: F64_EDGES,
  Date: DAYS,
  DateTime: MILLISECONDS,
};
const SCALARS = Object.keys(STORED) as Scalar[];
const OPERATORS: readonly ComparisonSign[] = ["=", "!=", "<", "<=", ">", ">="];

const numberValue: fc.Arbitrary<PredicateValue> = fc.oneof(
  fc.constantFrom(...I64_EDGES, ...U64_EDGES, 2n ** 70n, -(2n ** 70n)).map((value): PredicateValue => ({ kind: "integer", value })),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 65n }).map((value): PredicateValue => ({ kind: "integer", value })),
  fc.constantFrom(...F64_EDGES, 0.5, -0.5, 2147483647.5, 4294967295.5, 1.8446744073709552e19).map((value): PredicateValue => ({ kind: "float", value })),
  fc.double().map((value): PredicateValue => ({ kind: "float", value })),
);

function valueFor(kind: Scalar): fc.Arbitrary<PredicateValue> {
  switch (kind) {
    case "String":
      return fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: "grapheme" })).map((value): PredicateValue => ({ kind: "string", value }));
    case "Bool":
      return fc.boolean().map((value): PredicateValue => ({ kind: "bool", value }));
    case "Date":
      return fc.oneof(fc.constantFrom(...DAYS), fc.integer({ min: -719162, max: 2932896 })).map((days): PredicateValue => ({ kind: "date", days }));
    case "DateTime":
      return fc
        .oneof(fc.constantFrom(...MILLISECONDS).map(Number), fc.integer({ min: -62135596800000, max: 253402300799999 }))
        .map((ms): PredicateValue => ({ kind: "datetime", ms }));
    default:
      return numberValue;
  }
}

const comparison: fc.Arbitrary<Predicate> = fc.constantFrom(...SCALARS).chain((kind) =>
  fc.oneof(
    fc.record({ kind: fc.constant("compare" as const), column: fc.constant(`p${kind}`), operator: fc.constantFrom(...OPERATORS), value: valueFor(kind) }),
    fc.record({ kind: fc.constant("in" as const), column: fc.constant(`p${kind}`), values: fc.array(valueFor(kind), { maxLength: 5 }) }),
    fc.record({ kind: fc.constant("notNull" as const), column: fc.constant(`p${kind}`) }),
  ),
);
const predicates: fc.Arbitrary<Predicate> = fc.oneof(
  { weight: 4, arbitrary: comparison },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("and" as const), predicates: fc.array(comparison, { maxLength: 3 }) }) },
);

/** EX-22 … EX-24, the obvious way. */
function matches(predicate: Predicate, row: ReadonlyMap<string, Cell>): boolean {
  if (predicate.kind === "and") return predicate.predicates.every((part) => matches(part, row));
  const cell = row.get(predicate.column) ?? null;
  if (cell === null) return false;
  if (predicate.kind === "notNull") return true;
  const kind = predicate.column.slice(1) as Scalar;
  if (predicate.kind === "in") return predicate.values.some((value) => order(kind, cell, value) === 0);
  const ordering = order(kind, cell, predicate.value);
  const byOperator = { "=": ordering === 0, "!=": ordering !== 0, "<": ordering < 0, "<=": ordering <= 0, ">": ordering > 0, ">=": ordering >= 0 };
  return byOperator[predicate.operator];
}

function order(kind: Scalar, cell: Cell, value: PredicateValue): number {
  switch (value.kind) {
    case "string":
      return Buffer.from(cell as string).compare(new TextEncoder().encode(value.value));
    case "bool":
      return Number(cell) - Number(value.value);
    case "date":
      return (cell as number) - value.days;
    case "datetime":
      return Number(cell) - value.ms;
    case "integer":
    case "float":
      return orderNumbers(cell as number | bigint, kind === "F32" ? Math.fround(Number(value.value)) : value.value);
  }
}

/** By mathematical value; NaN equals itself and is greater than every number. JavaScript compares bigint and number exactly. */
function orderNumbers(left: number | bigint, right: number | bigint): number {
  const isLeftNaN = Number.isNaN(left);
  const isRightNaN = Number.isNaN(right);
  if (isLeftNaN || isRightNaN) return Number(isLeftNaN) - Number(isRightNaN);
  return left < right ? -1 : left > right ? 1 : 0;
}

describe("filters rendered for the substrate", () => {
  const rowCount = Math.max(...SCALARS.map((kind) => STORED[kind].length)) + 1;
  const rows = Array.from({ length: rowCount }, (_, row) => new Map(SCALARS.map((kind) => [`p${kind}`, STORED[kind][row] ?? null])));
  let dir: TempDir;
  let storage: GraphStorage;
  let pinned: PinnedDataset;

  beforeAll(async () => {
    dir = await makeTempDir();
    storage = openGraphStorage(dir.path);
    const location = { directory: "nodes/values", nativeBranch: null };
    const properties = SCALARS.map((kind): DatasetColumn => ({ name: `p${kind}`, role: "property", type: typeOf(kind), isNullable: true }));
    const version = await storage.administration.createEmpty(location, {
      columns: [{ name: "id", role: "id", isNullable: false }, ...properties, { name: "__rev", role: "revision", isNullable: false }],
      indexedColumns: ["id"],
    });
    const batch: RowBatch = {
      rowCount,
      columns: new Map([
        ["id", columnOf(typeOf("String"), rows.map((_, row) => `row${row}`))],
        ...SCALARS.map((kind) => [`p${kind}`, columnOf(typeOf(kind), rows.map((row) => row.get(`p${kind}`) ?? null))] as const),
      ]),
    };
    pinned = await storage.datasets.openPinned(location, await storage.datasets.applyEffect(location, { kind: "append", source: batchSource(batch) }, version));
  });

  afterAll(async () => {
    storage.close();
    await dir[Symbol.asyncDispose]();
  });

  async function selected(filter: Predicate): Promise<readonly Cell[]> {
    const ids: Cell[] = [];
    for await (const batch of pinned.scan({ columns: ["id"], filter })) ids.push(...valuesOf(batch, "id"));
    return ids;
  }

  const expected = (filter: Predicate): readonly Cell[] => rows.flatMap((row, index) => (matches(filter, row) ? [`row${index}`] : []));

  test("EX-22 EX-23 EX-24 every stored edge value, compared with every other of its type", async () => {
    for (const kind of ["I32", "U32", "I64", "U64", "F32", "F64"] as const) {
      for (const value of new Set([...I64_EDGES, ...U64_EDGES, ...F64_EDGES])) {
        const predicateValue: PredicateValue = typeof value === "bigint" ? { kind: "integer", value } : { kind: "float", value };
        for (const operator of OPERATORS) {
          const filter: Predicate = { kind: "compare", column: `p${kind}`, operator, value: predicateValue };
          expect(await selected(filter), `p${kind} ${operator} ${value}`).toEqual(expected(filter));
        }
      }
    }
  });

  test("EX-22 EX-23 EX-24 generated filters select what the definition selects, and count it", async () => {
    await fc.assert(
      fc.asyncProperty(predicates, async (filter) => {
        const ids = expected(filter);
        expect(await selected(filter)).toEqual(ids);
        expect(await pinned.countRows(filter)).toBe(ids.length);
      }),
      { numRuns: 1500 },
    );
  }, 120_000);

  test("a filter that can match nothing costs no native call and returns nothing", async () => {
    const impossible: Predicate = { kind: "compare", column: "pI32", operator: "=", value: { kind: "float", value: 2.7 } };
    expect(await selected(impossible)).toEqual([]);
    expect(await selected({ kind: "in", column: "pI32", values: [] })).toEqual([]);
    expect(await pinned.countRows(impossible)).toBe(0);
  });

  test("10,000 values in one filter", async () => {
    const values = Array.from({ length: 10_000 }, (_, index): PredicateValue => ({ kind: "string", value: `x'${index}` }));
    expect(await selected({ kind: "in", column: "pString", values: [...values, { kind: "string", value: "it's" }] })).toEqual(["row3"]);
  });
});
