import { describe, expect, it } from "vitest";
import { type Catalog, compileQuery, createAcceptedSchema, printPlan } from "../../src/index.js";
import { fixtureSchema, HEADER } from "../../test-support/spec-examples.js";

const catalog: Catalog = createAcceptedSchema(fixtureSchema(), { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }).catalog;

/** The steps of a match, without the rest of the plan. */
function steps(match: string): string {
  const plan = printPlan(compileQuery(`query q(${HEADER}) { match { ${match} } return { 1 } }`, catalog).plan);
  return plan.split("\n").slice(1, -2).map((line) => line.slice(2)).join("\n");
}

describe("§14 planning", () => {
  it("PL-1 scans roots in declaration order, then expands, filters, anti-joins", () => {
    expect(steps("$b: Book not { $b cites $_ } $a: Author $a.rating > $b.price $b cites $c")).toBe(
      [
        "scan $b: Book",
        "scan $a: Author",
        "expand $b -[Cites]-> $c: Book",
        "filter $a.rating > $b.price",
        "anti-join",
        "  expand $b -[Cites]-> $_#1: Book",
      ].join("\n"),
    );
  });

  it("PL-2 PL-3 moves conditions on one variable to the step that introduces it, and drops none", () => {
    expect(steps('$b: Book { genre: "essay" } $b wrote $a $b.pages > 1 $a.name = $s $a.name = $b.title $s = "x" $b.price < $b.pages $b: Book { copies: 0 }')).toBe(
      [
        'scan $b: Book where $b.genre = "essay" and $b.pages > 1 and $b.price < $b.pages and $b.copies = 0',
        "expand $b <-[Wrote]- $a: Author where $a.name = :s",
        "filter $a.name = $b.title",
        'filter :s = "x"',
      ].join("\n"),
    );
  });

  it("PL-2 keeps text predicates and edge conditions out of scans", () => {
    expect(steps('$a: Author $a $w:wrote $b $w.role = "x" search($b.title, $s)')).toBe(
      ["scan $a: Author", "expand $a -[$w: Wrote]-> $b: Book", 'filter $w.role = "x"', "text search($b.title, :s)"].join("\n"),
    );
  });

  it("EX-21 EX-26 resolves `contains` by its left operand", () => {
    expect(steps('$b: Book { tags: "x" } $b.title contains "x" $b.tags contains "x" $b.title starts_with "x"')).toBe(
      'scan $b: Book where $b.tags member "x" and $b.title substring "x" and $b.tags member "x" and $b.title prefix "x"',
    );
  });

  it("SR-8 a text predicate compared with a boolean literal is the predicate or its negation", () => {
    expect(steps('$b: Book search($b.title, "x") = true search($b.title, "y") = false')).toBe(
      ["scan $b: Book", 'text search($b.title, "x")', 'text not search($b.title, "y")'].join("\n"),
    );
  });
});

describe("§7.4 anchoring", () => {
  it("EX-32 the first binding of a component is its root, even when textually last", () => {
    expect(steps("$x wrote $y $y cites $z $z: Book $y: Book { pages: 1 }")).toBe(
      ["scan $z: Book", "expand $z <-[Cites]- $y: Book where $y.pages = 1", "expand $y <-[Wrote]- $x: Author"].join("\n"),
    );
  });

  it("EX-32 a component without a binding starts at the written source of its first traversal", () => {
    expect(steps("$a follows $b $u wrote $v $u follows $t")).toBe(
      ["scan $a: Author", "scan $u: Author", "expand $a -[Follows]-> $b: Author", "expand $u -[Wrote]-> $v: Book", "expand $u -[Follows]-> $t: Author"].join("\n"),
    );
  });

  it("EX-32 an anonymous source can be a root; `$_` does not connect", () => {
    expect(steps("$_ cites $_ $b: Book $b cites $_ $c: Book $c cites $_")).toBe(
      [
        "scan $_#1: Book", "scan $b: Book", "scan $c: Book",
        "expand $_#1 -[Cites]-> $_#2: Book", "expand $b -[Cites]-> $_#3: Book", "expand $c -[Cites]-> $_#4: Book",
      ].join("\n"),
    );
  });

  it("EX-33 applies a traversal in the first pass that finds one end bound, from the written source if it can", () => {
    expect(steps("$c: Book $a follows $b $a wrote{1,2} $c $b wrote $d")).toBe(
      ["scan $c: Book", "expand $c <-[Wrote{1,2}]- $a: Author", "expand $a -[Follows]-> $b: Author", "expand $b -[Wrote]-> $d: Book"].join("\n"),
    );
    expect(steps("$c: Book $a follows $b $a wrote $c $a follows $b")).toBe(
      ["scan $c: Book", "expand $c <-[Wrote]- $a: Author", "expand $a -[Follows]-> $b: Author", "close $a -[Follows]-> $b"].join("\n"),
    );
  });

  it("EX-38 a traversal with both ends bound closes; several may meet in one variable", () => {
    expect(steps("$b: Book $b cites $c $a wrote $b $a wrote $c $b cites $b $b $k:<cites> $c")).toBe(
      [
        "scan $b: Book", "expand $b -[Cites]-> $c: Book", "expand $b <-[Wrote]- $a: Author", "close $a -[Wrote]-> $c", "close $b -[Cites]-> $b",
        "close $b -[$k: Cites]- $c",
      ].join("\n"),
    );
  });

  it("CK-13 CK-14 the direction follows what is bound", () => {
    expect(steps("$b: Book $b wrote $a")).toBe("scan $b: Book\nexpand $b <-[Wrote]- $a: Author");
    expect(steps("$b: Book $a wrote $b")).toBe("scan $b: Book\nexpand $b <-[Wrote]- $a: Author");
    expect(steps("$a: Author $a wrote $b $b: Book")).toBe("scan $a: Author\nexpand $a -[Wrote]-> $b: Book");
    expect(steps("$b: Book $x cites $b")).toBe("scan $b: Book\nexpand $b <-[Cites]- $x: Book");
    expect(steps("$b: Book $x <cites> $b")).toBe("scan $b: Book\nexpand $b -[Cites]- $x: Book");
  });
});

