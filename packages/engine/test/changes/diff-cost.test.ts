import { must } from "@omnigraphdb/common";
import { expect, test } from "vitest";
import type { GraphStorage, PinnedDataset, ScanOptions } from "../../src/storage/dataset-gateway.js";
import { brief, ChangingGraph } from "./changes-fixture.js";

const ROWS = 50_000;

/** Rows that scans give back, by the columns they were asked for. */
function counting(storage: GraphStorage, rows: Map<string, number>): GraphStorage {
  const count = async function* (dataset: PinnedDataset, options: ScanOptions) {
    for await (const batch of dataset.scan(options)) {
      const key = options.columns.join(" ");
      rows.set(key, (rows.get(key) ?? 0) + batch.rowCount);
      yield batch;
    }
  };
  const datasets = new Proxy(storage.datasets, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "openPinned") return typeof value === "function" ? (value.bind(target) as unknown) : value;
      return async (...[location, version]: Parameters<typeof target.openPinned>) => {
        const dataset = await target.openPinned(location, version);
        return new Proxy(dataset, {
          get(pinned, member) {
            if (member === "scan") return (options: ScanOptions) => count(pinned, options);
            const inner: unknown = Reflect.get(pinned, member);
            return typeof inner === "function" ? (inner.bind(pinned) as unknown) : inner;
          },
        });
      };
    },
  });
  return { ...storage, datasets, close: () => storage.close() };
}

test("CH-2 what a diff reads follows the number of changed rows, not the size of the type", async () => {
  const rows = new Map<string, number>();
  await using library = await ChangingGraph.create(undefined, { wrapStorage: (storage) => counting(storage, rows) });
  const authors = Array.from({ length: ROWS }, (_, i) => ({ type: "Author", data: { slug: `a${i}`, name: `n${i}` } }));
  const before = await library.load(authors, "append");
  await library.load([0, 1, 2, 3, 4].map((i) => ({ type: "Author", data: { slug: `a${i * 9_999}`, name: "other" } })));
  await library.load([{ type: "Author", data: { slug: "a7", name: "n7" } }]);
  const afterUpdates = await library.graph.headCommitId();
  rows.clear();
  const diff = await library.graph.diffCommits(before.graphCommitId, afterUpdates, { images: true });
  expect(diff.stats).toEqual({ inserts: 0, updates: 5, deletes: 0, typesAffected: ["Author"] });
  const read = [...rows.values()].reduce((sum, count) => sum + count, 0);
  expect(read, "6 rows written, looked up on the other side, and 5 images each").toBeLessThanOrEqual(6 + 6 + 5 + 5);

  // Which rows are gone, only the difference of two columns of hashes says.
  const removed = must(await library.mutate(`delete Author where slug = "a11"`), "a change");
  rows.clear();
  expect(brief(await library.changesOf(removed.graphCommitId))).toEqual(["delete node Author a11"]);
  expect([...rows].filter(([, count]) => count > 10)).toEqual([["__h", ROWS + ROWS - 1]]);
});
