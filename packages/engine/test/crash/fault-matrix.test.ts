/** The storage-fault matrix of the specification (engine-writes-recovery §10), row by row, on both kinds of storage. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Graph } from "../../src/graph.js";
import { FAILPOINT } from "../../src/failpoints.js";
import { openGraph } from "../../src/open/open-graph.js";
import { SidecarStore } from "../../src/recovery/sidecar-store.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import { appendCompanies, appendPersons, DIRECT_SCHEMA, stage } from "../../test-support/writes/direct-write.js";
import { company, FaultSite, type FaultyProcess, InjectedFault, person, SITES } from "./fault-site.js";

const ULID = "01JZ0V9M3XK7B1N5Q8R2T4W6YZ";
const TAGGED_SCHEMA = `${DIRECT_SCHEMA}\nnode Tag {\n  name: String @key\n}\n`;

/** Two types, so that one of them can fail. */
const TWO_TYPES = [person("cleo", 7), company("acme")].join("\n");

function load(graph: Graph, records: string, branch = "main"): Promise<unknown> {
  return graph.load(records, { mode: "append", branch, actor: "act-a" });
}

async function personIds(faulty: FaultyProcess, branch: string | null = null): Promise<readonly unknown[]> {
  const content = await readGraph(faulty.process.graph, branch);
  return (content["node:Person"] as [string, unknown][]).map(([id]) => id);
}

/** Writers of every kind: what one of them does, and how its effect shows. */
const WRITERS: Readonly<Record<string, (faulty: FaultyProcess) => Promise<unknown>>> = {
  Load: ({ graph }) => load(graph, TWO_TYPES),
  Mutation: ({ graph }) => graph.mutate('query add() { insert Person { name: "cleo", age: 7 } }', { actor: "act-a" }),
  BranchMerge: ({ graph }) => graph.branchMerge("side", "main", { actor: "act-a" }),
  SchemaApply: ({ graph }) => graph.applySchema(TAGGED_SCHEMA.replace("age: I32?", "age: I32?\n  mail: String?"), { actor: "act-a" }),
  EnsureIndices: ({ process }) =>
    process.writer.write({ branch: null, actorId: "act-a" }, (view) => {
      const effects = [{ kind: "buildIndex", index: { column: "age", kind: "btree" } }] as const;
      const entityCountAfter = view.snapshot.entries.get("node:Person")?.entityCount ?? 0;
      return Promise.resolve({ staged: { writerKind: "EnsureIndices", datasets: [{ typeKey: "node:Person", strictness: "merge", effects, entityCountAfter }] }, result: null });
    }),
  Optimize: ({ graph }) => graph.optimize({ actor: "act-a" }),
};

/** What a writer kind needs before it can write. */
async function prepareFor(kind: string, { graph }: FaultyProcess): Promise<void> {
  if (kind === "BranchMerge") {
    await graph.branchCreate("side");
    await load(graph, person("cleo", 7), "side");
    await load(graph, person("dora", 8));
  }
  if (kind === "Optimize") for (const name of ["eve", "fay", "gus"]) await load(graph, person(name, 1));
}

