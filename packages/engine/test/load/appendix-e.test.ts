import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Graph } from "../../src/graph.js";
import type { LoadMode } from "../../src/graph-api.js";
import { contentOf, createGraph, failureOf, ndjson } from "./load-fixture.js";

const SCHEMA = `
node Lab { code: String @key }
node Sample {
    tag: String @key
    grade: enum(raw, clean)
    mass_g: F64?
    serial: String? @unique
    taken: Date?
    sig: Vector(2)?
    @range(mass_g, 0..100)
    @check(tag, "^S[0-9]+$")
}
edge StoredAt: Sample -> Lab @card(1..1)
edge DerivedFrom: Sample -> Sample { @unique(src, dst) }
`;

const COMMITTED = ndjson(
  { type: "Lab", data: { code: "L1" } },
  { type: "Lab", data: { code: "L2" } },
  { type: "Sample", data: { tag: "S1", grade: "raw", serial: "x" } },
  { edge: "StoredAt", from: "S1", to: "L1" },
);

const sample = (data: object): string => ndjson({ type: "Sample", data: { tag: "S2", grade: "raw", ...data } });

interface Row {
  readonly id: number;
  readonly load?: string;
  readonly mode?: LoadMode;
  readonly mutation?: string;
  /** Markers of the error; absent = accepted. */
  readonly refused?: readonly string[];
  readonly code?: string;
}

const ROWS: readonly Row[] = [
  { id: 1, load: sample({}) },
  { id: 2, load: sample({ grade: "dirty" }), refused: ["invalid enum value 'dirty' for Sample.grade", "raw"], code: "CONSTRAINT_VIOLATION" },
  { id: 3, load: ndjson({ type: "Sample", data: { tag: "S2" } }), refused: ["non-nullable", "'grade'"] },
  { id: 4, load: sample({ mass_g: 100 }) },
  { id: 5, load: sample({ mass_g: 100.5 }), refused: ["@range violation on Sample.mass_g", "100.5 > max 100"] },
  { id: 6, load: sample({ mass_g: "7" }), refused: ["property 'mass_g' expects"], code: "LOAD_RECORD_INVALID" },
  { id: 7, load: sample({ tag: "s2" }), refused: ["@check violation on Sample.tag", "'s2'", "^S[0-9]+$"] },
  { id: 8, load: sample({ serial: "x" }), refused: ["@unique violation on Sample.serial", "'x'", "'S1'", "'S2'"] },
  { id: 9, load: sample({ tag: "S1", serial: "x" }) },
  { id: 10, load: `${sample({})}\n${sample({ tag: "S3" })}` },
  { id: 11, load: `${sample({})}\n${sample({})}`, refused: ["@unique violation on Sample.tag", "'S2'", "record 2"] },
  { id: 12, load: sample({ taken: "2026-3-7" }) },
  { id: 13, load: sample({ taken: "7.3.2026" }), refused: ["invalid Date literal '7.3.2026'"] },
  { id: 14, load: sample({ sig: [1, 2, 3] }), refused: ["expects 2 dimensions, got 3"] },
  { id: 15, load: sample({ sig: [1, null] }), refused: ["elements must be numeric"] },
  { id: 16, load: sample({ id: "other" }), refused: ["does not match", "@key", "'other'", "'S2'"] },
  { id: 17, load: sample({ colour: "red" }), refused: ["unknown input field 'colour'"] },
  { id: 18, load: sample({ tag: "S1" }), mode: "append", refused: ["Sample", "S1"], code: "KEY_CONFLICT" },
  { id: 19, load: ndjson({ edge: "storedat", from: "S1", to: "L2" }), refused: ["@card violation on edge StoredAt", "'S1'", "2 edges"] },
  { id: 20, load: ndjson({ edge: "StoredAt", from: "S1", to: "L9" }), refused: ["dst 'L9' not found in Lab"] },
  { id: 21, mutation: 'delete StoredAt where from = "S1"', refused: ["@card violation on edge StoredAt", "'S1'", "0 edges"] },
  { id: 22, mutation: 'delete Lab where code = "L1"', refused: ["@card violation on edge StoredAt", "'S1'"] },
  { id: 23, mutation: 'delete Sample where tag = "S1"' },
  { id: 24, mutation: 'update Sample set { tag: "S9" } where tag = "S1"', refused: ["cannot update @key property 'tag'"] },
  { id: 25, load: ndjson({ type: "Lab", data: { code: "L2" } }), mode: "overwrite", refused: ["dst 'L1' not found in Lab"] },
  {
    id: 26,
    load: ndjson({ edge: "DerivedFrom", from: "S1", to: "S1" }, { edge: "DerivedFrom", from: "S1", to: "S1" }),
    refused: ["@unique violation on DerivedFrom.(dst, src)", "('S1', 'S1')"],
  },
];

describe("schema specification, Appendix E: VA-10 VA-12 VA-13 VA-22 VA-40", () => {
  test("the table here has the rows of the specification", () => {
    const specification = readFileSync(new URL("../../../compiler/test/spec/schema-language.md", import.meta.url), "utf8");
    const appendix = specification.slice(specification.indexOf("## Appendix E"));
    const ids = [...appendix.matchAll(/^\| (\d+) \|/gm)].map(([, id]) => Number(id));
    expect(ROWS.map((row) => row.id)).toEqual(ids);
  });

  describe("refused writes leave everything as it was", () => {
    let graph: Graph;
    let before: string;
    beforeAll(async () => {
      const fixture = await createGraph(SCHEMA);
      graph = fixture.graph;
      await graph.load(COMMITTED, { mode: "append" });
      before = await contentOf(graph);
      return () => fixture[Symbol.asyncDispose]();
    });

    for (const row of ROWS.filter(({ refused }) => refused !== undefined)) {
      test(`E-${row.id} is refused`, async () => {
        const head = await graph.headCommitId();
        const error = await failureOf(run(graph, row));
        for (const marker of row.refused ?? []) expect(error.message).toContain(marker);
        if (row.code !== undefined) expect(error.code).toBe(row.code);
        expect(await graph.headCommitId()).toBe(head);
        expect(await contentOf(graph)).toBe(before);
      });
    }
  });

  for (const row of ROWS.filter(({ refused }) => refused === undefined)) {
    test(`E-${row.id} is accepted`, async () => {
      await using fixture = await createGraph(SCHEMA);
      await fixture.graph.load(COMMITTED, { mode: "append" });
      const head = await fixture.graph.headCommitId();
      await run(fixture.graph, row);
      expect(await fixture.graph.headCommitId()).not.toBe(head);
    });
  }
});

function run(graph: Graph, row: Row): Promise<unknown> {
  if (row.mutation !== undefined) return graph.mutate(`query q() { ${row.mutation} }`);
  return graph.load(row.load ?? "", { mode: row.mode ?? "merge" });
}
