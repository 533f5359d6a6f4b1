import { describe, expect, it } from "vitest";
import { type Catalog, CompileError, compileQuery, createAcceptedSchema, describeParameters, lintQueries, listQueries, QUERY_RULES, QUERY_SYNTAX_RULES, QuerySelectionError, UNNUMBERED_QUERY_RULES } from "../../src/index.js";
import { checkRows, fixtureSchema, HEADER } from "../../test-support/spec-examples.js";

const catalog: Catalog = createAcceptedSchema(fixtureSchema(), { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }).catalog;

function refusal(source: string, name?: string): CompileError | QuerySelectionError {
  try {
    compileQuery(source, catalog, name);
  } catch (error) {
    if (error instanceof CompileError || error instanceof QuerySelectionError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

const READ = "query read() { match { $b: Book } return { $b.isbn } }";
const WRITE = "query write() { delete Book where isbn = \"x\" }";
const BAD = "query bad() { match { $b: Nope } return { $b.isbn } }";

describe("selection", () => {
  it("§13 takes the only query, or the one named; the others must parse but are not checked", () => {
    expect(compileQuery(READ, catalog).name).toBe("read");
    expect(compileQuery(`${BAD} ${READ}`, catalog, "read").kind).toBe("read");
    expect(compileQuery(`${READ} ${WRITE}`, catalog, "write").kind).toBe("mutation");
    expect(refusal(`${READ} query`, "read").message).toMatch(/^parse error: /);
  });

  it("GR-12 of two queries of one name the first is meant; a file may be empty", () => {
    const twice = `${READ} query read() { match { $a: Author } return { $a.name } }`;
    expect(compileQuery(twice, catalog, "read").descriptor.reads).toEqual([{ kind: "node", type_name: "Book" }]);
    expect(listQueries(twice)).toEqual([{ name: "read", kind: "read" }, { name: "read", kind: "read" }]);
    expect(listQueries("// nothing")).toEqual([]);
  });

  it("§13 refuses unknown and missing names, listing what there is", () => {
    expect(refusal(`${READ} ${WRITE}`, "raed")).toMatchObject({ code: "QUERY_SELECTION", category: "invalid", names: ["read", "write"], hint: "did you mean 'read'?" });
    expect(refusal(`${READ} ${WRITE}`).message).toBe("no query was named, and the source has 'read', 'write'");
    expect(refusal("").message).toBe("no query was named, and the source has no query");
  });
});

describe("diagnostics", () => {
  it("of every refused table row read as recorded", async () => {
    const lines = checkRows()
      .filter(({ outcome }) => outcome !== "ok")
      .map(({ id, snippet, source }) => {
        const [diagnostic] = (refusal(source, listName(source)) as CompileError).diagnostics;
        const at = diagnostic?.span === undefined ? "" : source.slice(diagnostic.span.start, diagnostic.span.end);
        const hint = diagnostic?.hint === undefined ? "" : `\n    hint: ${diagnostic.hint}`;
        const related = (diagnostic?.related ?? []).map(({ span, message }) => `\n    ${message}: ${source.slice(span.start, span.end)}`).join("");
        return `${id} ${snippet}\n    ${diagnostic?.rule} at «${at}»: ${diagnostic?.message}${hint}${related}`;
      });
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../golden/query/diagnostics.txt");
  });

  function listName(source: string): string | undefined {
    try {
      return listQueries(source)[0]?.name;
    } catch {
      return undefined;
    }
  }

  /** One source per rule that no table row provokes. */
  const PROVOKED: Readonly<Record<string, string>> = {
    "TY-10": "query q($__nanograph_now: DateTime) { match { $b: Book } return { $b.isbn } }",
    "PB-11": "query q($a: I32, $a: I64) { match { $b: Book } return { $b.isbn } }",
    "LX-2": "query q() { /* open",
    "LX-7": `query q() { match { $b: Book } return { ${"9".repeat(400)}.0 } }`,
    LIMIT: " ".repeat(1_048_577),
  };

  it("every code of the catalogue is provoked", () => {
    const sources = [...checkRows().map(({ source }) => source), ...Object.values(PROVOKED)];
    const seen = new Set<string>(["Q000", "L201"]);
    for (const source of sources) {
      try {
        for (const { name } of listQueries(source)) compileQuery(source, catalog, name);
      } catch (error) {
        if (error instanceof CompileError) seen.add(error.diagnostics[0]?.rule ?? "");
      }
    }
    const known = [...Object.keys(QUERY_RULES), ...Object.keys(UNNUMBERED_QUERY_RULES), ...Object.keys(QUERY_SYNTAX_RULES)];
    expect([...seen].sort()).toEqual(known.sort());
  });

  it("refuses a query of more patterns than can be planned, wherever they stand", () => {
    const nodes = (count: number): string => Array.from({ length: count }, (_, index) => `$b${index}: Book`).join(" ");
    expect(compileQuery(`query q() { match { ${nodes(1000)} } return { $b0.isbn } }`, catalog).kind).toBe("read");
    for (const match of [nodes(1001), `$b: Book not { $b cites $x ${nodes(1000)} }`, `$b: Book ${"not { $b cites $_ } ".repeat(600)}`]) {
      expect(refusal(`query q() { match { ${match} } return { $b.isbn } }`).message).toMatch(/more than 1000 bindings, traversals and negations in one query$/);
    }
  });

  it("names a handful of the queries when none was chosen", () => {
    const source = Array.from({ length: 5_000 }, (_, index) => `query q${index}() { match { $b: Book } return { $b.isbn } }`).join(" ");
    expect(refusal(source).message).toMatch(/'q19' and 4980 more$/);
  });

  it("TY-10 PB-11 name the parameter and its first declaration", () => {
    expect(refusal(PROVOKED["TY-10"] ?? "").message).toBe("type error: parameter name '$__nanograph_now' is reserved");
    expect((refusal(PROVOKED["PB-11"] ?? "") as CompileError).diagnostics[0]?.related).toHaveLength(1);
  });

  it("TY-13 interfaces cannot be matched, traversed or mutated", () => {
    const { catalog: other } = createAcceptedSchema("interface Named { name: String }\nnode Person implements Named { slug: String @key }", { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
    expect(() => compileQuery("query q() { match { $x: Named } return { $x.name } }", other)).toThrow(/^type error: T1: 'Named' is not a node type, it is an interface/);
    expect(() => compileQuery('query q() { insert Named { name: "x" } }', other)).toThrow(/^type error: T10: 'Named' is an interface/);
    expect(compileQuery("query q() { match { $x: Person } return { $x.name } }", other).kind).toBe("read");
  });

  it("CK-40 a required vector may be left out when the source of its embedding is given", () => {
    const { catalog: other } = createAcceptedSchema('node Doc { slug: String @key body: String? vec: Vector(2) @embed("body") }', { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
    expect(compileQuery('query q() { insert Doc { slug: "a", body: "b" } }', other).kind).toBe("mutation");
    expect(() => compileQuery('query q() { insert Doc { slug: "a" } }', other)).toThrow(/^type error: T12: insert of node type 'Doc' needs 'vec'/);
  });

  it("TY-9 an anonymous end does not tie a block to the row, even beside a variable called `$_`", () => {
    expect(refusal("query q() { match { $_: Book $_.pages = 1 not { $_ cites $_ } } return { $_.isbn } }").message).toMatch(/^type error: T9: /);
    expect(compileQuery("query q() { match { $_: Book $_.pages = 1 } return { $_.isbn } }", catalog).kind).toBe("read");
  });

  it("LX-1 a lone surrogate is not Unicode text", () => {
    const error = refusal('query q() { match { $b: Book { title: "a\ud800" } } return { $b.isbn } }');
    expect(error.message).toMatch(/^parse error: line 1, column 41: the source is not well-formed Unicode/);
  });

  it("LX-9 words and numbers need space between them", () => {
    for (const source of ["query q() { match { $b: Book } return { $b.isbn } limit10 }", "query q() { match { $b: Book } return { $b.isbn asfoo } }x", "query q() { match { $b: Book $b.pages = 1a } return { 1 } }"]) {
      expect(refusal(source).message).toMatch(/^parse error: line 1, column \d+: /);
    }
    expect(compileQuery("query q() { match { $b: Book } return { $b.isbn as trueish } order { trueish } limit/**/10 }", catalog).kind).toBe("read");
  });

  it("§1.2 there are no reserved words", () => {
    const names = ["query", "match", "return", "order", "limit", "not", "as", "asc", "desc", "insert", "update", "delete", "set", "where", "contains", "starts_with", "now", "date", "datetime", "nearest", "search", "fuzzy", "match_text", "bm25", "rrf", "count", "sum", "avg", "min", "max", "true", "false"];
    const schema = `node Thing { slug: String @key ${names.filter((name) => !["true", "false"].includes(name)).map((name) => `${name}: String?`).join(" ")} }\nedge Order: Thing -> Thing\nedge Contains: Thing -> Thing`;
    const { catalog: other } = createAcceptedSchema(schema, { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
    for (const name of names) {
      if (name === "true" || name === "false") {
        expect(compileQuery(`query ${name}($${name}: String) { match { $x: Thing } return { $${name} as ${name} } }`, other).name).toBe(name);
        continue;
      }
      const source = `query ${name}($${name}: String) { match { $x: Thing { ${name}: $${name} } $x.${name} = "y" } return { $x.${name} as ${name} } order { ${name} } }`;
      expect(compileQuery(source, other).name).toBe(name);
      expect(compileQuery(`query q() { update Thing set { ${name}: "x" } where ${name} = "y" }`, other).kind).toBe("mutation");
    }
    expect(compileQuery("query q() { match { $x: Thing $x order $y $x contains $y $x contains{1,2} $z } return { $y.order } order { order desc, asc, desc asc } }", other).kind).toBe("read");
  });
});

describe("§15.1 operation descriptor", () => {
  const describeBody = (body: string): unknown => compileQuery(`query q(${HEADER}) { ${body} }`, catalog).descriptor;
  const node = (type_name: string): unknown => ({ kind: "node", type_name });
  const edge = (type_name: string): unknown => ({ kind: "edge", type_name });

  it("lists what is read and written", () => {
    expect(describeBody("delete Author where handle = $s")).toEqual({
      result: [],
      reads: [node("Author"), edge("Follows"), edge("Wrote")],
      writes: [node("Author"), edge("Follows"), edge("Wrote")],
    });
    expect(describeBody("match { $b: Book  not { $u wrote $b } } return { $b }")).toEqual({
      result: [{ name: "b", kind: "object", nullable: false }],
      reads: [node("Author"), node("Book"), edge("Wrote")],
      writes: [],
    });
    expect(describeBody('insert Wrote { from: "a", to: "b" }')).toEqual({ result: [], reads: [node("Author"), node("Book"), edge("Wrote")], writes: [edge("Wrote")] });
    expect(describeBody('insert Author { handle: "a", name: "b" } update Book set { pages: 1 } where isbn = "x"')).toEqual({
      result: [], reads: [node("Author"), node("Book")], writes: [node("Author"), node("Book")],
    });
    expect(describeBody('delete Cites where note = "x"')).toEqual({ result: [], reads: [edge("Cites")], writes: [edge("Cites")] });
  });

  it("gives every column its kind", () => {
    const body = 'match { $b: Book } return { $b.pages, $b.copies, $b.price, $b.genre, $b.tags, $b.released, $b.vec, $n, $o, 1, 1.5, "x", true, now(), [1], date("2024-01-01"), search($b.title, "x"), bm25($b.title, "x"), nosuch }';
    expect((describeBody(body) as { result: unknown }).result).toEqual([
      { name: "pages", kind: "int", nullable: true },
      { name: "copies", kind: "int", nullable: false },
      { name: "price", kind: "float", nullable: true },
      { name: "genre", kind: "string", nullable: false },
      { name: "tags", kind: "list", item_kind: "string", nullable: true },
      { name: "released", kind: "datetime", nullable: true },
      { name: "vec", kind: "vector", vector_dim: 3, nullable: true },
      { name: "n", kind: "bigint", nullable: false },
      { name: "o", kind: "string", nullable: true },
      { name: "literal", kind: "bigint", nullable: false },
      { name: "literal", kind: "float", nullable: false },
      { name: "literal", kind: "string", nullable: false },
      { name: "literal", kind: "bool", nullable: false },
      { name: "now", kind: "datetime", nullable: false },
      { name: "literal", kind: "list", item_kind: "bigint", nullable: false },
      { name: "literal", kind: "date", nullable: false },
      { name: "search", kind: "bool", nullable: false },
      { name: "bm25", kind: "float", nullable: false },
      { name: "nosuch", kind: "bigint", nullable: true },
    ]);
    expect((describeBody("match { $b: Book } return { count($b), sum($b.pages), avg($b.pages), min($b.pages), max($b.title) }") as { result: unknown }).result).toEqual([
      { name: "count", kind: "bigint", nullable: true },
      { name: "sum", kind: "float", nullable: true },
      { name: "avg", kind: "float", nullable: true },
      { name: "min", kind: "int", nullable: true },
      { name: "max", kind: "string", nullable: true },
    ]);
  });

  it("§15.3 describes parameters", () => {
    const { plan } = compileQuery("query q($a: I32, $b: [Date]?, $c: Vector(3), $d: Blob) { match { $x: Book } return { $x } }", catalog);
    expect(describeParameters(plan.parameters)).toEqual([
      { name: "a", kind: "int", nullable: false },
      { name: "b", kind: "list", item_kind: "date", nullable: true },
      { name: "c", kind: "vector", vector_dim: 3, nullable: false },
      { name: "d", kind: "blob", nullable: false },
    ]);
  });
});

describe("§15.2 lint", () => {
  it("Q000 a file that does not parse is one finding", () => {
    expect(lintQueries("query", catalog)).toMatchObject({
      status: "error", queries_processed: 0, errors: 1, warnings: 0, infos: 0, results: [], findings: [{ severity: "error", code: "Q000" }],
    });
  });

  it("L201 names nullable properties that no update assigns", () => {
    const report = lintQueries(
      'query b($s: String) { update Author set { born: date("2000-01-01") } where handle = $s } query a($s: String) { update Author set { name: $s } where handle = $s update Book set { pages: 1, cover: $s } where isbn = $s }',
      catalog,
    );
    expect(report.findings.map(({ type_name, property, query_names }) => [type_name, property, query_names])).toEqual([
      ["Author", "rating", ["a", "b"]],
      ["Book", "blurb", ["a"]],
      ["Book", "price", ["a"]],
      ["Book", "released", ["a"]],
      ["Book", "tags", ["a"]],
    ]);
    expect(report).toMatchObject({ status: "ok", queries_processed: 2, errors: 0, warnings: 5, infos: 0 });
  });

  it("keeps the results of the other queries, and warns of mutations without parameters", () => {
    const report = lintQueries(`${READ} ${WRITE} ${BAD} query w2() { delete Nope where a = 1 }`, catalog);
    const warnings = [expect.stringContaining("no parameters")];
    expect(report).toMatchObject({ status: "error", queries_processed: 4, errors: 2, warnings: 2 });
    expect(report.results).toEqual([
      { name: "read", kind: "read", status: "ok", operation: expect.anything() },
      { name: "write", kind: "mutation", status: "ok", warnings, operation: expect.anything() },
      { name: "bad", kind: "read", status: "error", error: expect.stringMatching(/^type error: T1: /) },
      { name: "w2", kind: "mutation", status: "error", warnings, error: expect.stringMatching(/^type error: T10: /) },
    ]);
  });

  it("MU-2 CK-46 is no lint error", () => {
    expect(lintQueries('query q($s: String) { insert Author { handle: $s, name: $s } delete Author where handle = "x" }', catalog).status).toBe("ok");
  });
});
