import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { InvalidBranchNameError, PublishedDatasetVersionMismatchError, ReadSetChangedError } from "../../src/manifest/errors.js";
import { initGraph } from "../../src/open/init-graph.js";
import { SidecarUnreadableError } from "../../src/recovery/errors.js";
import { RecoveryRequiredError } from "../../src/errors.js";
import { DatasetDriftError, InvalidPreconditionError, PreconditionFailedError } from "../../src/transaction/errors.js";
import type { WriteView } from "../../src/transaction/write-coordinator.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import { appendCompanies, appendPersons, appendWorksAt, DIRECT_SCHEMA, stage, updatePersons } from "../../test-support/writes/direct-write.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

const MAIN = { branch: null, actorId: null } as const;
const LEASELESS = { lease: { isEnabled: false } } as const;

async function makeGraph(root: string): Promise<string> {
  const uri = `${root}/graph`;
  await initGraph(uri, DIRECT_SCHEMA);
  await using process = await SimulatedProcess.start(uri);
  await process.writer.write(MAIN, stage("Load", appendPersons({ name: "ann", age: 1 }), appendCompanies("initech")));
  return uri;
}

/** Holds every preparation back until all `count` writers have captured the same head. */
function barrier(count: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (++arrived >= count) open();
    return opened;
  };
}

describe("W1 … W16", () => {
  test("WR-2 CM-2 CM-3 CM-4 a write of three types is one commit with its actor", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const { commit } = await process.writer.write(
      { branch: null, actorId: "act-maria" },
      stage("Load", appendPersons({ name: "bob", age: 2 }), appendCompanies("acme"), appendWorksAt({ id: "e1", person: "bob", company: "acme" })),
    );
    expect(commit).toMatchObject({ graphBranch: null, graphManifestVersion: 3, mergedParentCommitId: null, actorId: "act-maria" });
    expect(commit?.graphCommitId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(String(commit?.createdAt)).toHaveLength(16);
    await expectAtRest(process.graph);
  });

  test("W8 MU-7 nothing staged: no commit, storage untouched", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const before = await process.graph.access.manifest.readState(null);
    const outcome = await process.writer.write(MAIN, () => Promise.resolve({ staged: undefined, result: 7 }));
    expect(outcome).toEqual({ result: 7, commit: null });
    expect(await process.graph.access.manifest.readState(null)).toBe(before);
  });

  test("LD-5 RC-3 a load without records publishes a commit and writes no sidecar", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    process.dieAt(FAILPOINT.sidecarWrite);
    const { commit } = await process.writer.write(MAIN, stage("Load"));
    expect(commit?.graphManifestVersion).toBe(3);
  });

  test("W2 a blank branch name and an unknown branch are refused", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    await expect(process.writer.write({ branch: "  ", actorId: null }, stage("Load"))).rejects.toBeInstanceOf(InvalidBranchNameError);
    await expect(process.writer.write({ branch: "nope", actorId: null }, stage("Load"))).rejects.toThrow("branch 'nope' not found");
    await expect(process.writer.write({ branch: " main ", actorId: null }, stage("Load"))).resolves.toBeDefined();
  });

  test("WR-7 an aborted write leaves no trace", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const before = await readGraph(process.graph);
    const abort = new AbortController();
    const write = process.writer.write({ ...MAIN, signal: abort.signal }, (view: WriteView) => {
      abort.abort();
      return stage("Mutation", appendCompanies("acme"))(view);
    });
    await expect(write).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await readGraph(process.graph)).toEqual(before);
    await expectAtRest(process.graph);
  });

  test("IX compaction rides on the commit that makes a dataset too fragmented, and rows stay", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    for (let index = 0; index < 70; index++) {
      await process.writer.write(MAIN, stage("Mutation", appendPersons({ name: `p${String(index).padStart(3, "0")}`, age: index })));
    }
    const { commit } = await process.graph.access.manifest.readState(null);
    expect(commit.pins.get("node:Person")?.fragmentCount).toBeLessThan(20);
    const graph = await readGraph(process.graph);
    expect(graph["node:Person"]).toHaveLength(71);
    await expectAtRest(process.graph);
  });
});

