import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { manualClock, systemClock } from "@omnigraphdb/common";
import { bundleScript, makeTempDir, startProcess, startS3Server, type S3TestServer } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import type { ManifestRow, ManifestTable } from "../../src/storage/dataset-gateway.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";

const row = (key: string, seq: number, txId = "tx"): ManifestRow => ({ key, seq, base: seq - 1, txId, createdAt: 1_700_000_000_000_000, payload: `{"n":${seq}}` });
const publish = (seq: number, txId = "tx"): readonly ManifestRow[] => [row("head/m", seq, txId), row(`commit/m/${seq}`, seq, txId)];
const WON = { updatedCount: 1, insertedCount: 1 };
const LOST = { updatedCount: 0, insertedCount: 0 };

describe.each(["local", "S3"] as const)("manifest table: %s", (place) => {
  /** Hands out any number of independent handles on one manifest. */
  async function withManifests(run: (open: () => ManifestTable) => Promise<void>): Promise<void> {
    await using dir = await makeTempDir();
    await using server: S3TestServer | null = place === "S3" ? await startS3Server() : null;
    const opened: { close(): void }[] = [];
    await run(() => {
      const storage = server === null ? openGraphStorage(dir.path) : openGraphStorage("s3://b/g", { s3: parseS3Environment(server.environment) });
      opened.push(storage);
      return storage.manifest;
    });
    for (const storage of opened) storage.close();
  }

  test("MAN-34 it is created once, with all its first rows", () =>
    withManifests(async (open) => {
      const manifest = open();
      expect(await manifest.exists()).toBe(false);
      await manifest.create([row("graph", 1), ...publish(1)]);
      expect(await manifest.exists()).toBe(true);
      await expect(open().create(publish(1))).rejects.toMatchObject({ kind: "Precondition" });
      expect([...(await open().readRows(["graph", "head/m", "absent"])).keys()].sort()).toEqual(["graph", "head/m"]);
    }));

  test("MAN-20 the head moves and the commit row appears together, once", () =>
    withManifests(async (open) => {
      const [first, second] = [open(), open()];
      await first.create(publish(1));
      expect(await second.conditionalMerge(publish(2, "a"))).toMatchObject(WON);
      expect(await first.conditionalMerge(publish(2, "b"))).toMatchObject(LOST);
      expect(await first.conditionalMerge(publish(3, "b"))).toMatchObject(WON);
      const commits = await second.readRowsByPrefix("commit/m/");
      expect(commits.map(({ seq, txId }) => [seq, txId])).toEqual([[1, "tx"], [2, "a"], [3, "b"]]);
      expect((await second.readRows(["head/m"])).get("head/m")).toEqual(row("head/m", 3, "b"));
    }));

  test("MAN-20 a group of commits moves the head by its size in one merge", () =>
    withManifests(async (open) => {
      const manifest = open();
      await manifest.create(publish(1));
      const group = [{ ...row("head/m", 3), base: 1 }, row("commit/m/2", 2), row("commit/m/3", 3)];
      expect(await manifest.conditionalMerge(group)).toMatchObject({ updatedCount: 1, insertedCount: 2 });
      expect((await manifest.readRows(["head/m"])).get("head/m")?.seq).toBe(3);
    }));

  test("MAN-40 of 8 concurrent handles exactly one wins each round", { timeout: 60_000 }, () =>
    withManifests(async (open) => {
      const handles = Array.from({ length: place === "local" ? 8 : 4 }, open);
      await handles[0]?.create(publish(1));
      for (let seq = 2; seq <= 6; seq++) {
        const outcomes = await Promise.all(handles.map((handle, writer) => handle.conditionalMerge(publish(seq, `w${writer}`))));
        expect(outcomes.filter(({ updatedCount }) => updatedCount === 1)).toMatchObject([WON]);
        expect(outcomes.filter(({ updatedCount }) => updatedCount === 0)).toHaveLength(handles.length - 1);
      }
      expect(await handles[0]?.readRowsByPrefix("commit/")).toHaveLength(6);
    }));

  test("keys and payloads of any text; other prefixes stay out", () =>
    withManifests(async (open) => {
      const manifest = open();
      const key = "commit/it's\\%_\n😀/1";
      await manifest.create([row(key, 1), row("commit", 1), row("head/commit/", 1)]);
      expect((await manifest.readRows([key])).get(key)).toEqual(row(key, 1));
      expect((await manifest.readRowsByPrefix("commit/it's\\%")).map((found) => found.key)).toEqual([key]);
    }));

  test("the probe changes with every publish, through any handle, and only then", () =>
    withManifests(async (open) => {
      const [writer, reader] = [open(), open()];
      await writer.create(publish(1));
      let last = await reader.probe();
      for (let seq = 2; seq <= 30; seq++) {
        await writer.conditionalMerge(publish(seq));
        const next = await reader.probe();
        expect(next).not.toBe(last);
        expect(await reader.probe()).toBe(next);
        last = next;
      }
    }));

  test("MAN-24 compaction changes no row", () =>
    withManifests(async (open) => {
      const manifest = open();
      await manifest.create(publish(1));
      for (let seq = 2; seq <= 20; seq++) await manifest.conditionalMerge(publish(seq));
      const before = await manifest.readRowsByPrefix("");
      await manifest.compact();
      expect(await open().readRowsByPrefix("")).toEqual(before);
      expect(await manifest.conditionalMerge(publish(21))).toMatchObject(WON);
    }));
});