describe.each(SITES)("on %s", { timeout: 60_000 }, (kind) => {
  let site: FaultSite;

  beforeEach(async () => {
    site = await FaultSite.make(kind);
  });
  afterEach(() => site[Symbol.asyncDispose]());

  /** A load over two types whose second dataset fails: only a full recovery undoes the first. */
  async function leaveHalfLoad(faulty: FaultyProcess, branch = "main"): Promise<void> {
    let effectCount = 0;
    faulty.process.hooks.beforeEffect = () => {
      effectCount++;
      if (effectCount === 2) throw new InjectedFault("the second dataset fails");
    };
    await expect(load(faulty.graph, TWO_TYPES, branch)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", effects: "possible" });
    faulty.clear();
  }

  test("FM-1 the sidecar of a load cannot be written: nothing happens, and the handle goes on", async () => {
    await using faulty = await site.start();
    const before = await readGraph(faulty.process.graph);
    faulty.fail("writeText", "__recovery");
    await expect(load(faulty.graph, TWO_TYPES)).rejects.toThrow("writeText fails");
    expect(await readGraph(faulty.process.graph)).toEqual(before);
    await expectAtRest(faulty.process.graph);
    faulty.clear();
    await load(faulty.graph, TWO_TYPES);
    expect(await personIds(faulty)).toContain("cleo");
    expect(await faulty.audits()).toEqual([]);
  });

  test("FM-2 the sidecar of a merge of two diverged branches cannot be written: the target stays", async () => {
    await using faulty = await site.start();
    await prepareFor("BranchMerge", faulty);
    const head = await faulty.graph.headCommitId();
    faulty.fail("writeText", "__recovery");
    await expect(faulty.graph.branchMerge("side")).rejects.toThrow("writeText fails");
    expect(await faulty.graph.headCommitId()).toBe(head);
    await expectAtRest(faulty.process.graph);
    faulty.clear();
    expect(await faulty.graph.branchMerge("side")).toMatchObject({ outcome: "merged" });
    expect(await personIds(faulty)).toEqual(["ann", "bob", "cleo", "dora"]);
  });

  test("FM-3 RC-32 a finished sidecar cannot be deleted: the write succeeds, and the next one records it once", async () => {
    await using faulty = await site.start();
    faulty.fail("delete", "__recovery", { failCount: 1 });
    await load(faulty.graph, TWO_TYPES);
    const [operationId] = await faulty.sidecars();
    expect(operationId).toBeDefined();
    const { graphCommitId } = await faulty.graph.snapshot();
    await load(faulty.graph, person("dora", 8));
    expect(await faulty.audits()).toMatchObject([
      { operationId, graphCommitId, recoveryKind: "RolledForward", recoveryForActor: "act-a", sidecarWriterKind: "Load" },
    ]);
    expect((await faulty.audits())[0]?.perTableOutcomes.map(({ typeKey, fromVersion, toVersion }) => [typeKey, toVersion - fromVersion])).toEqual([
      ["node:Company", 1],
      ["node:Person", 1],
    ]);
    await expectAtRest(faulty.process.graph);
  });

  test("FM-4 the sidecars cannot be listed: a write fails loudly", async () => {
    await using faulty = await site.start();
    faulty.fail("listDir", "__recovery");
    await expect(load(faulty.graph, TWO_TYPES)).rejects.toThrow("listDir fails");
    faulty.clear();
    await expectAtRest(faulty.process.graph);
    expect(await personIds(faulty)).toEqual(["ann", "bob"]);
  });

  test("FM-5 the sidecars cannot be listed: a read-write open fails, and a later one recovers", async () => {
    await using victim = await site.start();
    await leaveHalfLoad(victim);
    await using faulty = site.process();
    faulty.fail("listDir", "__recovery");
    await expect(faulty.open()).rejects.toThrow("listDir fails");
    expect(await victim.sidecars()).toHaveLength(1);
    faulty.clear();
    await faulty.open();
    await expectAtRest(faulty.process.graph);
    expect(await faulty.auditKinds()).toEqual(["RolledBack"]);
  });

  async function driftPersons({ process }: FaultyProcess): Promise<void> {
    const { access } = process.graph;
    const pin = (await access.manifest.readState(null)).commit.pins.get("node:Person");
    if (pin === undefined) throw new Error("the graph has persons");
    const staged = appendPersons({ name: "zoe", age: 1 })({ snapshot: { entries: new Map() } } as never);
    for (const effect of staged.effects) await access.storage.datasets.applyEffect(pin.location, effect, pin.publishedVersion);
  }

  test("FM-6 OCC-20 the sidecars cannot be listed in the drift guard alone: the conflict names the cause and both ways out", async () => {
    await using faulty = await site.start();
    await driftPersons(faulty);
    faulty.fail("listDir", "__recovery", { skipCount: 1 });
    const written = load(faulty.graph, person("cleo", 7));
    await expect(written).rejects.toMatchObject({ code: "DATASET_DRIFT", category: "conflict" });
    await expect(written).rejects.toThrow(/node:Person has HEAD version \d+ ahead of manifest version \d+; .*could not be classified \(.*listDir fails\).*repair.*reopen the graph read-write/);
  });

  test.each([
    ["is no JSON", "{", /cannot be read/],
    ["has a version of the future", JSON.stringify({ schema_version: 3, operation_id: ULID }), /version 3, this engine reads versions up to 2/],
    ["has an unknown writer", JSON.stringify({ schema_version: 1, operation_id: ULID, started_at: "", branch: null, writer_kind: "Sorcery", tables: [] }), /unknown writer kind 'Sorcery'/],
  ])("FM-7 RC-14 a sidecar that %s: refused by writes and read-write opens, kept, no matter to readers", async (_name, text, problem) => {
    await using faulty = await site.start();
    const { objects, layout } = faulty.process.graph.access;
    await objects.writeText(layout.recoverySidecar(ULID), text);
    for (const attempt of [() => load(faulty.graph, TWO_TYPES), () => openGraph(site.uri, { mode: "rw", settings: site.settings })]) {
      const failed = attempt();
      await expect(failed).rejects.toThrow(problem);
      await expect(failed).rejects.toThrow(`__recovery/${ULID}.json`);
    }
    expect(await objects.readText(layout.recoverySidecar(ULID))).toBe(text);
    await using reader = await Graph.open(site.uri, { mode: "ro", settings: site.settings });
    expect((await reader.snapshot()).entries.size).toBe(3);
  });

  test("FM-8 RC-37 RC-62 the audit of a roll-forward cannot be written: the next pass writes it, once", async () => {
    await using victim = await site.start();
    victim.failNextPublish();
    await expect(load(victim.graph, TWO_TYPES)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    await using faulty = site.process();
    faulty.fail("writeTextIfAbsent", "__audit");
    await expect(faulty.open()).rejects.toThrow("writeTextIfAbsent fails");
    expect(await victim.sidecars()).toHaveLength(1);
    faulty.clear();
    await faulty.open();
    expect(await faulty.auditKinds()).toEqual(["RolledForward"]);
    expect(await personIds(faulty)).toContain("cleo");
    await expectAtRest(faulty.process.graph);
  });

  describe.each(Object.entries(WRITERS))("FM-9 FM-18 RC-35 the publish of a %s fails after its effects", (writerKind, write) => {
    test("RC-88 the next write on the same handle finishes it first", async () => {
      await using faulty = await site.start();
      await prepareFor(writerKind, faulty);
      faulty.failNextPublish();
      await expect(write(faulty)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", effects: "possible" });
      const sidecars = await faulty.sidecars();
      expect(sidecars).toHaveLength(1);
      await load(faulty.graph, person("hal", 9));
      expect(await faulty.audits()).toMatchObject([{ operationId: sidecars[0], recoveryKind: "RolledForward", recoveryForActor: "act-a", sidecarWriterKind: writerKind }]);
      await expectFinished(faulty, writerKind);
    });

    // One way to recover is enough on the slower site.
    test.runIf(kind === "local files")("a read-write open finishes it", async () => {
      {
        await using victim = await site.start();
        await prepareFor(writerKind, victim);
        victim.failNextPublish();
        await expect(write(victim)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
      }
      await using faulty = await site.start();
      expect(await faulty.audits()).toMatchObject([{ recoveryKind: "RolledForward", sidecarWriterKind: writerKind }]);
      await expectFinished(faulty, writerKind);
    });
  });

  /** The effect is there, once, by the commit and actor of the interrupted operation (RC-36). */
  async function expectFinished(faulty: FaultyProcess, writerKind: string): Promise<void> {
    await expectAtRest(faulty.process.graph);
    const [audit] = await faulty.audits();
    const commit = await faulty.graph.getCommit(audit?.graphCommitId ?? "");
    expect(commit.actorId).toBe("act-a");
    if (["Load", "Mutation", "BranchMerge"].includes(writerKind)) expect(await personIds(faulty)).toContain("cleo");
    if (writerKind === "BranchMerge") {
      expect(commit.mergedParentCommitId).toBe(await faulty.graph.headCommitId("side"));
      expect(await faulty.graph.branchMerge("side")).toMatchObject({ outcome: "already_up_to_date" });
    }
    if (writerKind === "SchemaApply") {
      await faulty.graph.load('{"type":"Tag","data":{"name":"new"}}\n{"type":"Person","data":{"name":"ivy","mail":"i@x"}}', { mode: "append" });
      await expectAtRest(faulty.process.graph);
    }
  }

  test("FM-10 OCC-21 RC-45 a load that failed half-way: writers are sent to a reopen, which undoes all of it", async () => {
    await using faulty = await site.start();
    await using other = await site.start();
    const before = await readGraph(faulty.process.graph);
    const { graphManifestVersion } = await faulty.graph.snapshot();
    await leaveHalfLoad(faulty);
    for (const { graph } of [faulty, other]) {
      const written = load(graph, person("dora", 8));
      await expect(written).rejects.toMatchObject({ code: "RECOVERY_REQUIRED", effects: "none" });
      await expect(written).rejects.toThrow("reopen the graph read-write");
    }
    await using reopened = await site.start();
    expect(await readGraph(reopened.process.graph)).toEqual(before);
    await expectAtRest(reopened.process.graph);
    const [audit] = await reopened.audits();
    expect(audit).toMatchObject({ recoveryKind: "RolledBack", recoveryForActor: "act-a" });
    expect(audit?.perTableOutcomes).toMatchObject([{ typeKey: "node:Company" }]);
    // Published = HEAD takes a commit of recovery's own (RC-46).
    expect(await reopened.graph.getCommit(audit?.graphCommitId ?? "")).toMatchObject({
      actorId: "omnigraph:recovery",
      graphManifestVersion: graphManifestVersion + 1,
    });
    await load(faulty.graph, TWO_TYPES);
    expect(await personIds(faulty)).toContain("cleo");
  });

  /** A deferred sidecar on branch `f`: two owned datasets, one of which moved. */
  async function leaveHalfLoadOnBranch(faulty: FaultyProcess): Promise<void> {
    await faulty.graph.branchCreate("f");
    await load(faulty.graph, [person("on-f", 1), company("on-f")].join("\n"), "f");
    await leaveHalfLoad(faulty, "f");
  }

  test.each([
    ["FM-11 the sidecar cannot be deleted", "delete", "__recovery"],
    ["FM-12 the audit cannot be written", "writeTextIfAbsent", "__audit"],
  ] as const)("%s when an orphan is discarded: one record after the retry (RC-56)", async (_name, operation, directory) => {
    await using faulty = await site.start();
    await leaveHalfLoadOnBranch(faulty);
    await faulty.graph.branchDelete("f");
    faulty.fail(operation, directory, { failCount: 1 });
    await expect(load(faulty.graph, person("cleo", 7))).rejects.toThrow(`${operation} fails`);
    expect(await faulty.sidecars()).toHaveLength(1);
    await load(faulty.graph, person("cleo", 7));
    expect(await faulty.audits()).toMatchObject([{ recoveryKind: "OrphanedBranchDiscarded", recoveryForActor: "act-a", sidecarWriterKind: "Load", perTableOutcomes: [] }]);
    await expectAtRest(faulty.process.graph);
  });

  test("FM-13 RC-48 the publish of a roll-back fails after its restore: the next open converges", async () => {
    await using victim = await site.start();
    const before = await readGraph(victim.process.graph);
    await leaveHalfLoad(victim);
    await using faulty = site.process();
    faulty.failNextPublish();
    await expect(faulty.open()).rejects.toThrow("the publish fails");
    expect(await victim.sidecars()).toHaveLength(1);
    await using reopened = await site.start();
    expect(await readGraph(reopened.process.graph)).toEqual(before);
    expect(await reopened.auditKinds()).toEqual(["RolledBack"]);
    await expectAtRest(reopened.process.graph);
  });

  test("FM-14 RC-71 RC-87 a heal beside a schema apply that is under way waits for it and steals nothing", async () => {
    await using faulty = await site.start();
    const other = await faulty.process.handle();
    let resume = (): void => undefined;
    const staged = new Promise<void>((reached) => {
      faulty.process.failpoints.arm(FAILPOINT.schemaAfterStagingWrite, () => {
        reached();
        return new Promise<void>((resolve) => (resume = resolve));
      });
    });
    const applying = faulty.graph.applySchema(TAGGED_SCHEMA);
    await staged;
    const written = load(other, '{"type":"Tag","data":{"name":"new"}}');
    const refreshed = other.refresh();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await faulty.sidecars()).toHaveLength(1);
    resume();
    expect(await applying).toMatchObject({ applied: true });
    await Promise.all([written, refreshed]);
    expect(await faulty.audits()).toEqual([]);
    await expectAtRest(faulty.process.graph);
  });

  test.each([
    ["load", (graph: Graph) => load(graph, '{"type":"Tag","data":{"name":"new"}}')],
    ["mutation", (graph: Graph) => graph.mutate('query add() { insert Tag { name: "new" } }')],
  ])("FM-15 RC-85 a schema apply that is staged but not published: a %s of its new type on the same handle completes it", async (_name, write) => {
    await using faulty = await site.start();
    faulty.failNextPublish();
    await expect(faulty.graph.applySchema(TAGGED_SCHEMA)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    await write(faulty.graph);
    expect(await faulty.auditKinds()).toEqual(["RolledForward"]);
    await faulty.graph.snapshot();
    expect(faulty.graph.schema.source).toBe(TAGGED_SCHEMA);
    await expectAtRest(faulty.process.graph);
  });

  test("FM-16 OCC-20 drift on main is not explained by a sidecar of a branch: repair is advised", async () => {
    await using faulty = await site.start();
    await leaveHalfLoadOnBranch(faulty);
    await driftPersons(faulty);
    const written = load(faulty.graph, person("cleo", 7));
    await expect(written).rejects.toMatchObject({ code: "DATASET_DRIFT" });
    await expect(written).rejects.toThrow("run `omnigraph repair` before writing");
    // What is not touched can be written.
    await load(faulty.graph, company("acme"));
    await expect(load(faulty.graph, person("x", 1), "f")).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
  });

  test.each(["the next write", "the next open"])("FM-17 RC-55 RC-57 the branch of a deferred sidecar is deleted: %s succeeds and records it", async (by) => {
    await using faulty = await site.start();
    await leaveHalfLoadOnBranch(faulty);
    await faulty.graph.branchDelete("f");
    await using next = by === "the next write" ? undefined : await site.start();
    await load((next ?? faulty).graph, person("cleo", 7));
    expect(await faulty.auditKinds()).toEqual(["OrphanedBranchDiscarded"]);
    await expectAtRest(faulty.process.graph);
    const { administration } = faulty.process.graph.access.storage;
    const { commit } = await faulty.process.graph.access.manifest.readState(null);
    for (const { location } of commit.pins.values()) expect(await administration.listForks(location.directory)).toEqual([]);
  });

  test("FM-17 RC-55 BR-6 the branch was made again under the same name: the sidecar is none of its business", async () => {
    await using faulty = await site.start();
    await leaveHalfLoadOnBranch(faulty);
    await faulty.graph.branchDelete("f");
    await faulty.graph.branchCreate("f");
    await load(faulty.graph, person("again", 1), "f");
    expect(await faulty.auditKinds()).toEqual(["OrphanedBranchDiscarded"]);
    expect(await personIds(faulty, "f")).toEqual(["again", "ann", "bob"]);
    await expectAtRest(faulty.process.graph);
  });

  test("FM-19 RC-90 two sidecars, the second prepared on the commit of the first: both converge, in order", async () => {
    await using faulty = await site.start();
    faulty.failNextPublish();
    await expect(load(faulty.graph, person("cleo", 7))).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    const { access } = faulty.process.graph;
    const sidecars = new SidecarStore(access.objects, access.layout, faulty.process.failpoints);
    const first = await sidecars.find((await sidecars.list())[0] ?? "");
    const { commit, head } = await access.manifest.readState(null);
    const pin = commit.pins.get("node:Company");
    if (first?.intendedCommit == null || pin === undefined) throw new Error("there is a sidecar, and there are companies");
    const staged = appendCompanies("acme")({ snapshot: { entries: new Map([["node:Company", { entityCount: 1 }]]) } } as never);
    for (const effect of staged.effects) await access.storage.datasets.applyEffect(pin.location, effect, pin.publishedVersion);
    const plannedVersion = pin.publishedVersion + 1;
    await sidecars.write({
      ...first,
      operationId: "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
      pins: [
        {
          ...{ typeKey: pin.typeKey, typeId: pin.typeId, incarnationId: pin.incarnationId, directory: pin.location.directory, nativeBranch: null, forkedFrom: null },
          ...{ expectedVersion: pin.publishedVersion, plannedVersion, confirmedVersion: plannedVersion, entityCountAfter: 2, fragmentCountAfter: 2, revisionFloor: 0 },
        },
      ],
      intendedCommit: {
        ...first.intendedCommit,
        graphCommitId: "7ZZZZZZZZZZZZZZZZZZZZZZZZY",
        graphManifestVersion: head.version + 2,
        parentCommitId: first.intendedCommit.graphCommitId,
      },
    });
    await load(faulty.graph, person("dora", 8));
    expect(await faulty.auditKinds()).toEqual(["RolledForward", "RolledForward"]);
    const commits = await faulty.graph.listCommits();
    expect(commits.slice(1, 3).map((item) => item.graphCommitId)).toEqual(["7ZZZZZZZZZZZZZZZZZZZZZZZZY", first.intendedCommit.graphCommitId]);
    await expectAtRest(faulty.process.graph);
  });

  test.each([
    ["by the next write", true],
    ["by reopening", false],
  ])("FM-20 SA-4a a schema apply that only adds a type and was not published is finished %s", async (_name, isSameHandle) => {
    await using faulty = await site.start();
    faulty.failNextPublish();
    await expect(faulty.graph.applySchema(TAGGED_SCHEMA)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    await using next = isSameHandle ? undefined : await site.start();
    const { graph, process } = next ?? faulty;
    await load(graph, person("cleo", 7));
    const [audit] = await faulty.audits();
    expect(audit).toMatchObject({ recoveryKind: "RolledForward", sidecarWriterKind: "SchemaApply", perTableOutcomes: [{ typeKey: "node:Tag", fromVersion: 0 }] });
    await load(graph, '{"type":"Tag","data":{"name":"new"}}');
    await expectAtRest(process.graph);
  });

  test("FM-21 RC-49 a write dies between its fork and its first effect: reopening removes the fork, and the branch shows what it inherited", async () => {
    {
      await using victim = await site.start();
      await victim.graph.branchCreate("f");
      victim.process.dieAt(FAILPOINT.postForkPreCommit);
      await expect(victim.process.writer.write({ branch: "f", actorId: null }, stage("Mutation", appendPersons({ name: "cleo", age: 7 })))).rejects.toThrow();
    }
    await using faulty = await site.start();
    await expectAtRest(faulty.process.graph);
    expect(await faulty.auditKinds()).toEqual(["RolledBack"]);
    expect(await personIds(faulty, "f")).toEqual(["ann", "bob"]);
    await load(faulty.graph, person("cleo", 7), "f");
    expect(await personIds(faulty, "f")).toEqual(["ann", "bob", "cleo"]);
    await expectAtRest(faulty.process.graph);
  });
});