describe("optimistic concurrency", () => {
  test("OCC-4 OCC-7 MAN-33 twenty writers that captured one head all succeed, one after the other", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const wait = barrier(20);
    let preparationCount = 0;
    const writes = Array.from({ length: 20 }, (_, index) =>
      process.writer.write(MAIN, async (view) => {
        preparationCount++;
        await wait();
        return stage("Mutation", appendCompanies(`c${index}`))(view);
      }),
    );
    const outcomes = await Promise.all(writes);
    expect(new Set(outcomes.map((outcome) => outcome.commit?.graphManifestVersion)).size).toBe(20);
    expect(preparationCount).toBeLessThanOrEqual(2 * 20);
    await expectAtRest(process.graph);
  });

  test("Q-6 writers of one branch prepare side by side and take effect one after the other, whatever their types", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const wait = barrier(4);
    const events: string[] = [];
    process.failpoints.arm(FAILPOINT.postSidecarPreFork, () => {
      events.push("effects begin");
    });
    process.failpoints.arm(FAILPOINT.sidecarDelete, () => {
      events.push("published");
    });
    const writes = [appendCompanies("c"), appendPersons({ name: "p", age: 1 }), appendCompanies("d"), appendPersons({ name: "q", age: 1 })];
    await Promise.all(
      writes.map((write) =>
        process.writer.write(MAIN, async (view) => {
          await wait();
          return stage("Mutation", write)(view);
        }),
      ),
    );
    expect(events).toEqual(Array.from({ length: 4 }, () => ["effects begin", "published"]).flat());
    await expectAtRest(process.graph);
  });

  test("OCC-7 two strict writers from one head: one wins, the other gets a conflict", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const wait = barrier(2);
    const update = (age: number): Promise<unknown> =>
      process.writer.write(MAIN, async (view) => {
        await wait();
        return stage("Mutation", updatePersons({ name: "ann", age }))(view);
      });
    const outcomes = await Promise.allSettled([update(10), update(11)]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(["fulfilled", "rejected"]);
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    expect(failure?.reason).toBeInstanceOf(PublishedDatasetVersionMismatchError);
    expect((failure?.reason as Error).message).toMatch(/stale view of .*expected version 4 but current is 5 — refresh and retry/);
    await expectAtRest(process.graph);
  });

  test("OCC-3 a strict writer conflicts with an unrelated commit on its branch", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const write = process.writer.write(MAIN, async (view) => {
      await process.writer.write(MAIN, stage("Mutation", appendCompanies("acme")));
      return stage("Mutation", updatePersons({ name: "ann", age: 5 }))(view);
    });
    await expect(write).rejects.toBeInstanceOf(ReadSetChangedError);
    await expect(write).rejects.toMatchObject({ member: "graph_head:main", retryable: true });
  });

  test("OCC-10 the write happens on the named head only", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const { head } = await process.graph.access.manifest.readState(null);
    const conditional = { ...MAIN, ifCommit: head.commitId };
    await expect(process.writer.write(conditional, stage("Mutation", appendCompanies("acme")))).resolves.toBeDefined();
    await expect(process.writer.write(conditional, stage("Mutation", appendCompanies("b")))).rejects.toBeInstanceOf(PreconditionFailedError);
    await expect(process.writer.write(conditional, () => Promise.resolve({ staged: undefined, result: 0 }))).rejects.toMatchObject({
      code: "PRECONDITION_FAILED",
      httpStatus: 412,
    });
    for (const text of ["*", 'W/"x"', "", "01jz"]) {
      await expect(process.writer.write({ ...MAIN, ifCommit: text }, stage("Load"))).rejects.toBeInstanceOf(InvalidPreconditionError);
    }
  });

  test("LE-8 without a lease two processes never lose a commit", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using first = await SimulatedProcess.start(uri, LEASELESS);
    await using second = await SimulatedProcess.start(uri, LEASELESS);
    let acknowledged = 0;
    const work = async (process: SimulatedProcess, prefix: string): Promise<void> => {
      for (let index = 0; index < 12; index++) {
        try {
          await process.writer.write(MAIN, stage("Mutation", appendCompanies(`${prefix}${index}`)));
          acknowledged++;
        } catch (error) {
          // Writers may see conflicts and recovery instead of waiting.
          expect((error as { code?: string }).code).toMatch(/READ_SET_CHANGED|WRITER_BUSY|MISMATCH|RECOVERY|DATASET|CONTENTION|STORAGE/);
        }
      }
    };
    await Promise.all([work(first, "a"), work(second, "b")]);
    await using after = await SimulatedProcess.start(uri);
    await expectAtRest(after.graph);
    const graph = await readGraph(after.graph);
    expect((graph["node:Company"] as unknown[]).length).toBeGreaterThanOrEqual(1 + acknowledged);
  });
});

