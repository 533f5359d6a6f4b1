import { readFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildBinary } from "../process/binary.js";
import { DIVERGENCES } from "./divergences.js";
import { commitReads, FAILURES, FILES, READS, type Row, WRITES } from "./rows.js";
import { scrub } from "./scrub.js";
import { FIXTURE, openTwins, type Twins } from "./twins.js";

let twins: Twins;
/** Of the fixture, newest first. Both arms have them; whatever else looks like an id was made by a row. */
let commitIds: readonly string[];

beforeAll(async () => {
  buildBinary();
  const built = spawnSync(process.execPath, ["bundle.mjs"], { cwd: fileURLToPath(new URL("../../../../apps/omnigraph-server", import.meta.url)), encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
  twins = await openTwins(FIXTURE);
  for (const [name, content] of Object.entries(FILES)) await twins.write(name, content);
  const { local } = await twins.run(["commit", "list", "--json"], { isWrite: false, isBinary: false });
  commitIds = (JSON.parse(local.stdout) as { commits: { graph_commit_id: string }[] }).commits.map(({ graph_commit_id: id }) => id);
}, 120_000);
afterAll(() => (twins as Twins | undefined)?.[Symbol.asyncDispose]());

async function compare({ name, argv, isWrite = false, exitCode = 0, isUnordered, isBinary, isCodeOnly, file }: Row): Promise<void> {
  const { local, remote } = await twins.run(argv, { isWrite, isBinary: isBinary === true });
  expect({ local: local.exitCode, remote: remote.exitCode, stderr: exitCode === 0 ? remote.stderr.replace(/^omnigraph .*→.*\n/, "") : "" }, local.stderr).toEqual({ local: exitCode, remote: exitCode, stderr: "" });
  if (isCodeOnly === true || DIVERGENCES.includes(name)) return;
  const shown = [local, remote].map(({ stdout, stderr }) => {
    const text = scrub(stdout, { commitIds, addresses: twins.addresses });
    return { stdout: isUnordered === true ? text.split("\n").sort().join("\n") : text, stderr: scrub(stderr, { commitIds, addresses: twins.addresses }) };
  });
  expect(shown[1]).toEqual(shown[0]);
  if (isUnordered === true) expect(local.stdout).not.toBe("");
  if (file !== undefined) {
    const [first, second] = await Promise.all(["local", "remote"].map((arm) => readFile(`${twins.directory}/${file.replace("%ARM%", arm)}`)));
    expect(second).toEqual(first);
  }
}

describe("parity of embedded and served commands (§15)", () => {
  test("§15.5 the ledger of divergences is empty", () => {
    expect(DIVERGENCES).toEqual([]);
  });

  test.each(READS)("$name", compare);

  test("commands on a commit", async () => {
    for (const row of commitReads(commitIds[0] ?? "", commitIds.at(-1) ?? "")) await compare(row);
  });

  test.each(FAILURES)("failure: $name", compare);

  describe("writes, one after the other", () => {
    test.each(WRITES)("$name", compare);
  });
});
