/** Several commands on one cluster at the same time, each in a process of its own. */
import { type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { applyCluster, approveChange, type ClusterDiagnostic, importCluster, planCluster, refreshCluster, type VerbOptions } from "@omnigraphdb/cluster";
import { declareCluster } from "@omnigraphdb/cluster/test-support";
import { Failpoints, must, randomIds, systemClock } from "@omnigraphdb/common";
import { parseS3Environment } from "@omnigraphdb/engine";
import { type S3TestServer, startS3Server } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildBinary, type Finished, runBinary, start } from "./binary.js";

const SCHEMA = "node Order { number: I64 @key }\n";
let server: S3TestServer;
let directory: string;

beforeAll(async () => {
  buildBinary();
  server = await startS3Server();
  directory = await mkdtemp(join(tmpdir(), "omnigraph-rivals-"));
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

interface Place {
  readonly config: string;
  readonly storage: string;
  /** Of everything that is stored. */
  readonly state: () => string;
  readonly isLocked: () => boolean;
}

function environment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", OMNIGRAPH_HOME: join(directory, "home"), OMNIGRAPH_DURABILITY: "process", LANCEDB_LOG: "error", NODE_NO_WARNINGS: "1", ...server.environment };
}

function applyProcess({ config }: Place): Promise<Finished> {
  return runBinary(["cluster", "apply", "--json"], { cwd: config, env: environment() });
}

/** Runs in this process. */
function options({ config }: Place): VerbOptions {
  return { configDirectory: config, environment: { clock: systemClock, ids: randomIds, processId: process.pid, failpoints: new Failpoints(), durability: "process", s3: must(parseS3Environment(server.environment), "the test server gives settings") } };
}

/** All that take the lock (cluster.md 7.1). */
const RIVALS: Readonly<Record<string, (place: Place) => Promise<{ readonly isOk: boolean; readonly diagnostics: readonly ClusterDiagnostic[] }>>> = {
  apply: (place) => applyCluster(options(place)),
  plan: (place) => planCluster(options(place)),
  approve: (place) => approveChange({ ...options(place), actor: "boss", address: "graph.old" }),
  refresh: (place) => refreshCluster(options(place)),
  import: (place) => importCluster(options(place)),
};

function localPlace(name: string): Place {
  const storage = join(directory, `${name}.root`);
  const files = (): readonly string[] => (existsSync(storage) ? readdirSync(storage, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort() : []);
  const state = (): string => {
    const hash = createHash("sha256");
    for (const file of files()) hash.update(file).update(readFileSync(file));
    return hash.digest("hex");
  };
  return { config: join(directory, name), storage, state, isLocked: () => existsSync(join(storage, "__cluster/lock.json")) };
}

function bucketPlace(name: string): Place {
  const keys = (): readonly string[] => server.keys(name);
  return { config: join(directory, name), storage: `s3://${name}/prod`, state: () => keys().join("\n"), isLocked: () => keys().includes("prod/__cluster/lock.json") };
}

async function declare({ config, storage }: Place, graphs: readonly string[]): Promise<void> {
  await declareCluster(config, { graphs: Object.fromEntries(graphs.map((id) => [id, { schema: SCHEMA }])) }, storage);
}

/** An apply that has the lock and does not go on until it is told to. */
async function startPaused(place: Place): Promise<{ readonly child: ChildProcess; readonly finished: Promise<Finished> }> {
  const { child, finished } = start(["cluster", "apply", "--json"], { cwd: place.config, env: environment() });
  child.stdin.end();
  while (!place.isLocked()) await delay(1);
  child.kill("SIGSTOP");
  for (let state = ""; state !== place.state(); await delay(30)) state = place.state();
  return { child, finished };
}

describe.each([
  ["local", localPlace],
  ["S3", bucketPlace],
] as const)("two commands on one cluster at once: %s", (kind, placeOf) => {
  test("cluster.md 7.2 while an apply holds the lock, every other command says who holds it and changes nothing", { timeout: 120_000 }, async () => {
    const place = placeOf(`held-${kind.toLowerCase()}`);
    await declare(place, ["old"]);
    expect(await importCluster(options(place))).toMatchObject({ isOk: true });
    expect(await applyCluster(options(place))).toMatchObject({ isConverged: true });
    await declare(place, ["a", "b"]);
    const { child, finished } = await startPaused(place);
    const holder = new RegExp(`^'apply' holds the lock \\w{26} \\(process ${child.pid}, taken .* ago\\)\\. .*omnigraph cluster force-unlock \\w{26} --config `);
    try {
      const before = place.state();
      const { exitCode, stdout, stderr } = await applyProcess(place);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, diagnostics: [{ code: "state_lock_held", message: expect.stringMatching(holder) as string }] });
      for (const [verb, run] of Object.entries(RIVALS)) {
        const { isOk, diagnostics } = await run(place);
        expect([verb, isOk, diagnostics.map(({ code }) => code)]).toEqual([verb, false, ["state_lock_held"]]);
        expect(diagnostics[0]?.message).toMatch(holder);
      }
      expect(place.state()).toBe(before);
    } finally {
      child.kill("SIGCONT");
    }
    const { exitCode, stdout } = await finished;
    expect(exitCode).toBe(0);
    // The graph that nobody may delete without an approval waits.
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, converged: false, diagnostics: [{ code: "apply_dependency_blocked" }, { code: "apply_dependency_blocked" }] });
    expect(place.isLocked()).toBe(false);
  });
});

test("cluster.md 18.2 scenario 10 started together: whoever loses says so, whoever wins converges", { timeout: 120_000 }, async () => {
  const place = localPlace("together");
  await declare(place, ["a", "b", "c"]);
  expect(await importCluster(options(place))).toMatchObject({ isOk: true });
  const ended = await Promise.all([applyProcess(place), applyProcess(place)]);
  expect(ended.some(({ exitCode }) => exitCode === 0)).toBe(true);
  for (const { exitCode, stdout, stderr } of ended) {
    const { converged, diagnostics } = JSON.parse(stdout) as { readonly converged: boolean; readonly diagnostics: readonly ClusterDiagnostic[] };
    expect({ exitCode, stderr, converged, codes: diagnostics.map(({ code }) => code) }).toEqual(
      exitCode === 0 ? { exitCode: 0, stderr: "", converged: true, codes: [] } : { exitCode: 1, stderr: "", converged: false, codes: ["state_lock_held"] },
    );
  }
  expect(await applyCluster(options(place))).toMatchObject({ isOk: true, isConverged: true, isStateWritten: false, diagnostics: [] });
  expect(place.isLocked()).toBe(false);
});
