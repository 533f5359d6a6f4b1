/** What the fault matrix does not name: forks, loose operations, schema files, locks, and who may be undone by whom. */
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import type { AcceptedSchema } from "@omnigraphdb/compiler";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";
import { Graph } from "../../src/graph.js";
import { SCHEMA_LOCK_BRANCH } from "../../src/manifest/branch-names.js";
import type { DatasetPin } from "../../src/manifest/manifest.js";
import { SidecarStore } from "../../src/recovery/sidecar-store.js";
import type { Sidecar } from "../../src/recovery/sidecar.js";
import { expectAtRest, readGraph } from "../../test-support/writes/check-graph.js";
import { appendCompanies, appendPersons, DIRECT_SCHEMA, type DirectWrite, stage } from "../../test-support/writes/direct-write.js";
import { FaultSite, type FaultyProcess, InjectedFault, person } from "./fault-site.js";

const TAGGED_SCHEMA = `${DIRECT_SCHEMA}\nnode Tag {\n  name: String @key\n}\n`;
const CLEO = appendPersons({ name: "cleo", age: 7 });

let site: FaultSite;
beforeEach(async () => {
  site = await FaultSite.make("local files");
});
afterEach(() => site[Symbol.asyncDispose]());

function write({ process }: FaultyProcess, branch: string | null, kind: "Mutation" | "Optimize", ...writes: readonly DirectWrite[]): Promise<unknown> {
  return process.writer.write({ branch, actorId: "act-a" }, stage(kind, ...writes));
}

async function personIds(faulty: FaultyProcess, branch: string | null = null): Promise<readonly unknown[]> {
  const content = await readGraph(faulty.process.graph, branch);
  return (content["node:Person"] as [string, unknown][]).map(([id]) => id);
}

async function pinOf({ process }: FaultyProcess, typeKey: string, branch: string | null = null): Promise<DatasetPin> {
  const pin = (await process.graph.access.manifest.readState(branch)).commit.pins.get(typeKey);
  if (pin === undefined) throw new Error(`${typeKey} is not shown`);
  return pin;
}

function sidecarStore({ process }: FaultyProcess): SidecarStore {
  const { objects, layout } = process.graph.access;
  return new SidecarStore(objects, layout, process.failpoints);
}

async function onlySidecar(faulty: FaultyProcess): Promise<Sidecar> {
  const store = sidecarStore(faulty);
  const [operationId = ""] = await store.list();
  const sidecar = await store.find(operationId);
  if (sidecar === undefined) throw new Error("there is no sidecar");
  return sidecar;
}

function failSecondDataset({ process }: FaultyProcess): void {
  let effectCount = 0;
  process.hooks.beforeEffect = () => {
    effectCount++;
    if (effectCount === 2) throw new InjectedFault("the second dataset fails");
  };
}

/** A write of two types to `branch` that dies after the first of them. */
async function dieHalfWay(branch: string | null): Promise<void> {
  await using victim = await site.start();
  victim.process.dieAt(FAILPOINT.postTableCommit);
  await expect(write(victim, branch, "Mutation", CLEO, appendCompanies("acme"))).rejects.toThrow();
}

