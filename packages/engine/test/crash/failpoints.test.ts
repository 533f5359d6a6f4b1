import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FAILPOINT } from "../../src/failpoints.js";

const ENGINE = join(import.meta.dirname, "../..");

async function textOf(directory: string): Promise<string> {
  const names = await readdir(join(ENGINE, directory), { recursive: true });
  const sources = names.filter((name) => name.endsWith(".ts") && !name.endsWith("failpoints.ts") && !name.endsWith("failpoints.test.ts"));
  return (await Promise.all(sources.map((name) => readFile(join(ENGINE, directory, name), "utf8")))).join("\n");
}

test.each(Object.keys(FAILPOINT))("RC-100 crash point %s is passed by the engine and armed by a test", async (name) => {
  const [source, tests] = await Promise.all([textOf("src"), textOf("test")]);
  expect(source.includes(`FAILPOINT.${name}`)).toBe(true);
  expect(tests.includes(`FAILPOINT.${name}`)).toBe(true);
});
