import { Failpoints, randomIds, systemClock } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import {
  FormatTooNewError,
  ManifestInvariantError,
  PublishedDatasetVersionMismatchError,
  ReadSetChangedError,
  RowLevelCasContentionError,
} from "../../src/manifest/errors.js";
import { COMPLETE_PIN_SET_TYPES_MAX } from "../../src/limits.js";
import { CURRENT_FORMAT_VERSION, FormatGuard } from "../../src/manifest/format-version.js";
import { BranchRegistryStore } from "../../src/manifest/branch-registry.js";
import { ManifestStore } from "../../src/manifest/manifest-store.js";
import type { BranchState, DatasetPin } from "../../src/manifest/manifest.js";
import { type DatasetUpdate, Publisher, type PublishRequest } from "../../src/manifest/publisher.js";
import { updateGraphRow } from "../../src/manifest/update-graph-row.js";
import { initGraph } from "../../src/open/init-graph.js";
import type { ManifestTable } from "../../src/storage/dataset-gateway.js";
import { StorageError } from "../../src/storage/errors.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { type GraphStorageHooks, hookGraphStorage } from "../../test-support/stores/faulty-graph-storage.js";

const TYPE_COUNT = 8;

function schemaOf(typeCount: number): string {
  return Array.from({ length: typeCount }, (_, index) => `node T${index} {\n  name: String @key\n}\n`).join("\n");
}

/** One publisher with a table handle and caches of its own, as another process would have. */
interface Peer {
  readonly table: ManifestTable;
  readonly store: ManifestStore;
  readonly publisher: Publisher;
  readonly hooks: GraphStorageHooks;
}

function openPeer(uri: string): Peer {
  const hooks: GraphStorageHooks = {};
  const table = hookGraphStorage(openGraphStorage(uri), hooks).manifest;
  const store = new ManifestStore(table);
  const publisher = new Publisher({ table, store, format: new FormatGuard(table), failpoints: new Failpoints() });
  return { table, store, publisher, hooks };
}

async function makeGraph(root: string, typeCount = TYPE_COUNT): Promise<string> {
  const uri = `${root}/graph`;
  await initGraph(uri, schemaOf(typeCount));
  return uri;
}

function pinOf(state: BranchState, typeKey: string): DatasetPin {
  const pin = state.commit.pins.get(typeKey);
  if (pin === undefined) throw new Error(`no pin of ${typeKey}`);
  return pin;
}

function request(state: BranchState, typeKey: string, on: "exact" | "latest" = "exact"): PublishRequest {
  const pin = pinOf(state, typeKey);
  return {
    branch: null,
    txId: randomIds.ulid(),
    commit: { graphCommitId: randomIds.ulid(), mergedParentCommitId: null, actorId: null, createdAt: 1780000000000000 },
    updates: [{ pin: { ...pin, publishedVersion: pin.publishedVersion + 1, entityCount: pin.entityCount + 1 }, expectedVersion: pin.publishedVersion }],
    tombstones: [],
    schemaIdentity: state.commit.schemaIdentity,
    recovery: null,
    on: on === "latest" ? { kind: "latest" } : { kind: "exact", incarnation: state.head.incarnation, headCommitId: state.head.commitId },
  };
}

