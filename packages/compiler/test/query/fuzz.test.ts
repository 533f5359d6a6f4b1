import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Catalog, CompileError, compileQuery, createAcceptedSchema, findRefusal, lintQueries, listQueries, printPlan } from "../../src/index.js";
import { parseQueryFile } from "../../src/query/parse-query.js";
import { printQueryFile } from "../../src/query/print-query.js";
import { checkRows, fixtureSchema, mutationExamples, readExamples } from "../../test-support/spec-examples.js";

const catalog: Catalog = createAcceptedSchema(fixtureSchema(), { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }).catalog;

/** Prints on failure; set OMNIGRAPH_FUZZ_SEED to run another one. */
const SEED = Number(process.env["OMNIGRAPH_FUZZ_SEED"] ?? 20_240_229);
const MUTATED_SOURCES = 50_000;
const SEEDS_LENGTH_MAX = 400;

const kitchenSink = readFileSync(new URL("./kitchen-sink.gq", import.meta.url), "utf8");
const accepted = checkRows().filter(({ outcome }) => outcome === "ok");
// Accepted rows count twice: a single edit of one often is accepted again, or fails late.
const sources = [...checkRows(), ...accepted, ...readExamples(), ...mutationExamples()].map(({ source }) => source).filter(({ length }) => length <= SEEDS_LENGTH_MAX);

/** Words and signs of the language, to be put in at random. */
const FRAGMENTS = [
  ...new Set(kitchenSink.match(/\$?[A-Za-z_]+|[0-9.]+|"[^"]*"|[^\sA-Za-z_0-9]/g) ?? []),
  "null", "and", "-1", "1e3", "99999999999999999999", "'x'", "/*", "*/", "//", "\\", '"', "$", "\u0000", "\ud800", "not {", "[[", "{{", "$_", "$_#1", "__proto__", "constructor", "Vector(0)",
];

/** Mulberry32: small, fast, and the same everywhere. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / (2 ** 32 / below));
  };
}

/** Token-wise edits keep most sources near the grammar, where the checker is reached; character edits do not. */
function mutate(source: string, random: (below: number) => number): string {
  const parts = source.match(/\$?[A-Za-z_0-9]+|"[^"]*"|\s+|[^\sA-Za-z_0-9]/g) ?? [];
  const pick = <T>(items: readonly T[]): T => items[random(items.length)] as T;
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const at = random(parts.length + 1);
    switch (random(6)) {
      case 0:
        parts.splice(at, 1);
        break;
      case 1:
        parts.splice(at, 0, ` ${pick(FRAGMENTS)} `);
        break;
      case 2:
        parts.splice(at, 1, pick(FRAGMENTS));
        break;
      case 3:
        parts.splice(at, 0, ...parts.slice(random(parts.length + 1)).slice(0, 8));
        break;
      case 4:
        parts.splice(at, 1, pick(parts.length === 0 ? FRAGMENTS : parts));
        break;
      default:
        parts.splice(at, 1, String.fromCharCode(random(0x250)));
    }
  }
  return parts.join("");
}

/** Compiles everything in a source and uses all results; the only failure allowed is a compile error. */
function exercise(source: string): "accepted" | "refused" {
  const report = lintQueries(source, catalog);
  try {
    for (const { name } of listQueries(source)) {
      const { plan } = compileQuery(source, catalog, name);
      printPlan(plan);
      findRefusal(plan);
    }
    expect(report.findings.some(({ code }) => code === "Q000")).toBe(false);
    return "accepted";
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    expect(error.message).toMatch(/^(parse error: line \d+, column \d+: |type error: )/);
    expect(report.status).toBe("error");
    return "refused";
  }
}

