import { describe, expect, it } from "vitest";
import { type Catalog, CompileError, compileQuery, createAcceptedSchema, findRefusal, listQueries, lintQueries } from "../../src/index.js";
import { checkRows, fixtureRecords, fixtureSchema, mutationExamples, readExamples } from "../../test-support/spec-examples.js";

const catalog: Catalog = createAcceptedSchema(fixtureSchema(), { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }).catalog;

/** What the compiler makes of a source, in the words of the specification's tables. */
function outcomeOf(source: string): string {
  try {
    for (const { name } of listQueries(source)) compileQuery(source, catalog, name);
    return "ok";
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    if (error.message.startsWith("parse error: ")) return "syntax";
    return /^type error: (T\d+): /.exec(error.message)?.[1] ?? (error.message.startsWith("type error: ") ? "error" : error.message);
  }
}

describe("tables of §2 … §5", () => {
  const rows = checkRows();

  it("are complete", () => {
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 232 }, (_, index) => index + 1));
  });

  it.each(rows.map((row) => [`${row.id} ${row.snippet}`, row] as const))("row %s", (_, row) => {
    const outcome = outcomeOf(row.source);
    // Row 22 is a file whose only fault is a type error without a code.
    expect(outcome).toBe(row.outcome);
  });

  it.each(rows.filter(({ outcome }) => outcome !== "ok").map((row) => [`${row.id} ${row.snippet}`, row] as const))("row %s has a place", (_, row) => {
    const error = catchCompileError(row.source);
    for (const diagnostic of error.diagnostics) {
      expect(diagnostic.span).toBeDefined();
      const { start, end } = diagnostic.span ?? { start: -1, end: -1 };
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(row.source.length);
      expect(start).toBeLessThanOrEqual(end);
    }
  });

  it("lint agrees with the single check", () => {
    for (const { source, outcome } of rows) expect(lintQueries(source, catalog).status).toBe(outcome === "ok" ? "ok" : "error");
  });
});

function catchCompileError(source: string): CompileError {
  try {
    for (const { name } of listQueries(source)) compileQuery(source, catalog, name);
  } catch (error) {
    if (error instanceof CompileError) return error;
  }
  throw new Error("expected a compile error");
}

describe("examples of §7 … §9", () => {
  const examples = readExamples();

  it("are complete", () => {
    const count = (letter: string): number => examples.filter(({ id }) => id.startsWith(letter)).length;
    expect({ e: count("e"), o: count("o"), s: count("s"), n: count("n"), b: count("b"), r: count("r"), c: count("c") }).toEqual({
      e: 37, o: 6, s: 6, n: 3, b: 1, r: 2, c: 5,
    });
  });

  it.each(examples.map((example) => [example.id, example] as const))("%s compiles, and is refused iff it says so", (_, { source, expected }) => {
    const compiled = compileQuery(source, catalog);
    expect(findRefusal(compiled.plan) !== undefined).toBe(expected.kind === "error");
  });
});

describe("examples of §11.6", () => {
  const examples = mutationExamples();

  it("are complete", () => {
    expect(examples.map(({ id }) => id)).toEqual(Array.from({ length: 21 }, (_, index) => `m${index + 1}`));
  });

  it.each(examples.map((example) => [example.id, example] as const))("%s compiles", (_, { source }) => {
    expect(compileQuery(source, catalog).kind).toBe("mutation");
  });
});

describe("fixture of §18", () => {
  it("has the rows of its tables", () => {
    const records = fixtureRecords();
    expect(records.length).toBe(4 + 4 + 5 + 5 + 4);
    expect(records.slice(4, 6)).toEqual([
      {
        type: "Book",
        data: {
          isbn: "b1", title: "Deep Water", blurb: "a quiet voyage", pages: 310, copies: 3, price: 12.5, genre: "novel", tags: ["sea", "classic"],
          released: "2001-03-04T00:00:00Z", vec: [1, 0, 0],
        },
      },
      { type: "Book", data: { isbn: "b2", title: "Night Garden", pages: 120, copies: 1, genre: "poetry", tags: ["night"], released: "2010-07-01T12:30:00Z", vec: [0, 1, 0] } },
    ]);
    expect(records.at(-1)).toEqual({ edge: "Follows", from: "dee", to: "ada", data: { id: "f4" } });
  });
});
