/**
 * The tables and examples of the query specification, read out of its text, so that the document itself is the test.
 */
import { readFileSync } from "node:fs";

const SPECIFICATION = new URL("../test/spec/query-language.md", import.meta.url);

/** Parameters every table snippet may use (§0.3). */
export const HEADER = "$s: String, $n: I64, $f: F64, $l: [String], $v: Vector(3), $d: Date, $t: DateTime, $o: String?, $x: Blob";

export interface CheckRow {
  readonly id: number;
  readonly placement: "file" | "body" | "match";
  readonly snippet: string;
  /** Whole source file the snippet stands for. */
  readonly source: string;
  /** `ok`, `syntax`, `error` or a code. */
  readonly outcome: string;
}

/** A read example: `seq` rows in order, `bag` rows in any order, `error` refused at execution. */
export interface ReadExample {
  readonly id: string;
  readonly source: string;
  /** JSON text of the parameters. */
  readonly parameters: string;
  readonly expected: { readonly kind: "seq" | "bag"; readonly rows: readonly Readonly<Record<string, unknown>>[] } | { readonly kind: "error" };
}

/** A row of the mutation table §11.6. */
export interface MutationExample {
  readonly id: string;
  readonly source: string;
  readonly parameters: string;
  /** Counts of a success, or the text of the table that describes the client error. */
  readonly expected: { readonly affectedNodes: number; readonly affectedEdges: number } | { readonly error: string };
  /** Prose of the last column. */
  readonly stateAfterwards: string;
}

export function readSpecification(): string {
  return readFileSync(SPECIFICATION, "utf8");
}

/** Text of the schema language specification. */
export function readSchemaSpecification(): string {
  return readFileSync(new URL("../test/spec/schema-language.md", import.meta.url), "utf8");
}

/** Rows of all `<!-- check:… -->` tables, in order. */
export function checkRows(text: string = readSpecification()): readonly CheckRow[] {
  const rows: CheckRow[] = [];
  let placement: CheckRow["placement"] | undefined;
  for (const line of text.split("\n")) {
    const marker = /^<!-- check:(file|body|match) -->$/.exec(line);
    if (marker !== null) placement = marker[1] as CheckRow["placement"];
    else if (!line.startsWith("|")) placement = undefined;
    if (placement === undefined || !line.startsWith("|")) continue;
    const row = /^\| (\d+) \| `(.*)` \| (\S+) \|$/.exec(line);
    if (row === null) continue;
    const [, id = "", snippet = "", outcome = ""] = row;
    rows.push({ id: Number(id), placement, snippet, source: placed(placement, snippet), outcome });
  }
  return rows;
}

function placed(placement: CheckRow["placement"], snippet: string): string {
  if (placement === "file") return snippet;
  return placement === "body"
    ? `query q(${HEADER}) { ${snippet} }`
    : `query q(${HEADER}) { match { $b: Book  $a: Author  ${snippet} } return { $b.isbn } }`;
}

const EXAMPLE = /^- \*\*([a-z]\d+)\*\*(?: `\(([^`]*)\)`)? `([^`]*)`(?: with `([^`]*)`)? ⇒ (?:(seq|bag) `(.*?)`|(error))/;

/** Examples e, o, s, n, b, r and c of §7 … §9, in order. */
export function readExamples(text: string = readSpecification()): readonly ReadExample[] {
  return text.split("\n").flatMap((line) => {
    const match = EXAMPLE.exec(line);
    if (match === null) return [];
    const [, id = "", declarations = "", body = "", parameters = "{}", kind, rows = "[]"] = match;
    return [
      {
        id,
        source: `query ${id}(${declarations}) { ${body} }`,
        parameters,
        expected: kind === "seq" || kind === "bag" ? { kind, rows: JSON.parse(rows) as Record<string, unknown>[] } : { kind: "error" as const },
      },
    ];
  });
}

/** Rows m1 … of §11.6. Parameters are declared as in the header of §0.3. */
export function mutationExamples(text: string = readSpecification()): readonly MutationExample[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\| (m\d+) \| `([^`]*)`(?: with `([^`]*)`)? \| (.*?) \| (.*) \|$/.exec(line);
    if (match === null) return [];
    const [, id = "", body = "", parameters, result = "", stateAfterwards = ""] = match;
    // Rows that give parameters use exactly one; the others use none, and absent parameters would be errors (PB-5).
    const declarations = parameters === undefined ? "" : usedHeader(body);
    const counts = /^(\d+) \/ (\d+)$/.exec(result);
    return [
      {
        id,
        source: `query ${id}(${declarations}) { ${body} }`,
        parameters: parameters ?? "{}",
        expected: counts === null ? { error: result } : { affectedNodes: Number(counts[1]), affectedEdges: Number(counts[2]) },
        stateAfterwards,
      },
    ];
  });
}

function usedHeader(body: string): string {
  return HEADER.split(/, (?=\$)/)
    .filter((declaration) => body.includes(declaration.slice(0, 2)))
    .join(", ");
}

/** §18: the schema of all examples. */
export function fixtureSchema(text: string = readSpecification()): string {
  const section = fixtureSection(text);
  return /```\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
}

/** §18: the data of all examples as load records, nodes first. Edges carry their ids `w1`, `c1`, `f1` … */
export function fixtureRecords(text: string = readSpecification()): readonly Readonly<Record<string, unknown>>[] {
  const tables = fixtureSection(text).split(/\n\n/).filter((part) => part.startsWith("| "));
  const records = tables.flatMap((table) => {
    const [header = [], , ...rows] = table.trim().split("\n").map(cells);
    return rows.map((row) => record(header, row));
  });
  return [...records.filter((each) => "type" in each), ...records.filter((each) => "edge" in each)];
}

function fixtureSection(text: string): string {
  const start = text.indexOf("## 18. Fixture");
  return text.slice(start, text.indexOf("## 19.", start));
}

function cells(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

const KEYS: Readonly<Record<string, string>> = { Author: "handle", Book: "isbn" };
const NUMBERS = new Set(["rating", "pages", "copies", "price", "weight"]);

function record(header: readonly string[], row: readonly string[]): Record<string, unknown> {
  const [type = "", ...columns] = header;
  const [id = "", ...values] = row;
  const key = KEYS[type];
  const data: Record<string, unknown> = key === undefined ? { id } : { [key]: id };
  const ends: Record<string, string> = {};
  columns.forEach((column, index) => {
    const cell = values[index] ?? "";
    if (column === "from" || column === "to") ends[column] = cell;
    else if (cell !== "" && cell !== "(null)") data[column] = cellValue(column, cell);
  });
  return key === undefined ? { edge: type, ...ends, data } : { type, data };
}

function cellValue(column: string, cell: string): unknown {
  if (column === "tags") return cell === "(empty)" ? [] : cell.split(", ");
  if (column === "vec") return cell.split(", ").map(Number);
  return NUMBERS.has(column) ? Number(cell) : cell;
}