describe("§7.5 negation", () => {
  it("EX-41 EX-42 the block starts from the variables of the row", () => {
    expect(steps("$a: Author $b: Book not { $b wrote $a $a: Author { rating: 4.5 } $c: Book { pages: 1 } }")).toBe(
      ["scan $a: Author", "scan $b: Book", "anti-join", "  scan $c: Book where $c.pages = 1", "  close $b <-[Wrote]- $a", "  filter $a.rating = 4.5"].join("\n"),
    );
  });

  it("EX-40 a block that only repeats a binding always has a match", () => {
    expect(steps("$a: Author not { $a: Author }")).toBe("scan $a: Author\nanti-join\n  always");
  });

  it("EX-3 a block sees a variable that its enclosing block binds later", () => {
    expect(steps("$a: Author not { $a wrote $z } $a wrote $z")).toBe(
      ["scan $a: Author", "expand $a -[Wrote]-> $z: Book", "anti-join", "  close $a -[Wrote]-> $z"].join("\n"),
    );
  });

  it("CK-1 blocks beside each other have variables of their own", () => {
    expect(steps("$a: Author not { $a wrote $z } not { $a follows $z } not { $a $w:wrote $_ $w.role = \"x\" } $a $w:wrote $_")).toBe(
      [
        "scan $a: Author", "expand $a -[$w: Wrote]-> $_#2: Book",
        "anti-join", "  expand $a -[Wrote]-> $z: Book",
        "anti-join", "  expand $a -[Follows]-> $z#2: Author",
        "anti-join", "  expand $a -[$w#2: Wrote]-> $_#1: Book", '  filter $w#2.role = "x"',
      ].join("\n"),
    );
  });

  it("TY-8 a later binding must agree with what a block called by that name", () => {
    expect(() => steps("$a: Author not { $a wrote $z } $z: Author")).toThrow(/^type error: variable '\$z' has type Book in a 'not' block/);
  });
});

describe("§12.1 column names", () => {
  const columns = (projections: string): string[] => {
    const { plan } = compileQuery(`query q(${HEADER}) { match { $b: Book } return { ${projections} } }`, catalog);
    return plan.kind === "Query" ? plan.projections.map(({ column }) => column) : [];
  };

  it("RS-1 RS-3 follow the expression, and may repeat", () => {
    expect(columns('$b.isbn, $b, $s, 1, "x", now(), $b.title as t, $b.isbn')).toEqual(["b.isbn", "b", "s", "literal", "literal", "now", "t", "b.isbn"]);
    expect(columns("count($b), sum($b.pages), count(1), count(now()), min($s)")).toEqual(["b", "b.pages", "literal", "now", "s"]);
    expect(columns("nearest($b.vec, $v), bm25($b.title, $s), rrf(nearest($b.vec, $v), bm25($b.title, $s)), search($b.title, $s), fuzzy($b.title, $s), match_text($b.title, $s)")).toEqual([
      "nearest", "bm25", "rrf", "search", "fuzzy", "match_text",
    ]);
  });

  it("RS-2 descriptors use shorter names on purpose", () => {
    const { descriptor } = compileQuery(`query q(${HEADER}) { match { $b: Book } return { $b.isbn, count($b), sum($b.pages), $b.title as t } }`, catalog);
    expect(descriptor.result.map(({ name }) => name)).toEqual(["isbn", "count", "sum", "t"]);
  });
});