describe("drift and pending sidecars", () => {
  test("OCC-20 uncovered drift is refused with the advice to repair", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const { access } = process.graph;
    const { commit } = await access.manifest.readState(null);
    const pin = commit.pins.get("node:Company");
    if (pin === undefined) throw new Error("no pin");
    const foreign = stage("Mutation", appendCompanies("foreign"));
    const { staged } = await foreign({ snapshot: { entries: new Map() } } as unknown as WriteView);
    const effect = staged?.datasets[0]?.effects[0];
    if (effect === undefined) throw new Error("no effect");
    await access.storage.datasets.applyEffect(pin.location, effect, pin.publishedVersion);
    const write = process.writer.write(MAIN, stage("Mutation", appendCompanies("acme")));
    await expect(write).rejects.toBeInstanceOf(DatasetDriftError);
    await expect(write).rejects.toThrow(/node:Company has HEAD version 5 ahead of manifest version 4; .*`omnigraph repair`/);
    await expect(process.writer.write(MAIN, stage("Mutation", appendPersons({ name: "bob", age: 1 })))).resolves.toBeDefined();
  });

  test("FM-6 OCC-20 a failing listing still refuses drift, with both ways out", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const { commit } = await process.graph.access.manifest.readState(null);
    const pin = commit.pins.get("node:Company");
    if (pin === undefined) throw new Error("no pin");
    await process.graph.access.storage.administration.restore(pin.location, pin.publishedVersion);
    let listCount = 0;
    process.failpoints.arm(FAILPOINT.sidecarList, () => {
      if (++listCount > 1) throw new Error("listing failed");
    });
    const write = process.writer.write(MAIN, stage("Mutation", appendCompanies("acme")));
    await expect(write).rejects.toThrow(/could not be classified \(listing failed\).*repair.*reopen the graph read-write/);
  });

  test("FM-10 OCC-21 WR-8 CM-6 RC-82 a half-done write blocks further writes until the graph is reopened", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    {
      await using process = await SimulatedProcess.start(uri);
      let effectCount = 0;
      process.hooks.beforeEffect = () => {
        if (++effectCount === 2) throw new Error("disk full");
      };
      const broken = process.writer.write(MAIN, stage("Load", appendCompanies("acme"), appendPersons({ name: "bob", age: 2 })));
      await expect(broken).rejects.toBeInstanceOf(RecoveryRequiredError);
      await expect(broken).rejects.toMatchObject({ effects: "possible", retryable: false, cause: { message: "disk full" } });
      const next = process.writer.write(MAIN, stage("Mutation", appendCompanies("later")));
      await expect(next).rejects.toThrow(/recovery required .*reopen the graph read-write/);
    }
    await using reopened = await SimulatedProcess.start(uri);
    await expectAtRest(reopened.graph);
    const graph = await readGraph(reopened.graph);
    expect(graph["node:Company"]).toEqual([["initech", "initech"]]);
    const { commit } = await reopened.graph.access.manifest.readState(null);
    expect(commit.commit.actorId).toBe("omnigraph:recovery");
  });

  test("FM-9 RC-80 RC-88 a failed publish is finished by the next write on the same handle, also a strict one", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    let mergeCount = 0;
    process.hooks.beforeMerge = () => {
      if (++mergeCount === 1) throw new Error("store down");
    };
    const failed = process.writer.write({ branch: null, actorId: "act-a" }, stage("Mutation", updatePersons({ name: "ann", age: 30 })));
    await expect(failed).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", cause: { message: "store down" } });
    const next = await process.writer.write(MAIN, stage("Mutation", updatePersons({ name: "ann", age: 31 })));
    expect(next.commit?.graphManifestVersion).toBe(4);
    const commits = await process.graph.access.manifest.listCommits("main", 4);
    expect(commits[2]).toMatchObject({ actorId: "act-a", graphManifestVersion: 3 });
    await expectAtRest(process.graph);
  });

  test("CA-3 what a heal has done is seen on the same handle, also when the heal then fails", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    let mergeCount = 0;
    process.hooks.beforeMerge = () => {
      if (++mergeCount === 1) throw new Error("store down");
    };
    await expect(process.writer.write(MAIN, stage("Mutation", updatePersons({ name: "ann", age: 30 })))).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    expect((await readGraph(process.graph))["node:Person"]).toEqual([["ann", 1]]);
    const { objects, layout } = process.graph.access;
    // Listed after the one that can be finished.
    await objects.writeText(layout.recoverySidecar("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), "{");
    await expect(process.writer.write(MAIN, stage("Load"))).rejects.toBeInstanceOf(SidecarUnreadableError);
    expect((await readGraph(process.graph))["node:Person"]).toEqual([["ann", 30]]);
  });

  test("MAN-48 a publish whose reply is lost is reported as published, once", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    process.hooks.afterMerge = () => {
      throw new Error("reply lost");
    };
    const { commit } = await process.writer.write(MAIN, stage("Mutation", appendCompanies("acme")));
    expect(commit?.graphManifestVersion).toBe(3);
    await expectAtRest(process.graph);
  });

  test("FM-1 WR-1 a sidecar that cannot be put costs nothing; the handle goes on", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const armed = process.failpoints.arm(FAILPOINT.sidecarWrite, () => {
      throw new Error("put failed");
    });
    await expect(process.writer.write(MAIN, stage("Load", appendCompanies("acme")))).rejects.toThrow("put failed");
    await expectAtRest(process.graph);
    armed[Symbol.dispose]();
    await expect(process.writer.write(MAIN, stage("Load", appendCompanies("acme")))).resolves.toBeDefined();
  });

  test("FM-3 RC-32 a sidecar that cannot be deleted does not fail the write; the next one records it once", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const armed = process.failpoints.arm(FAILPOINT.sidecarDelete, () => {
      throw new Error("delete failed");
    });
    const { commit } = await process.writer.write(MAIN, stage("Mutation", appendCompanies("acme")));
    armed[Symbol.dispose]();
    await process.writer.write(MAIN, stage("Mutation", appendCompanies("b")));
    await expectAtRest(process.graph);
    const { objects, layout } = process.graph.access;
    const [audit, ...others] = await objects.listDir(layout.auditDirectory);
    expect(others).toEqual([]);
    expect(JSON.parse(await objects.readText(audit ?? ""))).toMatchObject({
      recovery_kind: "RolledForward",
      graph_commit_id: commit?.graphCommitId,
      per_table_outcomes: [{ table_key: "node:Company", from_version: 4, to_version: 5 }],
    });
  });

  test("FM-4 FM-5 a failing sidecar listing fails writes and read-write opens", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using process = await SimulatedProcess.start(uri);
    process.failpoints.arm(FAILPOINT.sidecarList, () => {
      throw new Error("listing failed");
    });
    await expect(process.writer.write(MAIN, stage("Load"))).rejects.toThrow("listing failed");
    const opening = new SimulatedProcess();
    opening.failpoints.arm(FAILPOINT.sidecarList, () => {
      throw new Error("listing failed");
    });
    await expect(opening.open(uri)).rejects.toThrow("listing failed");
  });

  test("FM-7 RC-14 a corrupt sidecar blocks writes and read-write opens, stays, and is named", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    await using process = await SimulatedProcess.start(uri);
    const { objects, layout } = process.graph.access;
    const operationId = "01JZ0V9M3XK7B1N5Q8R2T4W6YZ";
    await objects.writeText(layout.recoverySidecar(operationId), "{");
    await expect(process.writer.write(MAIN, stage("Load"))).rejects.toBeInstanceOf(SidecarUnreadableError);
    await expect(SimulatedProcess.start(uri)).rejects.toThrow(operationId);
    expect(await objects.exists(layout.recoverySidecar(operationId))).toBe(true);
  });

  test("RC-15 residue of atomic writes in the sidecar directory is ignored", async () => {
    await using dir = await makeTempDir();
    await using process = await SimulatedProcess.start(await makeGraph(dir.path));
    const { objects, layout } = process.graph.access;
    await objects.writeText(`${layout.recoveryDirectory}/01JZ0V9M3XK7B1N5Q8R2T4W6YZ.json.tmp.9`, "{");
    await expect(process.writer.write(MAIN, stage("Load"))).resolves.toBeDefined();
  });

  test("WR-10 OCC-6 an effect that another writer overtook ends the write and is undone", async () => {
    await using dir = await makeTempDir();
    const uri = await makeGraph(dir.path);
    {
      await using process = await SimulatedProcess.start(uri);
      const { datasets } = process.graph.access.storage;
      let isDone = false;
      process.failpoints.arm(FAILPOINT.postForkPreCommit, async () => {
        if (isDone) return;
        isDone = true;
        const pin = (await process.graph.access.manifest.readState(null)).commit.pins.get("node:Company");
        const other = await stage("Load", appendCompanies("thief"))({ snapshot: { entries: new Map() } } as unknown as WriteView);
        const effect = other.staged?.datasets[0]?.effects[0];
        if (pin !== undefined && effect !== undefined) await datasets.applyEffect(pin.location, effect, pin.publishedVersion);
      });
      await expect(process.writer.write(MAIN, stage("Load", appendCompanies("acme")))).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    }
    await using reopened = await SimulatedProcess.start(uri);
    await expectAtRest(reopened.graph);
  });
});

test("G-19 a write in the steady state costs one listing and one publish", async () => {
  await using dir = await makeTempDir();
  await using process = await SimulatedProcess.start(await makeGraph(dir.path));
  await process.writer.write(MAIN, stage("Mutation", appendCompanies("a")));
  let listCount = 0;
  let mergeCount = 0;
  process.failpoints.arm(FAILPOINT.sidecarList, () => {
    listCount++;
  });
  process.hooks.beforeMerge = () => {
    mergeCount++;
  };
  await process.writer.write(MAIN, stage("Mutation", appendCompanies("b")));
  expect([listCount, mergeCount]).toEqual([1, 1]);
});