describe("forks of an interrupted write", () => {
  test("RC-49 a fork that nobody published needs no restore: a running process removes it before its next write", async () => {
    await using survivor = await site.start();
    await survivor.graph.branchCreate("f");
    const { graphManifestVersion } = await survivor.graph.snapshot({ branch: "f" });
    failSecondDataset(survivor);
    await expect(write(survivor, "f", "Mutation", CLEO, appendCompanies("acme"))).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    survivor.clear();
    await write(survivor, "f", "Mutation", appendPersons({ name: "dora", age: 8 }));
    expect(await survivor.audits()).toMatchObject([{ recoveryKind: "RolledBack", recoveryForActor: "act-a" }]);
    expect(await personIds(survivor, "f")).toEqual(["ann", "bob", "dora"]);
    // Its writer has ended, so nothing had to be moved away from under it.
    expect((await survivor.graph.snapshot({ branch: "f" })).graphManifestVersion).toBe(graphManifestVersion + 1);
    await expectAtRest(survivor.process.graph);
  });

  test("RC-45 RC-49 a write that moved an owned dataset and a new fork: the one is restored, the other removed", async () => {
    await using first = await site.start();
    await first.graph.branchCreate("f");
    await write(first, "f", "Mutation", appendCompanies("on-f"));
    const before = await readGraph(first.process.graph, "f");
    await dieHalfWay("f");
    await using faulty = await site.start();
    expect(await readGraph(faulty.process.graph, "f")).toEqual(before);
    expect(await faulty.audits()).toMatchObject([{ recoveryKind: "RolledBack", perTableOutcomes: [{ typeKey: "node:Company" }] }]);
    await expectAtRest(faulty.process.graph);
  });

  test("RC-49 SUB-9 the directory of a fork that was being created is removed", async () => {
    {
      await using victim = await site.start();
      await victim.graph.branchCreate("f");
      victim.process.dieAt(FAILPOINT.postForkPreCommit);
      await expect(write(victim, "f", "Mutation", CLEO)).rejects.toThrow();
    }
    // As the substrate leaves it when it dies before it writes the reference.
    const references = (await readdir(`${site.uri}/nodes`, { recursive: true })).filter((name) => /_refs\/branches\/g/.test(name));
    expect(references).toHaveLength(1);
    for (const name of references) await rm(`${site.uri}/nodes/${name}`);
    await using faulty = await site.start();
    await expectAtRest(faulty.process.graph);
    const { directory } = (await pinOf(faulty, "node:Person")).location;
    expect(await faulty.process.graph.access.storage.administration.listForks(directory)).toEqual([]);
    expect(await faulty.auditKinds()).toEqual(["RolledBack"]);
  });

  test("RC-49 a fork that somebody forked from stays, with its sidecar, and the open completes", async () => {
    {
      await using victim = await site.start();
      await victim.graph.branchCreate("f");
      victim.process.dieAt(FAILPOINT.sidecarConfirm);
      await expect(write(victim, "f", "Mutation", CLEO, appendCompanies("acme"))).rejects.toThrow();
    }
    await using observer = await site.start().catch(() => site.start());
    // Set up behind the back of everybody: the operation again, with a child of its fork.
    expect(await observer.auditKinds()).toEqual(["RolledForward"]);
    const pin = await pinOf(observer, "node:Person", "f");
    const { administration } = observer.process.graph.access.storage;
    const created = { directory: pin.location.directory, nativeBranch: "gfork" };
    await administration.fork({ directory: pin.location.directory, nativeBranch: null }, (await pinOf(observer, "node:Person")).publishedVersion, created);
    await administration.fork(created, (await administration.findHead(created)) ?? 0, { ...created, nativeBranch: "gchild" });
    const store = sidecarStore(observer);
    const { head } = await observer.process.graph.access.manifest.readState("f");
    const expectedVersion = (await pinOf(observer, "node:Person")).publishedVersion;
    await store.write({
      operationId: "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
      startedAt: "2026-01-01T00:00:00Z",
      branch: "f",
      incarnation: head.incarnation,
      actorId: null,
      writerKind: "Load",
      phase: "armed",
      requiresConfirmation: true,
      leaseEpoch: null,
      owner: null,
      pins: [
        {
          ...{ typeKey: pin.typeKey, typeId: pin.typeId, incarnationId: pin.incarnationId, ...created },
          ...{ forkedFrom: { nativeBranch: null, version: expectedVersion }, expectedVersion, plannedVersion: expectedVersion + 2 },
          ...{ confirmedVersion: null, entityCountAfter: 3, fragmentCountAfter: 1, revisionFloor: 0 },
        },
      ],
      registrations: [],
      renames: [],
      tombstones: [],
      pointers: [],
      members: [],
      intendedCommit: null,
    });
    await using reopened = await site.start();
    expect(await reopened.sidecars()).toEqual(["7ZZZZZZZZZZZZZZZZZZZZZZZZZ"]);
    expect(await reopened.graph.branchList()).toEqual(["main", "f"]);
    const isOwnerUnknown = (await reopened.graph.listCommits("f"))[0];
    // It could still be alive and publish the fork: the head was moved away from under it before its fork is touched.
    expect(isOwnerUnknown?.actorId).toBe("omnigraph:recovery");
    await administration.deleteFork({ ...created, nativeBranch: "gchild" });
    await using again = await site.start();
    expect(await again.auditKinds()).toContain("RolledBack");
    expect((await again.graph.listCommits("f"))[0]).toEqual(isOwnerUnknown);
    await expectAtRest(again.process.graph);
  });
});

