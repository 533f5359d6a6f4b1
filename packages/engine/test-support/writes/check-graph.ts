import { expect } from "vitest";
import { SnapshotReader } from "../../src/open/snapshot-reader.js";
import type { OpenedGraph } from "../../src/open/open-graph.js";
import type { Snapshot } from "../../src/manifest/snapshot.js";
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

/** What the head shows, as plain data. */
export async function readGraph(graph: OpenedGraph): Promise<Readonly<Record<string, unknown>>> {
  const snapshot = await new SnapshotReader(graph.access, graph.schema).head(null);
  const types: Record<string, unknown> = {};
  for (const typeKey of [...snapshot.entries.keys()].sort()) {
    types[typeKey] = [...(await readRows(graph, snapshot, typeKey))].sort();
  }
  return types;
}

/** G-4, G-5 and an empty `__recovery/`: what holds whenever nothing is running. */
export async function expectAtRest(graph: OpenedGraph): Promise<void> {
  const { manifest, storage, objects, layout } = graph.access;
  manifest.forget();
  const state = await manifest.readState(null);
  for (const pin of state.commit.pins.values()) {
    expect(await storage.datasets.headVersion(pin.location), `HEAD of ${pin.typeKey}`).toBe(pin.publishedVersion);
  }
  const commits = await manifest.listCommits("main", state.head.version);
  expect(commits.map((commit) => commit.graphManifestVersion)).toEqual(commits.map((_, index) => index + 1));
  expect(commits.at(-1)?.graphCommitId).toBe(state.head.commitId);
  commits.forEach((commit, index) => {
    expect(commit.parentCommitId).toBe(commits[index - 1]?.graphCommitId ?? null);
  });
  // A killed process may leave the temporary file of an atomic write; it is inert (LAY-14).
  const sidecars = (await objects.listDir(layout.recoveryDirectory)).filter((uri) => parseRecordId(uri) !== undefined);
  expect(sidecars).toEqual([]);
}
