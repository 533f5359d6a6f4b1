import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { makeTempDir, startS3Server } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import type { DatasetLocation, GraphStorage, ManifestRow } from "../../src/storage/dataset-gateway.js";
import type { DatasetSchema } from "../../src/storage/dataset-schema.js";
import { openGraphStorage } from "../../src/storage/lance/open-graph-storage.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { batchSource, columnOf } from "../../test-support/row-batches.js";

const LOCATION: DatasetLocation = { directory: "nodes/t", nativeBranch: null };
const SCHEMA: DatasetSchema = {
  columns: [
    { name: "id", role: "id", isNullable: false },
    { name: "__rev", role: "revision", isNullable: false },
  ],
  indexedColumns: ["id"],
};

async function append(storage: GraphStorage, id: string, baseVersion: number): Promise<number> {
  const ids = columnOf({ base: { kind: "String" }, isList: false, isNullable: false }, [id]);
  const source = batchSource({ rowCount: 1, columns: new Map([["id", ids]]) });
  return storage.datasets.applyEffect(LOCATION, { kind: "append", source }, baseVersion);
}

describe("storage faults", () => {
  test("SUB-13 a version whose files are gone reads as reclaimed history, without a physical path", async () => {
    await using dir = await makeTempDir();
    const writer = openGraphStorage(dir.path);
    const version = await append(writer, "a", await writer.administration.createEmpty(LOCATION, SCHEMA));
    await rm(`${dir.path}/nodes/t.lance/data`, { recursive: true });
    const reader = openGraphStorage(dir.path);
    const pinned = await reader.datasets.openPinned(LOCATION, version);
    const scan = async (): Promise<void> => {
      for await (const batch of pinned.scan({ columns: ["id"] })) expect(batch).toBeDefined();
    };
    await expect(scan()).rejects.toMatchObject({ code: "HISTORICAL_VERSION_RECLAIMED" });
    await expect(scan()).rejects.not.toThrow(dir.path.slice(1));
  });

  test("WR-10 an append that landed while its reply was lost is never taken for success twice", async () => {
    await using server = await startS3Server();
    const storage = openGraphStorage("s3://b/g", { s3: parseS3Environment(server.environment) });
    const version = await storage.administration.createEmpty(LOCATION, SCHEMA);
    let isDropped = false;
    server.injectFaults(({ method, key }) => {
      if (isDropped || method !== "PUT" || !key.includes("/_versions/")) return undefined;
      isDropped = true;
      return { kind: "dropReply" };
    });
    const outcome = await append(storage, "a", version).catch((error: unknown) => error);
    expect(isDropped).toBe(true);
    const head = await storage.datasets.headVersion(LOCATION);
    // The substrate repeats the request, meets its own commit, and rebases: only the version check notices.
    if (typeof outcome === "number") expect([outcome, head]).toEqual([version + 1, version + 1]);
    else expect(outcome).toMatchObject({ effects: "possible" });
  });

  test("MAN-22 a publish that landed while its reply was lost: only the stored row tells", async () => {
    await using server = await startS3Server();
    const { manifest } = openGraphStorage("s3://b/g", { s3: parseS3Environment(server.environment) });
    const row = (key: string, seq: number): ManifestRow => ({ key, seq, base: seq - 1, txId: `tx${seq}`, createdAt: 0, payload: "{}" });
    await manifest.create([row("head/m", 1)]);
    let isDropped = false;
    server.injectFaults(({ method, key }) => {
      if (isDropped || method !== "PUT" || !key.includes("/_versions/")) return undefined;
      isDropped = true;
      return { kind: "dropReply" };
    });
    const outcome = await manifest.conditionalMerge([row("head/m", 2), row("commit/m/2", 2)]).catch((error: unknown) => error);
    expect(isDropped).toBe(true);
    // Neither counts of 1/1, nor 0/0 ("lost"), nor an error may be believed without this:
    expect((await manifest.readRows(["commit/m/2"])).get("commit/m/2")?.txId, JSON.stringify(outcome)).toBe("tx2");
    expect(await manifest.readRowsByPrefix("")).toHaveLength(2);
  });

  test("a store that answers with errors gives a typed error", async () => {
    await using server = await startS3Server();
    const storage = openGraphStorage("s3://b/g", { s3: parseS3Environment(server.environment) });
    server.injectFaults(() => ({ kind: "fail", status: 403 }));
    await expect(storage.manifest.probe()).rejects.toMatchObject({ code: "STORAGE" });
  });
});

test("DG-1 DG-2 only the adapter touches the binding or its write primitives", () => {
  const root = fileURLToPath(new URL("../../../..", import.meta.url));
  const files = ["packages", "apps"].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" })
      .filter((file) => /^[^/]+\/(src|bin)\/.*\.(ts|js)$/.test(file) && !file.endsWith(".test.ts"))
      .map((file) => `${folder}/${file}`),
  );
  expect(files.length).toBeGreaterThan(50);
  const outside = files.filter((file) => !/^packages\/(testkit|engine\/src\/storage\/lance)\//.test(file));
  const forbidden = /["'](@lancedb\/lancedb|apache-arrow)["']|\.(mergeInsert|createEmptyTable|checkoutLatest|openTable)\(|\bcleanupOlderThan\b/;
  expect(outside.filter((file) => forbidden.test(readFileSync(`${root}/${file}`, "utf8")))).toEqual([]);
});
