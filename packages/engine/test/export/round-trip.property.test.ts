import { schemaArbitrary } from "@omnigraphdb/compiler/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isOmniError } from "@omnigraphdb/common";
import type { Graph } from "../../src/graph.js";
import { edgeRecords, nodeRecords } from "../load/record-arbitrary.js";
import { contentOf, createGraph } from "../load/load-fixture.js";

const RUNS = 6;
const PER_TYPE = 6;

/** Loads what the constraints of the generated schema accept: a repeated key or unique value drops its record. */
async function loadAcceptable(graph: Graph, records: readonly string[]): Promise<void> {
  try {
    await graph.load(records.join("\n"), { mode: "merge" });
    return;
  } catch (error) {
    if (!isOmniError(error) || error.category !== "invalid") throw error;
  }
  for (const record of records) {
    await graph.load(record, { mode: "merge" }).catch((error: unknown) => {
      if (!isOmniError(error) || error.code !== "CONSTRAINT_VIOLATION") throw error;
    });
  }
}

function idsByType(content: string): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const line of content.split("\n").filter((text) => text !== "")) {
    const record = JSON.parse(line) as { type?: string; data: { id: string } };
    if (record.type !== undefined) ids.set(record.type, [...(ids.get(record.type) ?? []), record.data.id]);
  }
  return ids;
}

test("EX-1 a graph of any schema, exported and loaded again, exports the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(schemaArbitrary({ nodeTypesMax: 2, edgeTypesMax: 2, propertiesMax: 5 }), fc.infiniteStream(fc.nat()), async ({ source }, seeds) => {
      await using original = await createGraph(source);
      const { catalog } = original.graph.schema;
      const sampleOne = <T>(arbitrary: fc.Arbitrary<T>): T => fc.sample(arbitrary, { numRuns: 1, seed: seeds.next().value })[0] as T;
      await loadAcceptable(original.graph, sampleOne(nodeRecords(catalog, PER_TYPE)));
      const nodes = await contentOf(original.graph);
      await loadAcceptable(original.graph, sampleOne(edgeRecords(catalog, idsByType(nodes), PER_TYPE)));
      const content = await contentOf(original.graph);

      await using copy = await createGraph(source);
      await copy.graph.load(content, { mode: "append" });
      expect(await contentOf(copy.graph)).toBe(content);

      // Merging the graph into itself replaces every row by an equal one.
      await copy.graph.load(content, { mode: "merge" });
      expect(await contentOf(copy.graph)).toBe(content);
    }),
    { numRuns: RUNS },
  );
});
