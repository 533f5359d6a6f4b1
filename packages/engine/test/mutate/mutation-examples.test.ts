import { fixtureRecords, fixtureSchema, type MutationExample, mutationExamples } from "@omnigraphdb/compiler/test-support";
import { parseParametersJson } from "@omnigraphdb/compiler";
import { beforeAll, describe, expect, test } from "vitest";
import type { Graph } from "../../src/graph.js";
import { contentOf, createGraph, failureOf, ndjson, type TestGraph } from "../load/load-fixture.js";

interface ExportLine {
  readonly type?: string;
  readonly edge?: string;
  readonly from?: string;
  readonly to?: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly id: string };
}

/** Entities by id: ids of the fixture are distinct over all types; generated edge ids do not matter. */
type State = ReadonlyMap<string, ExportLine>;

const EXAMPLES = new Map(mutationExamples().map((example) => [example.id, example]));

async function stateOf(graph: Graph): Promise<State> {
  const lines = (await contentOf(graph)).trimEnd().split("\n").map((line) => JSON.parse(line) as ExportLine);
  return new Map(lines.map((line) => [line.data.id, line]));
}

async function fixtureGraph(): Promise<TestGraph> {
  const fixture = await createGraph(fixtureSchema());
  await fixture.graph.load(ndjson(...fixtureRecords()), { mode: "append" });
  return fixture;
}

function run(graph: Graph, example: MutationExample): ReturnType<Graph["mutate"]> {
  return graph.mutate(example.source, { params: parseParametersJson(example.parameters) });
}

/** What the last column of §11.6 says, as a check on the state before and after. */
const STATES: Readonly<Record<string, (after: State, before: State) => void>> = {
  m1: (after) => expect(after.get("eli")?.data).toMatchObject({ name: "Eli", born: null, rating: null }),
  m2: (after, before) => {
    expect(after.get("ada")?.data).toMatchObject({ name: "Ada L.", born: null, rating: null });
    expect([...after.values()].filter((line) => line.edge !== undefined)).toEqual([...before.values()].filter((line) => line.edge !== undefined));
  },
  m3: (after) => {
    expect(after.has("eli")).toBe(true);
    expect(edgesBetween(after, "Wrote", "eli", "b4")).toBe(1);
  },
  m5: (after) => expect(edgesBetween(after, "Wrote", "ada", "b1")).toBe(3),
  m6: (after) => expect(ratings(after)).toEqual({ ada: 5, bo: null, cy: 3, dee: 5 }),
  m7: (after) => expect(ratings(after)).toEqual({ ada: 4.5, bo: null, cy: 5, dee: 4.5 }),
  m9: (after) => {
    expect(after.get("b2")?.data["copies"]).toBe(0);
    expect(after.get("b3")?.data["copies"]).toBe(0);
  },
  m10: (after) => expect(after.get("eli")?.data["rating"]).toBe(2),
  m12: (after, before) => expectGone(after, before, ["b1", "w1", "w3", "c1", "c2", "c4"]),
  m13: (after, before) => expectGone(after, before, ["b1", "w1", "w3", "c1", "c2", "c4", "b2", "w2", "w4", "c3"]),
  m14: (after, before) => expectGone(after, before, ["w1", "w2", "w3"]),
  m15: (after, before) => expectGone(after, before, ["c2", "c4", "c5"]),
  m16: (after, before) => expectGone(after, before, ["cy", "w5", "f2", "f3"]),
  m21: (after) => {
    const released = ["b1", "b2", "b4"].map((id) => after.get(id)?.data["released"]);
    expect(new Set(released).size).toBe(1);
    expect(released[0]).toBeGreaterThan(Date.UTC(2024, 0, 1));
    expect(after.get("b3")?.data["released"]).toBeNull();
  },
};

/** Words of the error that the table asks for. */
const ERROR_MARKERS: Readonly<Record<string, readonly string[]>> = {
  m4: ["b9", "Book"],
  m11: ["handle"],
  m17: ["m17", "mixes inserts/updates and deletes; split into separate mutations"],
  m18: ["name"],
  m19: ["4294967296", "copies"],
  m20: ["sci", "genre"],
};

function edgesBetween(state: State, edge: string, from: string, to: string): number {
  return [...state.values()].filter((line) => line.edge === edge && line.from === from && line.to === to).length;
}

function ratings(state: State): Record<string, unknown> {
  return Object.fromEntries([...state.values()].filter((line) => line.type === "Author").map((line) => [line.data.id, line.data["rating"]]));
}

function expectGone(after: State, before: State, ids: readonly string[]): void {
  expect([...before.keys()].filter((id) => !after.has(id)).sort()).toEqual([...ids].sort());
}

describe("query specification, §11.6", () => {
  test("every row of the table is run", () => {
    expect([...EXAMPLES.keys()]).toEqual(Array.from({ length: 21 }, (_, i) => `m${i + 1}`));
  });

  describe("refused or without effect: the graph is unchanged", () => {
    let fixture: TestGraph;
    let before: string;
    beforeAll(async () => {
      fixture = await fixtureGraph();
      before = await contentOf(fixture.graph);
      return () => fixture[Symbol.asyncDispose]();
    });

    for (const [id, example] of EXAMPLES) {
      if (!("error" in example.expected) && id !== "m8") continue;
      test(`${id} ${example.stateAfterwards}`, async () => {
        const head = await fixture.graph.headCommitId();
        if ("error" in example.expected) {
          const error = await failureOf(run(fixture.graph, example));
          expect(error.category).toBe("invalid");
          for (const marker of ERROR_MARKERS[id] ?? ["(no marker listed)"]) expect(error.message).toContain(marker);
        } else {
          expect(await run(fixture.graph, example)).toMatchObject({ ...example.expected, commit: null });
        }
        expect(await fixture.graph.headCommitId()).toBe(head);
        expect(await contentOf(fixture.graph)).toBe(before);
      });
    }
  });

  for (const [id, example] of EXAMPLES) {
    if ("error" in example.expected || id === "m8") continue;
    test(`${id} ${example.stateAfterwards}`, async () => {
      await using fixture = await fixtureGraph();
      const before = await stateOf(fixture.graph);
      const receipt = await run(fixture.graph, example);
      expect(receipt).toMatchObject(example.expected);
      expect(receipt.commit?.graphCommitId).toBe(await fixture.graph.headCommitId());
      STATES[id]?.(await stateOf(fixture.graph), before);
      expect(STATES[id], `a check of the state after ${id}`).toBeDefined();
    });
  }
});
