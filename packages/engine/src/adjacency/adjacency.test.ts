import fc from "fast-check";
import { expect, test } from "vitest";
import { buildAdjacency, directedPairs, lowerBound, undirectedPairs } from "./adjacency.js";
import { ABSENT, EntityDictionary } from "./entity-dictionary.js";

const NODES = 6;
const edges = fc.array(fc.tuple(fc.integer({ min: -1, max: NODES - 1 }), fc.integer({ min: -1, max: NODES - 1 })), { maxLength: 30 });
const rowsOf = (values: readonly number[]): Uint32Array => Uint32Array.from(values, (value) => (value === -1 ? ABSENT : value));

test("EX-30 EX-31 EX-37 adjacency lists neighbours ascending, drops dangling edges, and keeps or merges parallel ones", () => {
  fc.assert(
    fc.property(edges, fc.boolean(), fc.boolean(), (stored, isUndirected, keepsEdges) => {
      const forward = directedPairs(rowsOf(stored.map(([from]) => from)), rowsOf(stored.map(([, to]) => to)));
      const adjacency = buildAdjacency(isUndirected ? undirectedPairs(forward) : forward, NODES, NODES, keepsEdges);
      for (let node = 0; node < NODES; node++) {
        const expected: [number, number][] = [];
        stored.forEach(([from, to], edge) => {
          if (from === -1 || to === -1) return;
          if (from === node) expected.push([to, edge]);
          if (isUndirected && to === node && from !== to) expected.push([from, edge]);
        });
        const start = adjacency.offsets[node] as number;
        const end = adjacency.offsets[node + 1] as number;
        const neighbors = [...adjacency.neighbors.subarray(start, end)];
        const sorted = expected.map(([neighbor]) => neighbor).sort((a, b) => a - b);
        expect(neighbors).toEqual(keepsEdges ? sorted : [...new Set(sorted)]);
        if (keepsEdges) expect([...(adjacency.edges ?? new Uint32Array(0)).subarray(start, end)].sort()).toEqual(expected.map(([, edge]) => edge).sort());
        for (const wanted of neighbors) expect(adjacency.neighbors[lowerBound(adjacency.neighbors, start, end, wanted)]).toBe(wanted);
      }
      expect(adjacency.hasSelfLoops).toBe(stored.some(([from, to]) => from === to && from !== -1));
    }),
  );
});

test("the dictionary finds every stored hash and no other, also when low words collide", () => {
  const hashes = BigUint64Array.from({ length: 1000 }, (_, i) => (BigInt(i) << 32n) | BigInt(i % 7));
  const dictionary = new EntityDictionary({ kind: "u64", length: hashes.length, validity: undefined, values: hashes });
  for (let i = 0; i < hashes.length; i++) expect(dictionary.find(i % 7, i)).toBe(i);
  expect(dictionary.find(7, 7)).toBe(ABSENT);
  expect(new EntityDictionary({ kind: "u64", length: 0, validity: undefined, values: new BigUint64Array(0) }).find(0, 0)).toBe(ABSENT);
});
