import { mkdir, writeFile } from "node:fs/promises";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StorageRootError } from "../cluster-problem.js";
import { resolveStorageRoot } from "./storage-root.js";

let directory: string;
let temp: TempDir;

beforeAll(async () => {
  temp = await makeTempDir();
  directory = temp.path;
});
afterAll(() => temp[Symbol.asyncDispose]());

async function rootFor(yaml: string | undefined): Promise<string> {
  const folder = `${directory}/c${Math.trunc(performance.now() * 1000)}`;
  await mkdir(folder);
  if (yaml !== undefined) await writeFile(`${folder}/cluster.yaml`, yaml);
  return (await resolveStorageRoot(folder)).replace(folder, "DIR");
}

describe("server.md §3, cli D11: what --cluster means", () => {
  test.each([
    ["s3://bucket/prefix/", "s3://bucket/prefix"],
    ["  s3://bucket  ", "s3://bucket"],
    ["file:///srv/og/", "file:///srv/og"],
  ])("'%s' is a storage root", async (given, root) => {
    expect(await resolveStorageRoot(given)).toBe(root);
  });

  test.each([
    ["no cluster.yaml", undefined, "DIR"],
    ["no storage key", "version: 1\n", "DIR"],
    ["a relative path", "storage: data\n", "DIR/data"],
    ["an absolute path", "storage: /srv/og\n", "/srv/og"],
    ["a bucket", "storage: s3://depot-state/prod/\n", "s3://depot-state/prod"],
    ["a key this version does not know", "storage: data\nfuture: {a: 1}\n", "DIR/data"],
  ])("a directory with %s", async (_, yaml, root) => {
    expect(await rootFor(yaml)).toBe(root);
  });

  test.each([
    ["YAML that does not parse", "storage: [\n", "invalid_cluster_yaml"],
    ["a list as storage", "storage: [a]\n", "invalid_storage_root"],
    ["a blank storage", "storage: '  '\n", "invalid_storage_root"],
    ["an address of another kind (cluster.md §2.5)", "storage: https://example.org\n", "storage_root_invalid"],
    ["storage without a value", "storage:\n", "invalid_storage_root"],
    ["a bucket without a name", "storage: s3://\n", "invalid_storage_root"],
  ])("a directory with %s is refused", async (_, yaml, code) => {
    await expect(rootFor(yaml)).rejects.toMatchObject({ problemCode: code });
  });

  test.each([["", "invalid_storage_root"], ["/does/not/exist", "config_dir_not_found"], ["http://x/y", "storage_root_invalid"]])("'%s' is refused", async (given, code) => {
    await expect(resolveStorageRoot(given)).rejects.toThrow(StorageRootError);
    await expect(resolveStorageRoot(given)).rejects.toMatchObject({ problemCode: code });
  });
});