describe("publish", () => {
  test.each([2, 8])("MAN-40 %i exact publishes on one head: one wins, the rest see that the read set changed", async (count) => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const peers = Array.from({ length: count }, () => openPeer(uri));
    const requests = await Promise.all(peers.map(async (peer, index) => request(await peer.store.readState(null), `node:T${index}`)));
    const outcomes = await Promise.allSettled(peers.map((peer, index) => peer.publisher.publish(requests[index] as PublishRequest)));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(ReadSetChangedError);
    const state = await openPeer(uri).store.readState(null);
    expect(state.head.version).toBe(2);
    const moved = [...state.commit.pins.values()].filter((pin) => pin.entityCount === 1);
    expect(moved).toHaveLength(1);
  });

  test("MAN-41 8 publishes of disjoint types on whatever the head is: a linear chain with every delta", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const peers = Array.from({ length: TYPE_COUNT }, () => openPeer(uri));
    const outcomes = await Promise.allSettled(
      peers.map(async (peer, index) => peer.publisher.publish(request(await peer.store.readState(null), `node:T${index}`, "latest"))),
    );
    const won = outcomes.filter((outcome) => outcome.status === "fulfilled").length;
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(RowLevelCasContentionError);
    const reader = openPeer(uri).store;
    const state = await reader.readState(null);
    expect(state.head.version).toBe(1 + won);
    expect([...state.commit.pins.values()].filter((pin) => pin.entityCount === 1)).toHaveLength(won);
    const commits = await reader.listCommits("main", state.head.version);
    commits.forEach((commit, index) => expect(commit.parentCommitId).toBe(commits[index - 1]?.graphCommitId ?? null));
  });

  test("MAN-20 WR-11 groups and single commits on one head: one wins, and nothing of the losers stays in the way", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    let expectedVersion = 1;
    for (let round = 0; round < 4; round++) {
      const peers = [1, 4, 2].map((size) => ({ size, peer: openPeer(uri) }));
      const states = await Promise.all(peers.map(({ peer }) => peer.store.readState(null)));
      const outcomes = await Promise.allSettled(
        peers.map(({ size, peer }, index) => {
          const state = states[index] as BranchState;
          return peer.publisher.publishGroup(Array.from({ length: size }, (_, type) => request(state, `node:T${type}`)), state);
        }),
      );
      const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
      expect(won).toHaveLength(1);
      expectedVersion += won[0]?.length ?? 0;
      const reader = openPeer(uri).store;
      const state = await reader.readState(null);
      expect(state.head.version).toBe(expectedVersion);
      expect(state.commit.commit.graphCommitId).toBe(won[0]?.at(-1)?.commit.graphCommitId);
      const commits = await reader.listCommits("main", expectedVersion);
      expect(commits.map((commit) => commit.graphManifestVersion)).toEqual(commits.map((_, index) => index + 1));
      commits.forEach((commit, index) => expect(commit.parentCommitId).toBe(commits[index - 1]?.graphCommitId ?? null));
      for (const record of won[0] ?? []) {
        expect(await openPeer(uri).store.findCommit("main", record.commit.graphManifestVersion)).toEqual(record);
        expect(await openPeer(uri).store.listCommits("main", record.commit.graphManifestVersion, record.commit.graphManifestVersion - 1)).toEqual([record.commit]);
      }
    }
  });

  test("MAN-22 WR-11 a group whose reply is lost is found published", async () => {
    await using dir = await makeTempDir();
    const { store, publisher, hooks } = openPeer(await makeGraph(dir.path));
    const state = await store.readState(null);
    hooks.afterMerge = () => {
      throw new Error("reply lost");
    };
    const records = await publisher.publishGroup([request(state, "node:T0"), request(state, "node:T1")]);
    expect(records.map(({ commit }) => commit.graphManifestVersion)).toEqual([2, 3]);
    store.forget();
    expect((await store.readState(null)).head.commitId).toBe(records[1]?.commit.graphCommitId);
  });

  test("MAN-30 MAN-42 OCC-2 a stale expected version, and a type that should be absent, are mismatches with both numbers", async () => {
    await using dir = await makeTempDir();
    const { store, publisher } = openPeer(await makeGraph(dir.path));
    const state = await store.readState(null);
    const good = request(state, "node:T0");
    const stale = { ...good, updates: good.updates.map((update) => ({ ...update, expectedVersion: 99 })) };
    await expect(publisher.publish(stale)).rejects.toBeInstanceOf(PublishedDatasetVersionMismatchError);
    await expect(publisher.publish(stale)).rejects.toThrow("stale view of node type 'T0': expected version 99 but current is 3 — refresh and retry");
    const absent = { ...good, updates: good.updates.map((update) => ({ ...update, expectedVersion: 0 })) };
    await expect(publisher.publish(absent)).rejects.toThrow("expected version 0 but current is 3");
  });

  test("MAN-32 MAN-43 a failure before the merge shows nothing; one after it has shown everything, with its commit", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const { store, publisher, hooks } = openPeer(uri);
    const first = request(await store.readState(null), "node:T0");
    hooks.beforeMerge = () => {
      throw new Error("crash");
    };
    await expect(publisher.publish(first)).rejects.toThrow("crash");
    expect((await openPeer(uri).store.readState(null)).head.version).toBe(1);
    delete hooks.beforeMerge;
    // The reply is lost, so the publisher looks; then the answer is that it is published (MAN-22).
    hooks.afterMerge = () => {
      throw new Error("reply lost");
    };
    const record = await publisher.publish(first);
    const seen = await openPeer(uri).store.readState(null);
    expect(seen.head.commitId).toBe(record.commit.graphCommitId);
    expect(pinOf(seen, "node:T0").entityCount).toBe(1);
  });

  test("MAN-48 the same operation again, after a lost reply, is the same commit", async () => {
    await using dir = await makeTempDir();
    const { store, publisher } = openPeer(await makeGraph(dir.path));
    const once = request(await store.readState(null), "node:T0");
    const first = await publisher.publish(once);
    const second = await publisher.publish(once);
    expect(second.commit).toEqual(first.commit);
    expect((await store.readState(null)).head.version).toBe(2);
  });

  test("MAN-22 a merge that a compaction overtook is tried again, because its commit row is not there", async () => {
    await using dir = await makeTempDir();
    const { store, publisher, hooks } = openPeer(await makeGraph(dir.path));
    const state = await store.readState(null);
    let mergeCount = 0;
    hooks.beforeMerge = () => {
      if (++mergeCount === 1) throw new StorageError("Transient", "retryable commit conflict");
    };
    await publisher.publish(request(state, "node:T0"));
    expect(mergeCount).toBe(2);
    hooks.beforeMerge = () => {
      throw new StorageError("Transient", "the store does not answer");
    };
    await expect(publisher.publish(request(await store.readState(null), "node:T1"))).rejects.toBeInstanceOf(RowLevelCasContentionError);
  });

  test("MAN-44 MAN-7 an unchanged entry is an internal error; nothing is written", async () => {
    await using dir = await makeTempDir();
    const { store, publisher } = openPeer(await makeGraph(dir.path));
    const state = await store.readState(null);
    const pin = pinOf(state, "node:T0");
    const unchanged = { ...request(state, "node:T0"), updates: [{ pin, expectedVersion: pin.publishedVersion }] };
    await expect(publisher.publish(unchanged)).rejects.toBeInstanceOf(ManifestInvariantError);
    expect((await store.readState(null)).head.version).toBe(1);
  });

  test("MAN-45 MAN-5 drop and re-add: a new incarnation; old snapshots still show the old one", async () => {
    await using dir = await makeTempDir();
    const { store, publisher } = openPeer(await makeGraph(dir.path));
    const state = await store.readState(null);
    const old = pinOf(state, "node:T0");
    const { typeKey, typeId, incarnationId, publishedVersion } = old;
    const drop = { ...request(state, "node:T0"), updates: [], tombstones: [{ typeKey, typeId, incarnationId, version: publishedVersion + 1 }] };
    await publisher.publish(drop);
    const dropped = await store.readState(null);
    expect(dropped.commit.pins.has("node:T0")).toBe(false);
    const fresh = { ...old, incarnationId: incarnationId + 100n, location: { directory: "nodes/new", nativeBranch: null }, publishedVersion: 1 };
    await publisher.publish({ ...request(dropped, "node:T1"), updates: [{ pin: fresh, expectedVersion: 0 }] });
    const added = await store.readState(null);
    expect(pinOf(added, "node:T0").incarnationId).toBe(incarnationId + 100n);
    expect(added.commit.registrations).toEqual(["node:T0"]);
    expect((await store.findCommit("main", 1))?.pins.get("node:T0")).toEqual(old);
  });

  test("MAN-45 SA-5 two types swap their names while a third takes the name of a dropped one, in one publish", async () => {
    await using dir = await makeTempDir();
    const { store, publisher } = openPeer(await makeGraph(dir.path));
    const state = await store.readState(null);
    const [first, second, dropped] = ["node:T0", "node:T1", "node:T2"].map((typeKey) => pinOf(state, typeKey)) as [DatasetPin, DatasetPin, DatasetPin];
    const rename = (pin: DatasetPin, to: string): DatasetUpdate => ({ pin: { ...pin, typeKey: to }, expectedVersion: pin.publishedVersion, replaces: pin.typeKey });
    const fresh = { ...dropped, incarnationId: dropped.incarnationId + 100n, location: { directory: "nodes/new", nativeBranch: null }, publishedVersion: 1 };
    await publisher.publish({
      ...request(state, "node:T0"),
      updates: [rename(first, second.typeKey), rename(second, first.typeKey), { pin: fresh, expectedVersion: 0 }],
      tombstones: [{ typeKey: dropped.typeKey, typeId: dropped.typeId, incarnationId: dropped.incarnationId, version: dropped.publishedVersion + 1 }],
      schemaIdentity: "sha256:after",
    });
    const after = await store.readState(null);
    expect(after.commit.schemaIdentity).toBe("sha256:after");
    expect(after.commit.registrations).toEqual(["node:T2"]);
    expect(pinOf(after, "node:T0")).toEqual({ ...second, typeKey: "node:T0" });
    expect(pinOf(after, "node:T1")).toEqual({ ...first, typeKey: "node:T1" });
    expect(pinOf(after, "node:T2")).toEqual(fresh);
    expect(after.commit.pins.size).toBe(state.commit.pins.size);
  });

  test("MAN-42 SA-5 a rename of a type that moved meanwhile is a mismatch; a new type needs a free name", async () => {
    await using dir = await makeTempDir();
    const { store, publisher } = openPeer(await makeGraph(dir.path));
    const state = await store.readState(null);
    const pin = pinOf(state, "node:T0");
    const stale = { ...request(state, "node:T0"), updates: [{ pin: { ...pin, typeKey: "node:New" }, expectedVersion: 99, replaces: "node:T0" }] };
    await expect(publisher.publish(stale)).rejects.toBeInstanceOf(PublishedDatasetVersionMismatchError);
    const occupied = { ...request(state, "node:T0"), updates: [{ pin: { ...pin, typeKey: "node:T1", incarnationId: 999n }, expectedVersion: 0 }] };
    await expect(publisher.publish(occupied)).rejects.toBeInstanceOf(PublishedDatasetVersionMismatchError);
    const rename = { pin: { ...pin, typeKey: "node:T1" }, expectedVersion: pin.publishedVersion, replaces: "node:T0" };
    await expect(publisher.publish({ ...request(state, "node:T0"), updates: [rename] })).rejects.toBeInstanceOf(ManifestInvariantError);
    expect((await store.readState(null)).head.version).toBe(1);
  });

  test("MAN-24 with very many types a commit row holds the difference to a complete one, and reads back whole", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path, COMPLETE_PIN_SET_TYPES_MAX + 2);
    const { store, publisher, table } = openPeer(uri);
    for (let index = 0; index < 4; index++) await publisher.publish(request(await store.readState(null), `node:T${index}`));
    const row = (await table.readRows(["commit/main/5"])).get("commit/main/5");
    expect(JSON.parse(row?.payload ?? "{}")).toMatchObject({ pin_base: "commit/main/1" });
    const state = await openPeer(uri).store.readState(null);
    expect(state.commit.pins.size).toBe(COMPLETE_PIN_SET_TYPES_MAX + 2);
    expect([...state.commit.pins.values()].filter((pin) => pin.entityCount === 1)).toHaveLength(4);
    expect((await openPeer(uri).store.findCommit("main", 3))?.pins.get("node:T3")?.entityCount).toBe(0);
  });

  test("MAN-24 MAN-21 MAN-23 a branch continues the numbers of its source on rows of its own", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path, COMPLETE_PIN_SET_TYPES_MAX + 2);
    const { store, publisher, table } = openPeer(uri);
    for (let index = 0; index < 2; index++) await publisher.publish(request(await store.readState(null), `node:T${index}`));
    const registry = new BranchRegistryStore({ table, store, format: new FormatGuard(table), clock: systemClock });
    const incarnation = randomIds.ulid();
    const main = await store.readState(null);
    await registry.create({ name: "review", incarnation, parent: "main" }, main, () => undefined);
    const inherited = await openPeer(uri).store.readState("review");
    expect(inherited.head).toEqual({ ...main.head, incarnation });
    expect(inherited.commit).toEqual(main.commit);
    for (let index = 2; index < 4; index++) {
      await publisher.publish({ ...request(await store.readState("review"), `node:T${index}`), branch: "review" });
    }
    await publisher.publish(request(await store.readState(null), "node:T9"));
    const keys = [`commit/${incarnation}/4`, `commit/${incarnation}/5`];
    const rows = await table.readRows(keys);
    expect(keys.map((key) => (JSON.parse(rows.get(key)?.payload ?? "{}") as { pin_base?: string | null }).pin_base)).toEqual([null, keys[0]]);
    const reader = openPeer(uri).store;
    const changed = (state: BranchState): readonly string[] => [...state.commit.pins.values()].filter((pin) => pin.entityCount === 1).map((pin) => pin.typeKey);
    const review = await reader.readState("review");
    expect(review.commit.commit).toMatchObject({ graphBranch: "review", graphManifestVersion: 5 });
    expect((await reader.findCommit(incarnation, 4))?.commit.parentCommitId).toBe(main.head.commitId);
    expect(changed(review)).toEqual(["node:T0", "node:T1", "node:T2", "node:T3"]);
    expect(changed(await reader.readState(null))).toEqual(["node:T0", "node:T1", "node:T9"]);
  });

  test("MAN-2 MAN-3 MAN-46 G-1 a reader beside a publisher only ever sees published states", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const writer = openPeer(uri);
    const reader = openPeer(uri).store;
    let isDone = false;
    const reading = (async (): Promise<number> => {
      let readCount = 0;
      while (!isDone) {
        const state = await reader.readState(null);
        const sum = [...state.commit.pins.values()].reduce((total, pin) => total + pin.entityCount, 0);
        expect(sum).toBe(state.head.version - 1);
        readCount++;
      }
      return readCount;
    })();
    try {
      for (let index = 0; index < 40; index++) {
        const state = await writer.store.readState(null);
        await writer.publisher.publish(request(state, `node:T${index % TYPE_COUNT}`), state);
      }
    } finally {
      isDone = true;
    }
    expect(await reading).toBeGreaterThan(1);
    expect((await reader.readState(null)).head.version).toBe(41);
  });

  test("MAN-47 MIG-2 a newer stamp refuses to publish, and writes nothing", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const { store, publisher, table } = openPeer(uri);
    const ready = request(await store.readState(null), "node:T0");
    await updateGraphRow(table, (graph) =>
      graph.formatVersion === CURRENT_FORMAT_VERSION ? { graph: { ...graph, formatVersion: CURRENT_FORMAT_VERSION + 1 }, alongside: [] } : undefined,
    );
    await expect(publisher.publish(ready)).rejects.toBeInstanceOf(FormatTooNewError);
    await expect(publisher.publish(ready)).rejects.toThrow(/version 5.*up to 4.*upgrade omnigraph/);
    expect((await store.readState(null)).head.version).toBe(1);
  });

  test("MAN-31 checks in their order: the stamp, the head, the versions, then what changes at all", async () => {
    await using dir = await makeTempDir();
    const { store, publisher, table } = openPeer(await makeGraph(dir.path));
    const state = await store.readState(null);
    const pin = pinOf(state, "node:T0");
    const unchanged: PublishRequest = { ...request(state, "node:T0"), updates: [{ pin, expectedVersion: pin.publishedVersion }] };
    const alsoStale: PublishRequest = { ...unchanged, updates: [{ pin, expectedVersion: 99 }] };
    const alsoElsewhere: PublishRequest = { ...alsoStale, on: { kind: "exact", incarnation: state.head.incarnation, headCommitId: randomIds.ulid() } };
    await expect(publisher.publish(unchanged)).rejects.toBeInstanceOf(ManifestInvariantError);
    await expect(publisher.publish(alsoStale)).rejects.toBeInstanceOf(PublishedDatasetVersionMismatchError);
    await expect(publisher.publish(alsoElsewhere)).rejects.toBeInstanceOf(ReadSetChangedError);
    await updateGraphRow(table, (graph) =>
      graph.formatVersion === CURRENT_FORMAT_VERSION ? { graph: { ...graph, formatVersion: CURRENT_FORMAT_VERSION + 1 }, alongside: [] } : undefined,
    );
    await expect(publisher.publish(alsoElsewhere)).rejects.toBeInstanceOf(FormatTooNewError);
    expect((await store.readState(null)).head.version).toBe(1);
  });

  test("MAN-49 compaction in a loop beside publishers loses, doubles and reorders nothing", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    const compactor = openPeer(uri);
    let isDone = false;
    const compacting = (async (): Promise<void> => {
      while (!isDone) {
        await compactor.table.compact().catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    let publishedCount = 0;
    const publishing = Promise.all(
      Array.from({ length: 2 }, async (_, index) => {
        const peer = openPeer(uri);
        for (let round = 0; round < 12; round++) {
          try {
            await peer.publisher.publish(request(await peer.store.readState(null), `node:T${index}`, "latest"));
            publishedCount++;
          } catch (error) {
            expect(error).toBeInstanceOf(RowLevelCasContentionError);
          }
        }
      }),
    );
    await publishing.finally(() => (isDone = true));
    await compacting;
    const { store } = openPeer(uri);
    const state = await store.readState(null);
    expect(state.head.version).toBe(1 + publishedCount);
    const commits = await store.listCommits("main", state.head.version);
    expect(commits.map((commit) => commit.graphManifestVersion)).toEqual(commits.map((_, index) => index + 1));
    expect(new Set(commits.map((commit) => commit.graphCommitId)).size).toBe(commits.length);
  });
});
