import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EmbedSummary } from "@omnigraphdb/embeddings";
import { bundleScript, makeTempDir, runProcess, startProcess } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";

const RECORDS = 2500;

test("EM-33 a process killed again and again ends with the output of one that never was", async () => {
  const script = await bundleScript(join(import.meta.dirname, "scripts/embed-slowly.ts"), join(import.meta.dirname, "../.."));
  await using directory = await makeTempDir();
  const input = join(directory.path, "in.jsonl");
  const [whole, output] = [join(directory.path, "whole.jsonl"), join(directory.path, "out.jsonl")];
  writeFileSync(input, Array.from({ length: RECORDS }, (_, i) => `{"type":"Doc","data":{"title":"title ${i}"}}\n`).join(""));
  const uninterrupted = await runProcess(script, { args: [input, whole] });
  expect(uninterrupted.exitCode).toBe(0);
  const portions = portionsOf(uninterrupted.stdout);

  let embedded = 0;
  let kills = 0;
  for (; kills < 3; kills++) {
    await using running = startProcess(script, { args: [input, output] });
    await running.waitForOutput("embedding 512\nembedding 512\n");
    const { stdout } = await running.kill("SIGKILL");
    embedded += portionsOf(stdout);
    expect(existsSync(output)).toBe(false);
  }
  const last = await runProcess(script, { args: [input, output] });
  const summary = JSON.parse(last.stdout.trimEnd().split("\n").at(-1) ?? "") as EmbedSummary;
  expect(summary).toMatchObject({ records: RECORDS, embeddedRecords: RECORDS });
  expect(summary.resumedRecords).toBeGreaterThanOrEqual(kills * 512);
  // Each kill may cost the portion that was on its way, and no more.
  expect(embedded + portionsOf(last.stdout)).toBeLessThanOrEqual(portions + kills);
  expect(readFileSync(output).equals(readFileSync(whole))).toBe(true);
  expect(existsSync(`${output}.tmp`) || existsSync(`${output}.tmp.progress`)).toBe(false);
});

function portionsOf(stdout: string): number {
  return stdout.split("\n").filter((line) => line.startsWith("embedding ")).length;
}