describe("manifest table: size", () => {
  /** As a commit of a graph with two types: most of it repeats the row before. */
  const commit = (seq: number): ManifestRow => {
    const id = (which: number): string => `01M7Z1B${String((seq * 7_919 + which * 104_729) ** 3 % 2 ** 40).padStart(19, "0").slice(-19)}`;
    const pin = { stable_table_id: "1", table_incarnation_id: "7", table_path: "nodes/0000000000000001-0000000000000007", table_branch: null, fragment_count: seq % 32 };
    const pins = ["edge:Knows", "node:Person"].map((type_key, index) => ({ type_key, ...pin, table_version: seq + index, row_count: 60_000 + seq }));
    const payload = { graph_commit_id: id(seq), graph_branch: null, parent_commit_id: id(seq - 1), merged_parent_commit_id: null, schema_identity: `sha256:${"3af8".repeat(16)}`, pins };
    return { ...row(`commit/m/${seq}`, seq, id(-seq)), payload: JSON.stringify(payload) };
  };
  const dataFiles = (root: string): number[] => readdirSync(path.join(root, "__manifest.lance/data")).map((name) => statSync(path.join(root, "__manifest.lance/data", name)).size);

  test("MAN-24 compacted commit rows take a fraction of their text", async () => {
    await using dir = await makeTempDir();
    const { manifest } = openGraphStorage(dir.path);
    const rows = Array.from({ length: 2_000 }, (_, index) => commit(index + 1));
    await manifest.create([row("head/m", 2_000), ...rows]);
    await manifest.conditionalMerge([row("head/m", 2_001), commit(2_001)]);
    await manifest.compact(0);
    const textLength = rows.reduce((sum, { payload }) => sum + payload.length, 0);
    expect(Math.max(...dataFiles(dir.path))).toBeLessThan(textLength / 4);
    expect((await manifest.readRowsByPrefix("commit/")).map(({ payload }) => payload)).toEqual([...rows, commit(2_001)].map(({ payload }) => payload));
  });

  test("payloads of any length beside each other, before and after a compaction", async () => {
    await using dir = await makeTempDir();
    const { manifest } = openGraphStorage(dir.path);
    const lengths = [0, 1, 700, 4_095, 16_383, 16_384, 32_768, 65_536, 300_000, 3_000_000];
    const wide = (seq: number): ManifestRow => ({ ...row(`commit/m/${seq}`, seq), payload: commit(seq).payload.repeat(5_000).slice(0, lengths[seq % lengths.length]) });
    const rows = Array.from({ length: 50 }, (_, index) => wide(index + 2));
    await manifest.create([row("head/m", 1), ...rows.slice(0, 40)]);
    for (const [index, next] of rows.slice(40).entries()) await manifest.conditionalMerge([row("head/m", index + 2), next]);
    expect(await manifest.readRowsByPrefix("commit/")).toEqual(rows);
    await manifest.compact();
    expect(await manifest.readRowsByPrefix("commit/")).toEqual(rows);
    for (const next of rows) expect((await manifest.readRows([next.key])).get(next.key)).toEqual(next);
  });
});

describe("manifest table: time", () => {
  test("the probe trusts a modification time only when it is old enough", async () => {
    await using dir = await makeTempDir();
    const writer = openGraphStorage(dir.path).manifest;
    await writer.create(publish(1));
    // A clock that stands at the moment of the write: every time is racy, so every probe asks natively.
    const racy = openGraphStorage(dir.path, { clock: manualClock(Date.now()) }).manifest;
    const settled = openGraphStorage(dir.path, { clock: { ...systemClock, nowMs: () => Date.now() + 60_000 } }).manifest;
    for (const manifest of [racy, settled]) {
      const before = await manifest.probe();
      expect(await manifest.probe()).toBe(before);
    }
    await writer.conditionalMerge(publish(2));
    expect(await racy.probe()).toBe(2);
    expect(await settled.probe()).toBe(2);
  });
});

test("MAN-40 MAN-41 8 processes: one winner per sequence number, no gap, no duplicate", { timeout: 120_000 }, async () => {
  const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const script = await bundleScript(at("scripts/race-manifest.ts"), at("../.."));
  await using dir = await makeTempDir();
  const { manifest } = openGraphStorage(dir.path);
  await manifest.create(publish(1));
  const winsPerProcess = 6;
  const racers = Array.from({ length: 8 }, (_, index) => startProcess(script, { args: [dir.path, `p${index}`, String(winsPerProcess)] }));
  await Promise.all(racers.map((racer) => racer.waitForOutput("ready")));
  for (const racer of racers) racer.write("go\n");
  const results = await Promise.all(racers.map((racer) => racer.ended));
  expect(results.map(({ stderr }) => stderr).join("")).toBe("");
  const wins = results.flatMap(({ stdout }) => JSON.parse(stdout.split("\n")[1] as string) as number[]).sort((left, right) => left - right);
  const expected = Array.from({ length: 8 * winsPerProcess }, (_, index) => index + 2);
  expect(wins).toEqual(expected);
  const commits = await manifest.readRowsByPrefix("commit/");
  expect(commits.map(({ seq }) => seq)).toEqual([1, ...expected]);
});
