import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { floatText } from "@omnigraphdb/api-types";
import type { Cell, ReadResult } from "@omnigraphdb/client";
import type { ReadFormat } from "../../src/output/read-result.js";
import { renderRead } from "../../src/output/render-read.js";

function result(queryName: string, columns: readonly string[], rows: readonly (readonly Cell[])[], over: Partial<ReadResult> = {}): ReadResult {
  return {
    queryName,
    target: { branch: "main", snapshot: null },
    graphCommitId: "01JZ0V9M3XK7B1N5Q8R2T4W6YZ",
    rowCount: rows.length,
    columns,
    cell: (row, column) => rows[row]?.[column] ?? null,
    ...over,
  };
}

function text(read: ReadResult, format: ReadFormat): string {
  return [...renderRead(read, format)].join("");
}

const o1 = result("o1", ["a.handle", "a.rating"], [["ada", 4.5], ["dee", 4.5], ["cy", 3], ["bo", null]]);
const o2 = result("o2", ["a.handle"], [["cy"], ["bo"]]);

describe("§12.5 renderings of the specification, byte for byte", () => {
  test("kv of o2", () => {
    expect(text(o2, "kv")).toBe("2 rows from branch main via o2\nrow 1\na.handle: cy\n\nrow 2\na.handle: bo\n");
  });

  test("table of o1", () => {
    expect(text(o1, "table")).toBe(
      [
        "4 rows from branch main via o1",
        "a.handle | a.rating",
        "---------+---------",
        "ada      | 4.5     ",
        "dee      | 4.5     ",
        "cy       | 3.0     ",
        "bo       | null    ",
        "",
      ].join("\n"),
    );
  });

  test("csv of b1", () => {
    const read = result("b", ["b.isbn", "b.tags"], [["b1", ["sea", "classic"]]]);
    expect(text(read, "csv")).toBe('b.isbn,b.tags\nb1,"[""sea"",""classic""]"\n');
  });

  test("9.3 json of o2", () => {
    expect(text(o2, "json")).toBe(
      `{
  "query_name": "o2",
  "target": {
    "branch": "main",
    "snapshot": null
  },
  "row_count": 2,
  "columns": [
    "a.handle"
  ],
  "rows": [
    {
      "a.handle": "cy"
    },
    {
      "a.handle": "bo"
    }
  ],
  "graph_commit_id": "01JZ0V9M3XK7B1N5Q8R2T4W6YZ"
}
`,
    );
  });

  test("9.4 jsonl of o2", () => {
    expect(text(o2, "jsonl")).toBe(
      '{"kind":"metadata","query_name":"o2","target":{"branch":"main","snapshot":null},"row_count":2}\n{"a.handle":"cy"}\n{"a.handle":"bo"}\n',
    );
  });
});

