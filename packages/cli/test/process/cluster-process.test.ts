import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildBinary, type Finished, runBinary, start } from "./binary.js";

beforeAll(() => buildBinary(), 120_000);

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "omnigraph-cluster-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const GRAPHS = 16;

/** Many graphs, so that creating them takes a while. */
function declare(graphs: number): void {
  writeFileSync(join(cwd, "schema.pg"), "node Order {\n  number: I64 @key\n}\n");
  const declared = Array.from({ length: graphs }, (_, at) => `  g${String(at).padStart(2, "0")}: { schema: schema.pg }\n`);
  writeFileSync(join(cwd, "cluster.yaml"), `version: 1\ngraphs:\n${declared.join("")}`);
}

const environment = (): Record<string, string> => ({ PATH: process.env["PATH"] ?? "", OMNIGRAPH_HOME: join(cwd, "home"), OMNIGRAPH_DURABILITY: "process" });

function cluster(...argv: readonly string[]): Promise<Finished> {
  return runBinary(["cluster", ...argv], { cwd, env: environment() });
}

const lockPath = (): string => join(cwd, "__cluster/lock.json");

function ledger(): string {
  return readFileSync(join(cwd, "__cluster/state.json"), "utf8");
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(2);
}

describe("the program: cluster.md §13.5 exit codes", () => {
  test("0, 1 and 2 of every verb, with one document on stdout and an empty stderr", async () => {
    declare(1);
    const steps: readonly (readonly [number, ...string[]])[] = [
      [0, "validate"],
      [0, "status"],
      [1, "apply"],
      [1, "refresh"],
      [1, "approve", "graph.g00", "--as", "ann"],
      [0, "plan"],
      [0, "import"],
      [1, "import"],
      [0, "apply", "--as", "ann"],
      [0, "apply", "--as", "ann"],
      [0, "refresh"],
      [1, "approve", "graph.g00", "--as", "ann"],
      [1, "force-unlock", "01JD8S4M6Q0V5ZJ3T7C1XW9K2C"],
    ];
    for (const [exitCode, ...argv] of steps) {
      const ran = await cluster(...argv, "--json");
      expect(ran, argv.join(" ")).toMatchObject({ exitCode, stderr: "" });
      expect(JSON.parse(ran.stdout)).toMatchObject({ ok: exitCode === 0 });
    }
    writeFileSync(join(cwd, "schema.pg"), "node {");
    expect(await cluster("validate")).toMatchObject({ exitCode: 1, stderr: "" });
    expect(await cluster("plan", "--json")).toMatchObject({ exitCode: 1 });
    for (const argv of [["approve"], ["force-unlock"], ["plan", "--store", "x"], ["status", "--as", "ann"], ["apply", "--nope"]]) expect(await cluster(...argv), argv.join(" ")).toMatchObject({ exitCode: 2, stdout: "" });
  }, 60_000);
});

describe("the program: cluster.md 4.4 an interrupted command releases the lock", () => {
  test.each<[NodeJS.Signals]>([["SIGINT"], ["SIGTERM"]])("apply, by %s between two graphs; the next apply goes on", async (signal) => {
    declare(GRAPHS);
    expect(await cluster("import")).toMatchObject({ exitCode: 0 });
    const before = ledger();
    const { child, finished } = start(["cluster", "apply"], { cwd, env: environment() });
    child.stdin.end();
    await until(() => existsSync(join(cwd, "graphs")) && readdirSync(join(cwd, "graphs")).length > 0);
    expect(existsSync(lockPath())).toBe(true);
    child.kill(signal);
    const { exitCode, stdout, stderr } = await finished;
    expect(exitCode).toBe(130);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^Error: /);
    expect(stderr).not.toContain("nothing was changed");
    expect(existsSync(lockPath())).toBe(false);
    expect(ledger()).toBe(before);
    expect(readdirSync(join(cwd, "graphs")).length).toBeLessThan(GRAPHS);

    const again = await cluster("apply", "--json");
    expect(again).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(again.stdout)).toMatchObject({ converged: true });
    expect(readdirSync(join(cwd, "graphs")).length).toBe(GRAPHS);
  }, 60_000);
});