describe("RC-22 loose operations", () => {
  const compact =
    (typeKey: string): DirectWrite =>
    (view) => ({ typeKey, strictness: "merge", effects: [{ kind: "compact" }], entityCountAfter: view.snapshot.entries.get(typeKey)?.entityCount ?? 0 });

  async function fragment({ graph }: FaultyProcess): Promise<void> {
    for (const name of ["p1", "p2", "p3"]) await graph.load(`${person(name, 1)}\n{"type":"Company","data":{"name":"${name}"}}`, { mode: "append" });
  }

  test("MT-12 a part of an optimize is published and seen by the same handle: the datasets that were compacted, and no other", async () => {
    await using survivor = await site.start();
    await fragment(survivor);
    const before = await readGraph(survivor.process.graph);
    const versions = { company: await pinOf(survivor, "node:Company"), person: await pinOf(survivor, "node:Person") };
    failSecondDataset(survivor);
    await expect(write(survivor, null, "Optimize", compact("node:Company"), compact("node:Person"))).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    survivor.clear();
    await survivor.graph.refresh();
    expect(await survivor.audits()).toMatchObject([{ recoveryKind: "RolledForward", sidecarWriterKind: "Optimize", perTableOutcomes: [{ typeKey: "node:Company" }] }]);
    expect((await pinOf(survivor, "node:Company")).publishedVersion).toBeGreaterThan(versions.company.publishedVersion);
    expect(await pinOf(survivor, "node:Person")).toEqual(versions.person);
    expect(await readGraph(survivor.process.graph)).toEqual(before);
    await expectAtRest(survivor.process.graph);
  });

  test("LE-8 an optimize is published on a head that moved, if nobody wrote its dataset meanwhile", async () => {
    await using survivor = await site.start();
    await fragment(survivor);
    survivor.failNextPublish();
    await expect(write(survivor, null, "Optimize", compact("node:Person"))).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    const sidecar = await onlySidecar(survivor);
    const store = sidecarStore(survivor);
    await store.delete(sidecar.operationId);
    await write(survivor, null, "Mutation", appendCompanies("between"));
    await store.write(sidecar);
    await survivor.graph.refresh();
    expect(await survivor.audits()).toMatchObject([{ recoveryKind: "RolledForward", sidecarWriterKind: "Optimize" }]);
    expect((await survivor.graph.listCommits())[0]).toMatchObject({ graphCommitId: sidecar.intendedCommit?.graphCommitId, actorId: "act-a" });
    await expectAtRest(survivor.process.graph);
  });

  test("RC-31 a strict write is undone there: it was validated on the head that is gone", async () => {
    await using survivor = await site.start();
    survivor.failNextPublish();
    await expect(write(survivor, null, "Mutation", CLEO)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    const sidecar = await onlySidecar(survivor);
    const store = sidecarStore(survivor);
    await store.delete(sidecar.operationId);
    await write(survivor, null, "Mutation", appendCompanies("between"));
    await store.write(sidecar);
    await using reopened = await site.start();
    expect(await reopened.auditKinds()).toEqual(["RolledBack"]);
    expect(await personIds(reopened)).toEqual(["ann", "bob"]);
    await expectAtRest(reopened.process.graph);
  });
});

describe("interrupted schema applies", () => {
  /** Dies at `failpoint` while it adds a type and a column. */
  async function dieApplying(failpoint: string, occurrence = 1): Promise<void> {
    await using victim = await site.start();
    victim.process.dieAt(failpoint, occurrence);
    await expect(victim.graph.applySchema(TAGGED_SCHEMA.replace("age: I32?", "age: I32?\n  mail: String?"))).rejects.toThrow();
  }

  test.each([
    [FAILPOINT.schemaPostTableCommit, 1, "RolledBack"],
    [FAILPOINT.schemaPostRegistration, 1, "RolledBack"],
    [FAILPOINT.schemaBeforeStagingWrite, 1, "RolledBack"],
    [FAILPOINT.schemaBetweenStagingWrites, 1, "RolledBack"],
    [FAILPOINT.schemaBetweenStagingWrites, 2, "RolledBack"],
    [FAILPOINT.schemaAfterStagingWrite, 1, "RolledForward"],
    [FAILPOINT.publishBeforeCommit, 1, "RolledForward"],
    [FAILPOINT.schemaAfterManifestCommit, 1, "RolledForward"],
    [FAILPOINT.schemaBeforePromotionRename, 2, "RolledForward"],
    [FAILPOINT.schemaBeforePromotionRename, 3, "RolledForward"],
  ])("RC-40 SA-4 SA-10 SA-1b dead at %s (%i): %s, and neither staged files nor the lock stay", async (failpoint, occurrence, kind) => {
    await dieApplying(failpoint, occurrence);
    await using faulty = await site.start();
    expect(await faulty.auditKinds()).toEqual([kind]);
    await expectAtRest(faulty.process.graph);
    const { schemas, manifest } = faulty.process.graph.access;
    expect(await schemas.readStaged()).toBeUndefined();
    expect((await manifest.readRegistry()).registry.branches.has(SCHEMA_LOCK_BRANCH)).toBe(false);
    expect((await schemas.read()).irHash).toBe((await manifest.readState(null)).commit.schemaIdentity);
    expect(faulty.graph.schema.source.includes("mail")).toBe(kind === "RolledForward");
    expect(await personIds(faulty)).toEqual(["ann", "bob"]);
    // The dataset of an undone registration is gone, so that the next apply starts from nothing.
    const directories = await readdir(`${site.uri}/nodes`);
    expect(directories).toHaveLength(kind === "RolledForward" ? 3 : 2);
    await faulty.graph.applySchema(TAGGED_SCHEMA.replace("age: I32?", "age: I32?\n  mail: String?"));
    await faulty.graph.load('{"type":"Tag","data":{"name":"new"}}', { mode: "append" });
    await expectAtRest(faulty.process.graph);
  });

  test("SA-1b LE-7 a running process that takes over from a dead apply undoes it, lock and all, and writes", async () => {
    await using survivor = await site.start();
    await dieApplying(FAILPOINT.schemaPostTableCommit);
    await write(survivor, null, "Mutation", CLEO);
    expect(await survivor.auditKinds()).toEqual(["RolledBack"]);
    await expectAtRest(survivor.process.graph);
  });

  test("RC-86 CA-3 the report says whether the accepted schema may be another one", async () => {
    await using survivor = await site.start();
    const { writing } = survivor.process.graph;
    survivor.failNextPublish();
    await expect(survivor.graph.applySchema(TAGGED_SCHEMA)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    expect(await writing?.recovery.recover("rollForwardOnly")).toEqual({ hasActed: true, schemaChanged: true, deferred: [] });
    expect(await writing?.recovery.recover("rollForwardOnly")).toEqual({ hasActed: false, schemaChanged: false, deferred: [] });
    survivor.failNextPublish();
    await expect(write(survivor, null, "Mutation", CLEO)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    expect(await writing?.recovery.recover("rollForwardOnly")).toEqual({ hasActed: true, schemaChanged: false, deferred: [] });
  });
});

describe("RC-70 staged files without a sidecar", () => {
  async function stageFiles(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) await writeFile(`${site.uri}/${name}.staging`, text);
  }

  /** Applies another schema. @returns its contract files */
  async function applyOther(): Promise<Readonly<Record<string, string>>> {
    await using faulty = await site.start();
    await faulty.graph.applySchema(TAGGED_SCHEMA);
    return filesOf(await faulty.process.graph.access.schemas.read());
  }

  function filesOf({ documents }: AcceptedSchema): Readonly<Record<string, string>> {
    return { "_schema.pg": documents.source, "_schema.ir.json": documents.ir, "__schema_state.json": documents.state };
  }

  test.each(["a read-write open", "refresh"])("RC-71 the rest of a promotion is finished by %s", async (by) => {
    await using survivor = await site.start();
    const before = filesOf(survivor.graph.schema);
    const files = await applyOther();
    // As after the first of the three renames.
    const { "_schema.pg": _promoted, ...rest } = files;
    await stageFiles(rest);
    for (const [name, text] of Object.entries(before)) if (name in rest) await writeFile(`${site.uri}/${name}`, text);
    if (by === "refresh") await survivor.graph.refresh();
    await using faulty = await site.start();
    expect(faulty.graph.schema.source).toBe(TAGGED_SCHEMA);
    expect(await faulty.process.graph.access.schemas.readStaged()).toBeUndefined();
    await faulty.graph.load('{"type":"Tag","data":{"name":"new"}}', { mode: "append" });
  });

  test("files that were never published are removed; half of them, too", async () => {
    await using survivor = await site.start();
    const { documents } = survivor.graph.schema;
    await stageFiles({ "_schema.pg": `${documents.source}\n`, "_schema.ir.json": documents.ir });
    await using faulty = await site.start();
    expect(await faulty.process.graph.access.schemas.readStaged()).toBeUndefined();
    await stageFiles({ "_schema.pg": `${documents.source}// again\n`, "_schema.ir.json": documents.ir, "__schema_state.json": documents.state });
    await survivor.graph.refresh();
    expect(await faulty.process.graph.access.schemas.readStaged()).toBeUndefined();
  });

  test("files that fit nothing are kept, and a read-write open says so; a read-only one does not care", async () => {
    await stageFiles({ "_schema.pg": "node X {}", "_schema.ir.json": "{}", "__schema_state.json": "{}" });
    await expect(site.start()).rejects.toMatchObject({ code: "STAGED_SCHEMA_CONFLICT" });
    expect(await readdir(site.uri)).toContain("__schema_state.json.staging");
    await using reader = await Graph.open(site.uri, { mode: "ro" });
    expect(await reader.branchList()).toEqual(["main"]);
  });
});

test("RC-31 evidence that no interrupted write explains: a heal leaves it, an open fails and names it, and the sidecar stays", async () => {
  await using survivor = await site.start();
  survivor.failNextPublish();
  await expect(write(survivor, null, "Mutation", CLEO)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
  const { directory } = (await pinOf(survivor, "node:Person")).location;
  await mkdir(`${site.uri}/aside`);
  await rename(`${site.uri}/${directory}.lance`, `${site.uri}/aside/d.lance`);
  const report = await survivor.process.graph.writing?.recovery.recover("rollForwardOnly");
  expect(report?.deferred).toMatchObject([{ branch: null, isSchemaApply: false, reason: "needsOperator" }]);
  await expect(site.start()).rejects.toMatchObject({ code: "RECOVERY_ABORTED", message: expect.stringContaining("node:Person is InvariantViolation") as string });
  await rename(`${site.uri}/aside/d.lance`, `${site.uri}/${directory}.lance`);
  await using reopened = await site.start();
  expect(await reopened.auditKinds()).toEqual(["RolledForward"]);
});

test("RC-55 FM-12 the audit append of an orphan is a crash point of its own", async () => {
  await using first = await site.start();
  await first.graph.branchCreate("f");
  await write(first, "f", "Mutation", appendPersons({ name: "on-f", age: 1 }), appendCompanies("on-f"));
  failSecondDataset(first);
  await expect(write(first, "f", "Mutation", CLEO, appendCompanies("acme"))).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
  first.clear();
  await first.graph.branchDelete("f");
  {
    await using dying = site.process();
    dying.process.dieAt(FAILPOINT.orphanDiscardAuditAppend);
    await expect(dying.open()).rejects.toThrow();
  }
  await using reopened = await site.start();
  expect(await reopened.auditKinds()).toEqual(["OrphanedBranchDiscarded"]);
  await expectAtRest(reopened.process.graph);
});

test("RC-83 read-only opens leave interrupted writes alone", async () => {
  await dieHalfWay(null);
  const before = await readdir(`${site.uri}/__recovery`);
  await using reader = await Graph.open(site.uri, { mode: "ro" });
  expect((await reader.snapshot()).entries.get("node:Company")?.entityCount).toBe(1);
  expect(await readdir(`${site.uri}/__recovery`)).toEqual(before);
});

describe("what an undone write leaves in the audit", () => {
  test("RC-47 per restored type the head that was seen and the version that is shown again, as the operation knew it", async () => {
    let published: DatasetPin;
    {
      await using first = await site.start();
      published = await pinOf(first, "node:Company");
    }
    await dieHalfWay(null);
    await using faulty = await site.start();
    expect(await faulty.audits()).toMatchObject([
      { recoveryKind: "RolledBack", perTableOutcomes: [{ typeKey: "node:Company", fromVersion: published.publishedVersion + 1, toVersion: published.publishedVersion }] },
    ]);
    // The number that is shown is that of the head after the restore.
    expect((await pinOf(faulty, "node:Company")).publishedVersion).toBe(published.publishedVersion + 2);
    await expectAtRest(faulty.process.graph);
  });

  test("RC-47 a write that moved nothing is undone without a restore or a publish, and recorded without outcomes", async () => {
    let commitId: string;
    {
      await using victim = await site.start();
      commitId = await victim.graph.headCommitId();
      victim.process.hooks.beforeEffect = () => {
        victim.process.die();
        throw new InjectedFault("it dies before its first effect");
      };
      await expect(write(victim, null, "Mutation", CLEO, appendCompanies("acme"))).rejects.toThrow();
    }
    await using faulty = await site.start();
    expect(await faulty.audits()).toMatchObject([{ recoveryKind: "RolledBack", perTableOutcomes: [], graphCommitId: commitId }]);
    expect(await faulty.graph.headCommitId()).toBe(commitId);
    await expectAtRest(faulty.process.graph);
  });
});

describe("who finishes an interrupted write first", () => {
  const operations: Readonly<Record<string, (graph: Graph) => Promise<unknown>>> = {
    "a merge": (graph) => graph.branchMerge("side"),
    "a creation of a branch": (graph) => graph.branchCreate("new"),
    "a deletion of a branch": (graph) => graph.branchDelete("side"),
    "ensure-indices": (graph) => graph.ensureIndices(),
  };

  test.each(Object.entries(operations))("RC-81 RC-89 MG-3 %s", async (_name, operation) => {
    await using survivor = await site.start();
    await survivor.graph.branchCreate("side");
    await survivor.graph.load(person("dora", 8), { mode: "append", branch: "side" });
    survivor.failNextPublish();
    await expect(write(survivor, null, "Mutation", CLEO)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    await operation(survivor.graph);
    expect(await survivor.auditKinds()).toEqual(["RolledForward"]);
    expect(await personIds(survivor)).toContain("cleo");
    await expectAtRest(survivor.process.graph);
  });

  test("RC-89 a schema apply, whose plan would leave the rows behind", async () => {
    await using survivor = await site.start();
    survivor.failNextPublish();
    await expect(write(survivor, null, "Mutation", CLEO)).rejects.toMatchObject({ code: "RECOVERY_REQUIRED" });
    await survivor.graph.applySchema(TAGGED_SCHEMA.replace("age: I32?", "age: I32?\n  mail: String?"));
    expect(await survivor.auditKinds()).toEqual(["RolledForward"]);
    expect(await personIds(survivor)).toEqual(["ann", "bob", "cleo"]);
    await expectAtRest(survivor.process.graph);
  });
});
