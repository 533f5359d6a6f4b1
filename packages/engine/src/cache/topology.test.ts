import fc from "fast-check";
import { expect, test } from "vitest";
import { advanceAdjacency, rowMoves, type RowMoves } from "../adjacency/advance-adjacency.js";
import { type Adjacency, buildAdjacency, directedPairs, type EdgePairs, undirectedPairs } from "../adjacency/adjacency.js";
import { ABSENT, EntityDictionary } from "../adjacency/entity-dictionary.js";
import type { Uint64Column } from "../columnar/column.js";
import { decodeCacheFile, encodeCacheFile } from "./cache-file-format.js";
import { decodeAdjacency, decodeDictionary, encodeAdjacency, encodeDictionary } from "./topology-file.js";

const column = (hashes: readonly number[]): Uint64Column => ({ kind: "u64", length: hashes.length, validity: undefined, values: BigUint64Array.from(hashes, (hash) => BigInt(hash)) });

const throughFile = (sections: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const file = new Uint8Array(Buffer.concat(encodeCacheFile("a/b", sections)));
  const decoded = decodeCacheFile(file);
  if (decoded?.title !== "a/b") throw new TypeError("the file is not what was written");
  return decoded.payload;
};

/** An order of nodes, by hash, and edges between them. */
interface Model {
  readonly nodes: readonly number[];
  readonly edges: readonly (readonly [number, number])[];
}

const HASHES = 12;
const nodeOrder = fc.uniqueArray(fc.integer({ min: 1, max: HASHES }), { maxLength: HASHES });
const edgeList = fc.array(fc.tuple(fc.integer({ min: 1, max: HASHES }), fc.integer({ min: 1, max: HASHES })), { maxLength: 30 });

function pairsOf(dictionary: EntityDictionary, edges: Model["edges"]): EdgePairs {
  const rows = (position: 0 | 1): Uint32Array => {
    const out = new Uint32Array(edges.length);
    dictionary.findAll(column(edges.map((edge) => edge[position])), out, 0);
    return out;
  };
  return directedPairs(rows(0), rows(1));
}

function moves(earlier: EntityDictionary, later: EntityDictionary): RowMoves | undefined {
  const words = later.hashWords;
  return earlier.isPrefixOf(words) ? undefined : rowMoves(earlier.rowCount, later.rowCount, (row) => earlier.find(words[2 * row] as number, words[2 * row + 1] as number));
}

test("CA-5 a topology carried over to a later version is the one that would be built", () => {
  let advanced = 0;
  fc.assert(
    fc.property(nodeOrder, nodeOrder, edgeList, edgeList, fc.boolean(), (nodes, laterNodes, edges, addedEdges, isUndirected) => {
      const before = new EntityDictionary(column(nodes));
      const after = EntityDictionary.advanced(before, column(laterNodes));
      const build = (dictionary: EntityDictionary, all: Model["edges"]): Adjacency => {
        const pairs = pairsOf(dictionary, all);
        return buildAdjacency(isUndirected ? undirectedPairs(pairs) : pairs, dictionary.rowCount, dictionary.rowCount, false);
      };
      const earlier = build(before, edges);
      if (!earlier.isComplete) return;
      const added = pairsOf(after, addedEdges);
      const rowMovesOf = moves(before, after);
      const later = advanceAdjacency(earlier, {
        originMoves: rowMovesOf,
        neighborMoves: rowMovesOf,
        added: isUndirected ? undirectedPairs(added) : added,
        originRowCount: after.rowCount,
        neighborRowCount: after.rowCount,
      });
      expect(later).toEqual(build(after, [...edges, ...addedEdges]));
      advanced++;
    }),
    { numRuns: 1000 },
  );
  expect(advanced).toBeGreaterThan(50);
});

test("CA-5 a dictionary that is advanced finds what one made anew finds", () => {
  fc.assert(
    fc.property(nodeOrder, nodeOrder, fc.boolean(), (earlierRows, laterRows, isExtended) => {
      const all = isExtended ? [...new Set([...earlierRows, ...laterRows])] : laterRows;
      const advanced = EntityDictionary.advanced(new EntityDictionary(column(earlierRows)), column(all));
      for (let hash = 0; hash <= HASHES; hash++) expect(advanced.find(hash, 0)).toBe(all.includes(hash) ? all.indexOf(hash) : ABSENT);
    }),
  );
});

test("CA-4 topology and dictionaries come back from files as they were, with and without edges", () => {
  const pairs = directedPairs(Uint32Array.of(0, 0, 2, 1, 0), Uint32Array.of(1, 1, 0, 1, ABSENT));
  for (const keepsEdges of [true, false]) {
    const adjacency = buildAdjacency(pairs, 3, 2, keepsEdges);
    const stored = { identity: "what\nit is", edgeCount: 5, adjacency };
    expect(decodeAdjacency(throughFile(encodeAdjacency(stored)))).toEqual(stored);
  }
  const dictionary = decodeDictionary(throughFile(encodeDictionary(new EntityDictionary(column([5, 9, 3])))));
  expect([3, 5, 9, 4].map((hash) => dictionary?.find(hash, 0))).toEqual([2, 0, 1, ABSENT]);
  expect(decodeAdjacency(new Uint8Array(16))).toBeUndefined();
  expect(decodeAdjacency(throughFile([new Uint8Array(Uint32Array.of(0, 100, 100, 1, 0, 0).buffer)]))).toBeUndefined();
  expect(decodeDictionary(throughFile([new Uint8Array(Uint32Array.of(100).buffer)]))).toBeUndefined();
});
