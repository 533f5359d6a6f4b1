import { describe, expect, test } from "vitest";
import { MergeGraph } from "./merge-fixture.js";

const SCHEMA = `
node Person {
  name: String @key
  age: I32?
}
edge Knows: Person -> Person
`;

const PEOPLE = [["Alice", 30], ["Bob", 25], ["Carol", 40], ["Dan", 50]] as const;

type Operation = "noop" | "addNode" | "removeNode" | "addEdge" | "removeEdge" | "setProperty" | "netZero";
type Cell = "UTD" | "FF" | "M" | { readonly kind: string; readonly type: string; readonly id: string | undefined };

const OPERATIONS: readonly Operation[] = ["noop", "addNode", "removeNode", "addEdge", "removeEdge", "setProperty", "netZero"];

/** In the vocabulary, and not expressible: an operation added to the language belongs into the matrix. */
const UNSUPPORTED = ["dropProperty", "addLabel", "removeLabel"];

const orphan = { kind: "orphan_edge", type: "Knows", id: undefined };

/** Rows: what the source did. Columns, in the order of OPERATIONS: what the target did. */
const MATRIX: Readonly<Record<Operation, readonly Cell[]>> = {
  noop: ["UTD", "UTD", "UTD", "UTD", "UTD", "UTD", "UTD"],
  addNode: ["FF", { kind: "divergent_insert", type: "Person", id: "Eve" }, "M", "M", "M", "M", "M"],
  removeNode: ["FF", "M", "M", orphan, "M", { kind: "delete_vs_update", type: "Person", id: "Alice" }, "M"],
  addEdge: ["FF", "M", orphan, "M", "M", "M", "M"],
  removeEdge: ["FF", "M", "M", "M", "M", "M", "M"],
  setProperty: ["FF", "M", { kind: "delete_vs_update", type: "Person", id: "Alice" }, "M", "M", { kind: "divergent_update", type: "Person", id: "Alice" }, "M"],
  netZero: ["FF", "M", "M", "M", "M", "M", "M"],
};

async function perform(graph: MergeGraph, branch: string, operation: Operation, isSource: boolean): Promise<void> {
  switch (operation) {
    case "noop":
      return;
    case "addNode":
      await graph.load(branch, [{ type: "Person", data: { name: "Eve", age: isSource ? 21 : 22 } }]);
      return;
    case "removeNode":
      await graph.mutate(branch, `delete Person where name = "Alice"`);
      return;
    case "addEdge":
      await graph.mutate(branch, `insert Knows { from: "Alice", to: "Carol" }`);
      return;
    case "removeEdge":
      await graph.mutate(branch, `delete Knows where from = "Bob"`);
      return;
    case "setProperty":
      await graph.mutate(branch, `update Person set { age: ${isSource ? 31 : 32} } where name = "Alice"`);
      return;
    case "netZero":
      await graph.mutate(branch, `insert Knows { from: "Alice", to: "Carol" }`);
      await graph.mutate(branch, `delete Knows where from = "Alice"`);
      return;
  }
}

/** Counts and values the merged target must show. */
function expected(source: Operation, target: Operation): { people: number; edges: number; alice: number | undefined; hasEve: boolean } {
  const both: readonly Operation[] = [source, target];
  const isAliceGone = both.includes("removeNode");
  const added = both.filter((operation) => operation === "addEdge").length;
  const age = source === "setProperty" ? 31 : target === "setProperty" ? 32 : 30;
  const hasEve = both.includes("addNode");
  return {
    people: 4 + (hasEve ? 1 : 0) - (isAliceGone ? 1 : 0),
    edges: 1 + added - (both.includes("removeEdge") ? 1 : 0),
    alice: isAliceGone ? undefined : age,
    hasEve,
  };
}

describe("§2.9 operation matrix", () => {
  test("names the operations that the languages do not have", () => {
    for (const operation of UNSUPPORTED) expect(OPERATIONS).not.toContain(operation);
  });

  describe.each(OPERATIONS)("source %s", (source) => {
    test.each(OPERATIONS.map((target, column) => [target, MATRIX[source][column] as Cell] as const))("target %s", async (target, cell) => {
      await using graph = await MergeGraph.create(SCHEMA);
      const people = PEOPLE.map(([name, age]) => ({ type: "Person", data: { name, age } }));
      await graph.load("main", [...people, { edge: "Knows", from: "Bob", to: "Carol", data: {} }]);
      await graph.graph.branchCreate("feature");
      await perform(graph, "feature", source, true);
      await perform(graph, "main", target, false);

      if (typeof cell === "object") {
        const before = await graph.content("main");
        const conflicts = await graph.conflicts("feature", "main");
        expect(conflicts).toHaveLength(1);
        expect(conflicts[0]).toMatchObject({ kind: cell.kind, typeName: cell.type });
        if (cell.id !== undefined) expect(conflicts[0]?.entityId).toBe(cell.id);
        expect(await graph.content("main")).toEqual(before);
        return;
      }
      const receipt = await graph.graph.branchMerge("feature");
      expect(receipt.outcome).toBe({ UTD: "already_up_to_date", FF: "fast_forward", M: "merged" }[cell]);
      const records = await graph.records("main");
      const persons = records.filter((record) => record["type"] === "Person").map((record) => record["data"] as { name: string; age: number });
      const wanted = expected(source, target);
      expect(persons).toHaveLength(wanted.people);
      expect(records.length - persons.length).toBe(wanted.edges);
      expect(persons.find(({ name }) => name === "Alice")?.age).toBe(wanted.alice);
      expect(persons.some(({ name }) => name === "Eve")).toBe(wanted.hasEve);
      // MG-22, MG-84
      expect((await graph.graph.branchMerge("feature")).outcome).toBe("already_up_to_date");
    });
  });
});