describe("fuzz", () => {
  it(`${MUTATED_SOURCES} mutated sources give results or diagnostics (seed ${SEED})`, () => {
    const random = makeRandom(SEED);
    const counts = { accepted: 0, refused: 0 };
    for (let run = 0; run < MUTATED_SOURCES; run++) {
      const source = mutate(sources[random(sources.length)] ?? "", random);
      try {
        counts[exercise(source)] += 1;
      } catch (error) {
        throw new Error(`seed ${SEED}, run ${run}: ${JSON.stringify(source)}`, { cause: error });
      }
    }
    // Both outcomes must be common, or the mutations miss half of the compiler.
    expect(counts.accepted).toBeGreaterThan(MUTATED_SOURCES / 50);
    expect(counts.refused).toBeGreaterThan(MUTATED_SOURCES / 2);
  }, 60_000);

  it("any text is parsed or refused", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        exercise(text);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  it("what parses prints, and parses again", () => {
    const random = makeRandom(SEED + 1);
    for (let run = 0; run < 5_000; run++) {
      const parsed = parseQueryFile(mutate(sources[random(sources.length)] ?? "", random));
      if ("diagnostic" in parsed) continue;
      const printed = printQueryFile(parsed.file);
      const again = parseQueryFile(printed);
      expect("file" in again && printQueryFile(again.file)).toBe(printed);
    }
  });
});

function chain(length: number): string[] {
  return Array.from({ length }, (_, i) => `$v${i} cites $v${i + 1}`);
}

describe("hostile sources end quickly", () => {
  // Far above what is needed (a tenth on an idle machine), far below what anything quadratic takes.
  const MS_MAX = 10_000;
  const million = 1_000_000;
  it.each([
    ["an open string full of escapes", `"${'\\"'.repeat(million / 2)}`],
    ["a long string", `query q() @description("${"x".repeat(million)}") { match { $b: Book } return { 1 } }`],
    ["a long string of escapes", `query q() @description("${"\\n".repeat(million / 2 - 100)}") { match { $b: Book } return { 1 } }`],
    ["an open comment of stars", `/*${"*".repeat(million)}`],
    ["a long comment of stars", `/*${"*".repeat(million)}/`],
    ["many comments", "/**/".repeat(million / 4)],
    ["slashes", "/".repeat(million)],
    ["digits", `query q() { match { $b: Book } return { ${"9".repeat(million)} } }`],
    ["digits of a dimension", `query q($a: Vector(${"9".repeat(million)})) { match { $b: Book } return { 1 } }`],
    ["digits of a float", `query q() { match { $b: Book } return { ${"9".repeat(million)}.0 } }`],
    ["a long name", `query q() { match { $b: ${"B".repeat(million)} } return { 1 } }`],
    ["open brackets", "[".repeat(million)],
    ["open blocks", `query q() { match { ${"not { ".repeat(100_000)}`],
    ["nested lists", `query q() { match { $b: Book } return { ${"[".repeat(60_000)}${"]".repeat(60_000)} } }`],
    ["nested aggregates", `query q() { match { $b: Book } return { ${"count(".repeat(50_000)}$b${")".repeat(50_000)} } }`],
    ["many clauses", `query q() { match { $b: Book ${"$b.pages = 1 ".repeat(10_000)} } return { 1 } }`],
    ["many variables", `query q() { match { ${Array.from({ length: 5_000 }, (_, i) => `$v${i}: Book`).join(" ")} } return { 1 } }`],
    ["a chain against the order of application", `query q() { match { $v0: Book ${chain(10_000).reverse().join(" ")} } return { 1 } }`],
    ["a chain along the order of application", `query q() { match { $v0: Book ${chain(10_000).join(" ")} } return { 1 } }`],
    ["a star", `query q() { match { $v: Book ${"$v cites $_ ".repeat(15_000)} } return { 1 } }`],
    ["many components", `query q() { match { ${"$_ cites $_ ".repeat(15_000)} } return { 1 } }`],
    ["many blocks beside many variables", `query q() { match { $b: Book ${chain(10_000).join(" ")} ${"not { $b cites $x } ".repeat(8_000)} } return { 1 } }`],
    ["many blocks", `query q() { match { $b: Book ${"not { $b cites $x } ".repeat(10_000)} } return { 1 } }`],
    ["many unknown properties", `query q() { match { $b: Book { ${"titel: 1, ".repeat(20_000)} } } return { 1 } }`],
    ["many queries", "query q() { match { $b: Book } return { 1 } } ".repeat(5_000)],
    ["more than the longest source", " ".repeat(2 * million)],
  ])("%s", (_, source) => {
    const start = performance.now();
    let failure: unknown;
    try {
      compileQuery(source, catalog, "q");
    } catch (error) {
      failure = error;
    }
    const elapsedMs = performance.now() - start;
    if (failure !== undefined && (!(failure instanceof Error) || !["CompileError", "QuerySelectionError"].includes(failure.name))) throw failure;
    expect(elapsedMs).toBeLessThan(MS_MAX);
  });
});
