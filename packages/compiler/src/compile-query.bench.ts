/** Parse, check and plan of a 150-line file against a 600-line schema; budget 15 ms warm, 50 ms for 4 KiB. */
import { bench, describe } from "vitest";
import { compileQuery } from "./compile-query.js";
import { createAcceptedSchema } from "./compile-schema.js";
import { lintQueries } from "./lint/lint-queries.js";
import { parseQueryFile } from "./query/parse-query.js";

const TYPES = 50;

function schemaSource(): string {
  const node = (i: number): string => `node Type${i} {\n  slug: String @key\n  title: String @index\n  notes: String?\n  count: I32?\n  score: F64?\n  at: DateTime?\n  tags: [String]?\n  kind: enum(a, b, c)\n}`;
  const edge = (i: number): string => `edge Links${i}: Type${i} -> Type${(i + 1) % TYPES} { since: Date? }`;
  const indices = Array.from({ length: TYPES }, (_, i) => i);
  return [...indices.map(node), ...indices.map(edge)].join("\n\n");
}

function query(i: number): string {
  return `query find_${i}($slug: String, $since: Date?) @description("things around a thing") {
  match {
    $a: Type${i} { slug: $slug, kind: "a" }
    $a $w: links${i} $b
    $b links${i + 1} $c
    $c.score >= 2.5
    not { $c links${i + 2} $_ }
  }
  return { $a.title, $b.title as middle, count($c) as n, max($c.score) as best }
  order { n desc, middle }
  limit 25
}
`;
}

const catalog = createAcceptedSchema(schemaSource(), { identityDomain: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }).catalog;
const source = Array.from({ length: 12 }, (_, i) => query(i)).join("\n");

describe(`${schemaSource().split("\n").length}-line schema, ${source.split("\n").length}-line query file (${source.length} characters)`, () => {
  bench("parse", () => {
    parseQueryFile(source);
  });
  bench("parse all, check and plan one", () => {
    compileQuery(source, catalog, "find_7");
  });
  bench("parse, check and describe all", () => {
    lintQueries(source, catalog);
  });
  bench("one query alone", () => {
    compileQuery(query(3), catalog);
  });
});
