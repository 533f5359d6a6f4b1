import fc from "fast-check";
import { expect, test } from "vitest";
import { admitSchema, checkSchemaSource, createAcceptedSchema, openAcceptedSchema, planMigration } from "../../src/compile-schema.js";
import { printDiagnostic } from "../../src/diagnostics/print-diagnostic.js";
import { CompileError } from "../../src/errors.js";
import { parseSchema } from "../../src/schema/parse-schema.js";
import { printSchema } from "../../src/schema/print-schema.js";
import { KITCHEN_SINK_SCHEMA, schemaArbitrary } from "../../test-support/index.js";
import { code, DOMAIN, rows, section } from "./spec-tables.js";

/** Reproduce a failure with the seed that it prints. */
const SEED = Number(process.env["FUZZ_SEED"] ?? 20_261_121);
const MUTATIONS = Number(process.env["FUZZ_RUNS"] ?? 50_000);

/** Small, fast and seeded (mulberry32): runs are compared across machines. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const ALPHABET = [
  "@",
  "(",
  ")",
  "{",
  "}",
  "[",
  "]",
  ":",
  "->",
  "..",
  ",",
  "?",
  "=",
  '"',
  "\\",
  "/*",
  "*/",
  "//",
  "\n",
  " ",
  "-",
  "0",
  "9",
  "a",
  "Z",
  "_",
  "é",
  "\u0000",
  "😀",
  "node ",
  "edge ",
  "interface ",
  "implements ",
  "enum(",
  "Vector(",
  "@key",
  "@index",
  "@embed(",
  "@rename_from(",
  "@card(",
  "true",
  "String",
  "I32",
  "A",
  "__x",
];

const SEEDS = [
  KITCHEN_SINK_SCHEMA,
  ...["## Appendix A.", "## Appendix B."].flatMap((heading) => rows(section(heading)).map(([, source = ""]) => code(source))),
];

function mutate(random: (below: number) => number): string {
  let text = SEEDS[random(16) === 0 ? 0 : random(SEEDS.length)] ?? "";
  for (let round = 1 + random(4); round > 0; round--) {
    const at = random(text.length + 1);
    const length = random(6);
    switch (random(4)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + length);
        break;
      case 1:
        text = text.slice(0, at) + (ALPHABET[random(ALPHABET.length)] ?? "") + text.slice(at);
        break;
      case 2:
        text = text.slice(0, at) + (ALPHABET[random(ALPHABET.length)] ?? "") + text.slice(at + length);
        break;
      default: {
        const from = random(text.length + 1);
        text = text.slice(0, at) + text.slice(from, from + random(24)) + text.slice(at);
      }
    }
  }
  return text;
}

/** Throws when the compiler breaks a promise about `source`; returns whether the source is a schema. */
function probe(source: string): boolean {
  const diagnostics = checkSchemaSource(source);
  for (const { span } of diagnostics) {
    const isInside = span !== undefined && span.start >= 0 && span.end > span.start && span.end <= source.length;
    if (!isInside) throw new Error(`bad span ${JSON.stringify(span)}`);
  }
  const [first] = diagnostics;
  if (first !== undefined) printDiagnostic(first, source);
  if (first?.rule === "SYN") return false;
  const parsed = parseSchema(source);
  if (!("document" in parsed)) throw new Error("check and parser disagree");
  const printed = printSchema(parsed.document);
  const again = parseSchema(printed);
  if (!("document" in again) || printSchema(again.document) !== printed) throw new Error("printing is not stable");
  const isSchema = diagnostics.every((item) => item.severity !== "error");
  // Phases 1 to 5 are one for both checks.
  const isAdmitted = first?.rule.startsWith("P") === true ? false : admitSchema(source).length === 0;
  if (isAdmitted !== isSchema) throw new Error("source check and admission disagree");
  return isSchema;
}

test(`${MUTATIONS} mutated sources give diagnostics or print stably (seed ${SEED})`, { timeout: 120_000 }, () => {
  const random = randomFrom(SEED);
  let accepted = 0;
  for (let run = 0; run < MUTATIONS; run++) {
    const source = mutate(random);
    try {
      if (probe(source)) accepted++;
    } catch (error) {
      throw new Error(`run ${run}, seed ${SEED}: ${JSON.stringify(source)}`, { cause: error });
    }
  }
  // The mutations must reach the later phases too.
  expect(accepted).toBeGreaterThan(MUTATIONS / 50);
});

test("generated schemas are admitted, read back, and need no migration to themselves", () => {
  fc.assert(
    fc.property(schemaArbitrary(), ({ source, nodeNames, edgeNames }) => {
      expect(checkSchemaSource(source).filter((item) => item.severity === "error")).toEqual([]);
      const created = createAcceptedSchema(source, { identityDomain: DOMAIN });
      const opened = openAcceptedSchema(created.documents);
      expect(opened.catalog).toEqual(created.catalog);
      expect(created.catalog.nodeTypes.map((type) => type.name)).toEqual(nodeNames);
      expect(created.catalog.edgeTypes.map((type) => type.name)).toEqual(edgeNames);
      expect(planMigration(opened, source).steps).toEqual([]);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test("a plan between any two generated schemas is a plan or a refusal, and applies to exactly the desired shape", () => {
  fc.assert(
    fc.property(
      schemaArbitrary({ nodeTypesMax: 3, edgeTypesMax: 2 }),
      schemaArbitrary({ nodeTypesMax: 3, edgeTypesMax: 2 }),
      (from, to) => {
        const accepted = createAcceptedSchema(from.source, { identityDomain: DOMAIN });
        try {
          const plan = planMigration(accepted, to.source);
          if (plan.desired === undefined) return;
          expect(plan.desired.shapeHash).toBe(createAcceptedSchema(to.source, { identityDomain: DOMAIN }).shapeHash);
          expect(planMigration(openAcceptedSchema(plan.desired.documents), to.source).steps).toEqual([]);
        } catch (error) {
          if (!(error instanceof CompileError)) throw error;
        }
      },
    ),
    { seed: SEED, numRuns: 200 },
  );
});
