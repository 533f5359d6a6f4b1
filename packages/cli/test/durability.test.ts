import { expect, test } from "vitest";
import { runCaptured } from "./captured-io.js";
import { emptyLibrary, loadedLibrary } from "./library.js";

test.each(["process", "power"])("ST-21 a write at level %s, by flag or variable", async (level) => {
  using library = await loadedLibrary();
  const add = (handle: string): string[] => ["mutate", "add", "--query", "library.gq", "--params", JSON.stringify({ handle, name: handle }), "--store", "g.omni"];
  expect(await library.run([...add("x"), "--durability", level])).toMatchObject({ exitCode: 0 });
  const byVariable = await library.run(add("y"), { env: { OMNIGRAPH_DURABILITY: level } });
  expect(byVariable).toMatchObject({ exitCode: 0 });
  expect(byVariable.stderr).not.toContain("durability");
});

test("a level that does not exist, and a command that does not write", async () => {
  const wrongFlag = await runCaptured(["init", "g.omni", "--schema", "s.pg", "--durability", "paranoid"]);
  expect(wrongFlag).toMatchObject({ exitCode: 2, stdout: "" });
  expect(wrongFlag.stderr).toContain("--durability takes process or power, not 'paranoid'");
  const useless = await runCaptured(["snapshot", "g.omni", "--durability", "power"]);
  expect(useless.exitCode).toBe(2);
  expect(useless.stderr).toContain("does not take --durability");
  using library = await loadedLibrary();
  const wrongVariable = await library.run(["snapshot", "g.omni"], { env: { OMNIGRAPH_DURABILITY: "paranoid" } });
  expect(wrongVariable.exitCode).not.toBe(0);
  expect(wrongVariable.stderr).toContain("OMNIGRAPH_DURABILITY");
});

test("ST-21 on S3 the level has no effect and says so, once, and only when it was asked for", async () => {
  using library = emptyLibrary();
  // Refused without a request: plain http needs consent.
  const env = { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" };
  const init = ["init", "s3://bucket/g.omni", "--schema", "library.pg"];
  const asked = await library.run([...init, "--durability", "power"], { env });
  expect(asked.stderr.match(/warning: the durability level has no effect on S3/g)).toHaveLength(1);
  expect((await library.run(init, { env })).stderr).not.toContain("durability");
});
