import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";

const ENGINE = join(import.meta.dirname, "../..");

async function textOf(directory: string): Promise<string> {
  const names = await readdir(join(ENGINE, directory), { recursive: true });
  const isCatalogue = (name: string): boolean => ["failpoints.ts", "failpoints.test.ts"].includes(basename(name));
  const sources = names.filter((name) => name.endsWith(".ts") && !isCatalogue(name));
  return (await Promise.all(sources.map((name) => readFile(join(ENGINE, directory, name), "utf8")))).join("\n");
}

test.each(Object.keys(FAILPOINT))("RC-100 crash point %s is passed by the engine and armed by a test", async (name) => {
  const [source, tests] = await Promise.all([textOf("src"), textOf("test")]);
  expect(source.includes(`FAILPOINT.${name}`)).toBe(true);
  expect(tests.includes(`FAILPOINT.${name}`)).toBe(true);
});

const PROTOCOL_FILES = ["commit-writer.ts", "operation-performer.ts", "native-effects.ts"];

test("WR-12 the documented steps of the commit protocol are functions, with a crash point after each", async () => {
  const [document, ...files] = await Promise.all([
    readFile(join(ENGINE, "../../docs/dev/commit-protocol.md"), "utf8"),
    ...PROTOCOL_FILES.map((name) => readFile(join(ENGINE, "src/transaction", name), "utf8")),
  ]);
  const source = files.join("\n");
  const rows = document.split("\n").filter((line) => /^\| (W\d|SA)/.test(line)).map((line) => line.split("|").map((cell) => cell.trim()));
  expect(rows.map(([, step]) => step)).toEqual([
    "W2", "W3", "W4, W6", "W7", "W8", "W9", "W10", "W11", "W12", "W13", "SA", "W14", "SA", "W15", "W16",
  ]);
  const names = (text: string | undefined, pattern: RegExp): readonly string[] => [...(text ?? "").matchAll(pattern)].map(([, name]) => name ?? "");
  for (const [, step, , where] of rows) {
    for (const method of names(where, /(#\w+)`/g)) expect(source, step).toMatch(new RegExp(`^ {2}(async )?${method}[(<]`, "m"));
  }
  const points = Object.values(FAILPOINT) as readonly string[];
  for (const [, step, , , after] of rows) {
    for (const point of names(after, /`([a-z_.*]+)`/g)) {
      const pattern = new RegExp(`^${point.replaceAll(".", "\\.").replaceAll("*", "\\w+")}$`);
      expect(points.some((name) => pattern.test(name)), `${step ?? ""}: ${point}`).toBe(true);
    }
    if (/^(W1[0-5]|SA)$/.test(step ?? "")) expect(after, step).not.toBe("");
  }
});

async function sourcesWith(pattern: RegExp): Promise<readonly string[]> {
  const names = await readdir(join(ENGINE, "src"), { recursive: true });
  const sources = names.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts")).sort();
  const texts = await Promise.all(sources.map((name) => readFile(join(ENGINE, "src", name), "utf8")));
  return sources.filter((_, index) => pattern.test(texts[index] ?? ""));
}

test("RC-16 sidecars are written and deleted in one place, by one function each", async () => {
  expect(await sourcesWith(/\.recoverySidecar\(/)).toEqual(["recovery/sidecar-store.ts"]);
  const store = await readFile(join(ENGINE, "src/recovery/sidecar-store.ts"), "utf8");
  expect(store.match(/#objects\.writeText\w*\(/g)).toHaveLength(1);
  expect(store.match(/#objects\.delete\w*\(/g)).toHaveLength(1);
});

test("DG-3 only storage and the spill files of a write touch the file system", async () => {
  expect(await sourcesWith(/from "(node:)?fs(\/promises)?"/)).toEqual([
    // Disposable derived state below `__cache`.
    "cache/local-cache-files.ts",
    // Batches of one write, in a directory outside the graph.
    "staging/spill-file.ts",
    // Asks the operating system to keep what was written.
    "storage/file-sync.ts",
    // Looks at the time of a directory, to spare a native read of the manifest's version; the read decides.
    "storage/lance/lance-manifest-table.ts",
    // After a power loss: version files that were not written to the end, and what a version consists of.
    "storage/lance/torn-versions.ts",
    "storage/lance/version-sync.ts",
    "storage/local-dataset-files.ts",
    "storage/local-object-store.ts",
    // Resolves links, so that one root has one identity.
    "storage/uri.ts",
  ]);
});