describe("§9 details", () => {
  test("§9.2 64-bit integers keep every digit and lists are indented", () => {
    const read = result("q", ["n", "xs"], [[9223372036854775807n, [1n, -9223372036854775808n]]]);
    expect(text(read, "json")).toContain('      "n": 9223372036854775807,\n      "xs": [\n        1,\n        -9223372036854775808\n      ]\n');
    expect(text(read, "csv")).toBe('n,xs\n9223372036854775807,"[1,-9223372036854775808]"\n');
  });

  test("§9.2 columns are left out when there are none, and the commit when unknown", () => {
    const read = result("q", [], [], { graphCommitId: undefined });
    expect(JSON.parse(text(read, "json"))).toEqual({ query_name: "q", target: { branch: "main", snapshot: null }, row_count: 0, rows: [] });
  });

  test("§9.5 csv quotes commas, quotes, CR and LF, and nothing else", () => {
    const read = result("q", ["a", "b"], [["x,y", 'say "hi"'], ["cr\rlf\n", "plain text"], [null, true]]);
    expect(text(read, "csv")).toBe('a,b\n"x,y","say ""hi"""\n"cr\rlf\n",plain text\nnull,true\n');
  });

  test("§9.6 kv without rows", () => {
    expect(text(result("q", ["a"], []), "kv")).toBe("0 rows from branch main via q\n(no rows)\n");
  });

  test("§9.7 table without columns, and with a snapshot target", () => {
    const target = { branch: null, snapshot: "01JZ0V9M3XK7B1N5Q8R2T4W6YZ" };
    expect(text(result("q", [], [], { target }), "table")).toBe("0 rows from snapshot 01JZ0V9M3XK7B1N5Q8R2T4W6YZ via q\n(no rows)\n");
  });

  test("table and kv spell control characters, so that stored text cannot steer a terminal; csv and json keep the bytes", () => {
    const hostile = result("q", ["t"], [["a\u001b]0;title\u0007b\rc\td\u009b"]]);
    const spelled = "a\\u001b]0;title\\u0007b\\u000dc\\u0009d\\u009b";
    expect(text(hostile, "table")).toContain(spelled);
    expect(text(hostile, "kv")).toContain(`t: ${spelled}`);
    expect(text(hostile, "csv")).toContain("a\u001b]0;title\u0007b\rc\td\u009b");
    expect(text(hostile, "json")).toContain('"a\\u001b]0;title\\u0007b\\rc\\td');
  });

  test("§9.7 table shows line feeds as \\n, cuts at 80 and counts Unicode scalar values", () => {
    const read = result("q", ["a", "emoji"], [["one\ntwo", "🙂🙂"], ["x".repeat(81), "é"], ["y".repeat(80), null]]);
    const lines = text(read, "table").split("\n");
    expect(lines[1]).toBe(`${"a".padEnd(80)} | emoji`);
    expect(lines[2]).toBe(`${"-".repeat(80)}-+------`);
    expect(lines[3]).toBe(`${"one\\ntwo".padEnd(80)} | 🙂🙂   `);
    expect(lines[4]).toBe(`${"x".repeat(79)}… | é    `);
    expect(lines[5]).toBe(`${"y".repeat(80)} | null `);
  });

  test("RS-3 in a row object a later column of the same name replaces the earlier; the other formats show both", () => {
    const read = result("q", ["f", "g", "f"], [[1n, 2n, 3n]]);
    expect(text(read, "jsonl").split("\n")[1]).toBe('{"f":3,"g":2}');
    expect(text(read, "csv")).toBe("f,g,f\n1,2,3\n");
    expect(text(read, "table").split("\n")[3]).toBe("1 | 2 | 3");
    expect(text(read, "kv")).toContain("row 1\nf: 1\ng: 2\nf: 3\n");
  });
});

describe("§12.2 floating-point text", () => {
  test.each([
    [30, "30.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [4.5, "4.5"],
    [0.1 + 0.2, "0.30000000000000004"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e16"],
    [-1.5e300, "-1.5e300"],
    [1e-5, "0.00001"],
    [1.5e-7, "1.5e-7"],
    [5e-324, "5e-324"],
    [Math.fround(0.1), "0.10000000149011612"],
  ])("%d is %s", (value, expected) => {
    expect(floatText(value)).toBe(expected);
  });

  test("every finite double reads back equal and uses an exponent only where allowed", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const shown = floatText(value);
        expect(Object.is(Number(shown), value)).toBe(true);
        const magnitude = Math.abs(value);
        expect(shown.includes("e")).toBe(magnitude >= 1e16 || (magnitude !== 0 && magnitude < 1e-5));
      }),
      { numRuns: 2000 },
    );
  });

  test("every format is parseable whatever the text holds", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ unit: "binary" }), { minLength: 2, maxLength: 2 }), { maxLength: 5 }), (rows) => {
        const read = result("q", ["a", "b"], rows);
        const document = JSON.parse(text(read, "json")) as { rows: { a: string; b: string }[] };
        expect(document.rows.map((row) => [row.a, row.b])).toEqual(rows.map((row) => row.map((cell) => cell.toWellFormed?.() ?? cell)));
        expect(text(read, "jsonl").split("\n")).toHaveLength(rows.length + 2);
        expect(text(read, "table").split("\n")).toHaveLength(rows.length + 4);
      }),
    );
  });
});
