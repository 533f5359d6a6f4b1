import { must } from "@omnigraphdb/common";
import { expect } from "vitest";
import { SnapshotReader } from "../../src/open/snapshot-reader.js";
import type { OpenedGraph } from "../../src/open/open-graph.js";
import type { Snapshot } from "../../src/manifest/snapshot.js";
import { forkOwner } from "../../src/manifest/fork-name.js";
import { branchDisplayName, type BranchState } from "../../src/manifest/manifest.js";
import { isOwned } from "../../src/transaction/plan-effects.js";
import { parseRecordId } from "../../src/storage/layout.js";
import { valuesOf } from "../row-batches.js";

/** All rows of a type as a snapshot shows it: id → the other user-visible columns. */
async function readRows(graph: OpenedGraph, snapshot: Snapshot, typeKey: string): Promise<ReadonlyMap<string, unknown>> {
  const entry = snapshot.entries.get(typeKey);
  if (entry === undefined) throw new Error(`${typeKey} is not in the snapshot`);
  const isPerson = typeKey === "node:Person";
  const columns = isPerson ? ["id", "age"] : ["id"];
  const rows = new Map<string, unknown>();
  const dataset = await graph.access.storage.datasets.openPinned(entry.location, entry.publishedVersion);
  for await (const batch of dataset.scan({ columns })) {
    const ids = valuesOf(batch, "id");
    const values = isPerson ? valuesOf(batch, "age") : ids;
    ids.forEach((id, row) => rows.set(String(id), values[row]));
  }
  expect(rows.size).toBe(entry.entityCount);
  return rows;
}

/** What the head of `branch` (null = main) shows, as plain data. */
export async function readGraph(graph: OpenedGraph, branch: string | null = null): Promise<Readonly<Record<string, unknown>>> {
  const snapshot = await new SnapshotReader(graph.access, graph.schema).head(branch);
  const types: Record<string, unknown> = {};
  for (const typeKey of [...snapshot.entries.keys()].sort()) {
    types[typeKey] = [...(await readRows(graph, snapshot, typeKey))].sort();
  }
  return types;
}

/** G-4 and G-5 on every branch, no fork without a commit, and an empty `__recovery/`: what holds whenever nothing is running. */
export async function expectAtRest(graph: OpenedGraph): Promise<void> {
  const { manifest, objects, layout } = graph.access;
  manifest.forget();
  const states = await manifest.readStates();
  const { commit } = must(states[0], "main is listed first");
  const knownForks = new Set<string>();
  for (const state of states) {
    await expectHeadsPublished(graph, state);
    for (const fork of await expectLine(graph, state)) knownForks.add(fork);
  }
  const living = new Set(states.map(({ head }) => head.incarnation));
  for (const { location } of commit.pins.values()) {
    for (const { nativeBranch } of await graph.access.storage.administration.listForks(location.directory)) {
      // Those of deleted branches are left to cleanup (BR-43).
      const owner = forkOwner(nativeBranch);
      if (owner === undefined || living.has(owner)) expect([...knownForks]).toContain(nativeBranch);
    }
  }
  // A killed process may leave the temporary file of an atomic write; it is inert (LAY-14).
  const sidecars = (await objects.listDir(layout.recoveryDirectory)).filter((uri) => parseRecordId(uri) !== undefined);
  expect(sidecars).toEqual([]);
}

/** G-4: nothing is ahead of what its owner publishes. What a branch inherits may have moved on. */
async function expectHeadsPublished(graph: OpenedGraph, { branch, head, commit }: BranchState): Promise<void> {
  for (const pin of commit.pins.values()) {
    const headVersion = await graph.access.storage.datasets.headVersion(pin.location);
    const name = `HEAD of ${pin.typeKey} on ${branchDisplayName(branch)}`;
    if (isOwned(pin, head.incarnation)) expect(headVersion, name).toBe(pin.publishedVersion);
    else expect(headVersion, name).toBeGreaterThanOrEqual(pin.publishedVersion);
  }
}

/** G-5 on the commits of the branch itself. @returns the forks they show */
async function expectLine(graph: OpenedGraph, { head, commit }: BranchState): Promise<readonly string[]> {
  const { manifest } = graph.access;
  const commits = await manifest.listCommits(head.incarnation, head.version);
  commits.forEach((item, index) => {
    const previous = commits[index - 1];
    expect(item.graphManifestVersion).toBe((previous?.graphManifestVersion ?? item.graphManifestVersion - 1) + 1);
    if (previous !== undefined) expect(item.parentCommitId).toBe(previous.graphCommitId);
  });
  if (commits.length > 0) expect(commits.at(-1)?.graphCommitId).toBe(head.commitId);
  const forks = [...commit.pins.values()].map((pin) => pin.location.nativeBranch);
  const records = await manifest.findCommits(commits.map(({ graphManifestVersion: version }) => ({ incarnation: head.incarnation, version })));
  for (const record of records) for (const pin of record?.pins.values() ?? []) forks.push(pin.location.nativeBranch);
  return forks.filter((fork) => fork !== null);
}
