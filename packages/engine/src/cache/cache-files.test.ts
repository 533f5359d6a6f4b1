import { readFile, truncate, writeFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { randomIds, silentLogger } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { LocalCacheFiles } from "./local-cache-files.js";
import { sameVersions } from "../../test-support/same-versions.js";

const NAME = "topology/edges-1-main-7.out";
const SECTIONS = [Uint8Array.from({ length: 40 }, (_, i) => i), new Uint8Array(0), new Uint8Array(Uint32Array.of(7, 8, 9, 10).buffer)];

const filesIn = (directory: string, isWritable = true): LocalCacheFiles => new LocalCacheFiles(directory, { ids: randomIds, logger: silentLogger, isWritable, fingerprint: sameVersions });

test("a cache file gives back its sections, each at a multiple of 16 bytes", async () => {
  await using directory = await makeTempDir();
  const files = filesIn(directory.path);
  await files.write(NAME, SECTIONS, []);
  const payload = (await files.read(NAME)) ?? new Uint8Array(0);
  expect(payload.byteOffset % 16).toBe(0);
  expect([...payload.subarray(0, 40)]).toEqual([...(SECTIONS[0] ?? [])]);
  expect([...new Uint32Array(payload.buffer, payload.byteOffset + 48, 4)]).toEqual([7, 8, 9, 10]);
  expect(await files.list("topology/edges-1-main-")).toEqual([NAME]);
  await files.delete(NAME);
  expect(await files.list("topology/")).toEqual([]);
  expect(await files.read(NAME)).toBeUndefined();
});

test("CA-4 a cache file that is missing, torn, altered, of another name or format is no file", async () => {
  await using directory = await makeTempDir();
  const files = filesIn(directory.path);
  const path = join(directory.path, NAME);
  expect(await files.read(NAME)).toBeUndefined();
  await files.write(NAME, SECTIONS, []);
  const whole = await readFile(path);
  for (let at = 0; at < whole.length; at += 3) {
    // The padding of the header carries nothing.
    if (at >= 28 && at < 32) continue;
    const altered = Buffer.from(whole);
    altered[at] = (altered[at] as number) ^ 0x10;
    await writeFile(path, altered);
    expect(await files.read(NAME), `byte ${at}`).toBeUndefined();
  }
  for (const length of [0, 10, 32, 64, whole.length - 16, whole.length - 1]) {
    await writeFile(path, whole);
    await truncate(path, length);
    expect(await files.read(NAME), `${length} bytes`).toBeUndefined();
  }
  await writeFile(path, Buffer.concat([whole, Buffer.alloc(16)]));
  expect(await files.read(NAME)).toBeUndefined();
  await writeFile(path, whole);
  await rename(path, `${path}x`);
  expect(await files.read(`${NAME}x`)).toBeUndefined();
});

test("OP-7 a read-only handle writes and deletes nothing; a failed write is no error", async () => {
  await using directory = await makeTempDir();
  const readOnly = filesIn(join(directory.path, "absent"), false);
  await readOnly.write(NAME, SECTIONS, []);
  await expect(stat(join(directory.path, "absent"))).rejects.toThrow("ENOENT");
  await filesIn(directory.path).write(NAME, SECTIONS, []);
  await filesIn(directory.path, false).delete(NAME);
  expect(await filesIn(directory.path, false).read(NAME)).toBeDefined();
  await writeFile(join(directory.path, "file"), "");
  await filesIn(join(directory.path, "file")).write(NAME, SECTIONS, []);
});

test("CA-4 a file is not read when a version it was made from is gone, or is another one under its number", async () => {
  await using directory = await makeTempDir();
  let current: string | undefined = "first";
  const files = new LocalCacheFiles(directory.path, { ids: randomIds, logger: silentLogger, isWritable: true, fingerprint: () => Promise.resolve(current) });
  await files.write(NAME, SECTIONS, [{ location: { directory: "edges/1", nativeBranch: null }, publishedVersion: 7 }]);
  expect(await files.read(NAME)).toBeDefined();
  current = "second";
  expect(await files.read(NAME)).toBeUndefined();
  current = undefined;
  expect(await files.read(NAME)).toBeUndefined();
  current = "first";
  expect(await files.read(NAME)).toBeDefined();
});
