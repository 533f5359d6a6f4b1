import { Failpoints, must, randomIds } from "@omnigraphdb/common";
import { findEntityType } from "@omnigraphdb/compiler";
import { describe, expect, test } from "vitest";
import { FormatGuard } from "../../src/manifest/format-version.js";
import { ManifestStore } from "../../src/manifest/manifest-store.js";
import type { DatasetPin } from "../../src/manifest/manifest.js";
import { Publisher, type PublishRequest } from "../../src/manifest/publisher.js";
import { datasetSchemaOf } from "../../src/storage/dataset-schema.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { MergeGraph } from "./merge-fixture.js";

const TYPE_KEY = "node:Item";
const item = (key: string, size: number): object => ({ type: "Item", data: { key, size } });

/** Publishes what no operation of ours does: a schema apply requires that `main` is alone, so only a race gets there. */
class Racer {
  readonly #store: ManifestStore;
  readonly #publisher: Publisher;

  constructor(uri: string) {
    const { manifest: table } = openGraphStorage(uri);
    this.#store = new ManifestStore(table);
    this.#publisher = new Publisher({ table, store: this.#store, format: new FormatGuard(table), failpoints: new Failpoints() });
  }

  /** @returns the state of the type that the branch showed until now */
  async drop(branch: string | null): Promise<DatasetPin> {
    const pin = must((await this.#store.readState(branch)).commit.pins.get(TYPE_KEY), "the type is shown");
    const { typeKey, typeId, incarnationId, publishedVersion } = pin;
    await this.#publish(branch, { updates: [], tombstones: [{ typeKey, typeId, incarnationId, version: publishedVersion + 1 }] });
    return pin;
  }

  register(branch: string | null, pin: DatasetPin): Promise<void> {
    return this.#publish(branch, { updates: [{ pin, expectedVersion: 0 }], tombstones: [] });
  }

  async #publish(branch: string | null, change: Pick<PublishRequest, "updates" | "tombstones">): Promise<void> {
    const { commit } = await this.#store.readState(branch);
    await this.#publisher.publish({
      ...change,
      branch,
      txId: randomIds.ulid(),
      commit: { graphCommitId: randomIds.ulid(), mergedParentCommitId: null, actorId: null, createdAt: commit.commit.createdAt + 1 },
      schemaIdentity: commit.schemaIdentity,
      recovery: null,
      on: { kind: "latest" },
    });
  }
}

async function created(): Promise<MergeGraph> {
  return MergeGraph.create("node Item {\n  key: String @key\n  size: I32?\n}\n");
}

/** An empty dataset of its own for the type, as the pin of a new incarnation of it. */
async function freshPin(graph: MergeGraph, dropped: DatasetPin): Promise<DatasetPin> {
  const location = { directory: "nodes/0000000000000001-00000000000000ff", nativeBranch: null };
  const type = must(findEntityType(graph.graph.schema.catalog, TYPE_KEY), "declared above");
  const publishedVersion = await openGraphStorage(graph.graph.uri).administration.createEmpty(location, datasetSchemaOf(type));
  return { ...dropped, incarnationId: 255n, location, publishedVersion, entityCount: 0 };
}

describe("types that come and go on one side only (§2.3)", () => {
  test("MG-34 another incarnation of the type on one side is a moved read set, never merged", async () => {
    await using graph = await created();
    await graph.graph.branchCreate("feature");
    const racer = new Racer(graph.graph.uri);
    await racer.register("feature", await freshPin(graph, await racer.drop("feature")));
    const head = await graph.graph.headCommitId();
    await expect(graph.graph.branchMerge("feature")).rejects.toMatchObject({
      code: "READ_SET_CHANGED",
      message: expect.stringContaining(`branch_merge_dataset_identity:${TYPE_KEY}`),
      effects: "none",
    });
    expect(await graph.graph.headCommitId()).toBe(head);
  });

  test("MG-35 a type that the base does not have and both sides do is merged as from an empty base", async () => {
    await using graph = await created();
    const racer = new Racer(graph.graph.uri);
    const pin = await freshPin(graph, await racer.drop(null));
    await graph.graph.branchCreate("feature");
    for (const branch of [null, "feature"]) await racer.register(branch, pin);
    await graph.load("feature", [item("a", 1), item("b", 2)]);
    await graph.load("main", [item("b", 2), item("c", 3)]);
    expect((await graph.graph.branchMerge("feature")).outcome).toBe("merged");
    expect((await graph.records("main")).map(({ data }) => data)).toMatchObject([item("a", 1), item("b", 2), item("c", 3)].map((record) => (record as { data: object }).data));
    await graph.load("feature", [item("d", 4)]);
    await graph.load("main", [item("d", 5)]);
    expect(await graph.conflicts("feature", "main")).toMatchObject([{ entityId: "d", kind: "divergent_insert" }]);
  });
});
