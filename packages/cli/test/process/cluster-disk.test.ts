/** `omnigraph cluster apply` while the disk fills up, turns read-only, or takes its permissions back. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { applyCluster, type ApplyOutcome, approveChange, type ClusterDiagnostic, type ClusterEnvironment, DIAGNOSTIC_CODES, importCluster } from "@omnigraphdb/cluster";
import { type DeclaredCluster, declareCluster } from "@omnigraphdb/cluster/test-support";
import { Failpoints, randomIds, systemClock } from "@omnigraphdb/common";
import { Graph } from "@omnigraphdb/engine";
import { bundleScript, makeScratchDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildBinary, type Finished, runBinary } from "./binary.js";
import type { OperationFault } from "./scripts/fault-at-operation.js";

/** One change of a file in this many is the first to fail; 1 = every one. */
const STRIDE = Number(process.env["OMNIGRAPH_CLUSTER_FAULT_STRIDE"] ?? 130);
/** More than the apply makes. */
const CHANGES_MAX = 130;
const STEPS_MAX = 6;

const SCHEMA = "node Person { name: String @key }\n";
const SCHEMA_AGED = "node Person { name: String @key age: I32? }\n";
const LIST = "query list() { match { $p: Person } return { $p.name } }\n";
const BASE: DeclaredCluster = { graphs: { evolving: { schema: SCHEMA }, old: { schema: SCHEMA } } };
const TARGET: DeclaredCluster = { graphs: { evolving: { schema: SCHEMA_AGED, queries: { list: LIST } }, fresh: { schema: SCHEMA } } };

let directory: TempDir;
let faultScript: string;
let caseCount = 0;

beforeAll(async () => {
  buildBinary();
  faultScript = await bundleScript(fileURLToPath(new URL("scripts/fault-at-operation.ts", import.meta.url)), fileURLToPath(new URL("../..", import.meta.url)));
  directory = await makeScratchDir();
  const config = join(directory.path, "base");
  const root = join(directory.path, "base.root");
  await declareCluster(config, BASE, root);
  expect(await importCluster({ configDirectory: config, environment: environment() })).toMatchObject({ isOk: true });
  expect(await applyCluster({ configDirectory: config, environment: environment() })).toMatchObject({ isConverged: true });
  await using graph = await Graph.open(join(root, "graphs/evolving.omni"), { mode: "rw", settings: { durability: "process" } });
  await graph.load('{"type":"Person","data":{"name":"ann"}}', { mode: "append" });
}, 120_000);

afterAll(() => directory[Symbol.asyncDispose]());

function environment(): ClusterEnvironment {
  return { clock: systemClock, ids: randomIds, processId: process.pid, failpoints: new Failpoints(), durability: "process" };
}

interface Place {
  readonly config: string;
  readonly root: string;
}

/** The base with the target declared and its delete approved. @param root where to put it */
async function copyOfBase(root = join(directory.path, `case-${caseCount}.root`)): Promise<Place> {
  const place = { config: join(directory.path, `case-${caseCount++}`), root };
  await cp(join(directory.path, "base.root"), place.root, { recursive: true });
  await declareCluster(place.config, TARGET, place.root);
  expect(await approveChange({ configDirectory: place.config, environment: environment(), actor: "boss", address: "graph.old" })).toMatchObject({ isOk: true });
  return place;
}

function apply({ config }: Place, fault?: OperationFault): Promise<Finished> {
  return runBinary(["cluster", "apply", "--json"], {
    cwd: config,
    nodeFlags: fault === undefined ? [] : ["--import", faultScript],
    env: {
      PATH: process.env["PATH"] ?? "",
      OMNIGRAPH_HOME: join(directory.path, "home"),
      OMNIGRAPH_DURABILITY: "process",
      LANCEDB_LOG: "error",
      ...(fault === undefined ? {} : { OMNIGRAPH_TEST_OPERATION_FAULT: JSON.stringify(fault) }),
    },
  });
}

/** A document of findings with known codes, no trace of the program's inside. @returns the findings */
function expectTyped({ exitCode, stdout, stderr }: Finished, context: string): readonly ClusterDiagnostic[] {
  expect(stderr, context).toBe("");
  expect(stdout, context).not.toMatch(/^\s+at |unexpected failure|internal error|\.js:\d+/m);
  const { ok, diagnostics } = JSON.parse(stdout) as { readonly ok: boolean; readonly diagnostics: readonly ClusterDiagnostic[] };
  expect(exitCode, context).toBe(ok ? 0 : 1);
  for (const { code, message } of diagnostics) {
    expect(DIAGNOSTIC_CODES, context).toHaveProperty(code);
    expect(message.length, context).toBeGreaterThan(20);
  }
  return diagnostics;
}

/** What the messages of the failed run and of its successors say, until the declared state is there. */
async function repair({ config, root }: Place, findings: readonly ClusterDiagnostic[], context: string): Promise<void> {
  const said: unknown[] = [findings];
  let found: readonly { readonly code: string; readonly message: string }[] = findings;
  let outcome: ApplyOutcome | undefined;
  for (let step = 0; step < STEPS_MAX && !(outcome?.isConverged === true && !outcome.isStateWritten); step++) {
    for (const { code, message } of found) {
      const unlock = /omnigraph (cluster force-unlock \S+ --config \S+)$/.exec(message)?.[1];
      if (unlock !== undefined && existsSync(join(root, "__cluster/lock.json"))) expect(await runBinary(unlock.split(" "), { cwd: "/" }), context).toMatchObject({ exitCode: 0 });
      const rest = code === "graph_create_incomplete" ? / remove (\S+) with everything in it by hand/.exec(message)?.[1] : undefined;
      if (rest !== undefined) await rm(rest, { recursive: true, force: true });
    }
    outcome = await applyCluster({ configDirectory: config, environment: environment() });
    found = outcome.diagnostics;
    said.push(found);
  }
  expect(outcome, `${context}\n${JSON.stringify(said, undefined, 1)}`).toMatchObject({ isOk: true, isConverged: true, isStateWritten: false, diagnostics: [] });
  expect([existsSync(join(root, "graphs/old.omni")), existsSync(join(root, "__cluster/lock.json"))], context).toEqual([false, false]);
  await using graph = await Graph.open(join(root, "graphs/evolving.omni"), { mode: "ro", settings: { durability: "process" } });
  expect([graph.schema.source, (await graph.query(LIST)).rowCount], context).toEqual([SCHEMA_AGED, 1]);
}

describe("cluster.md 4.2, §10 from one change of a file on, an apply can write no more", () => {
  test.each([
    ["ENOSPC", 10],
    ["EROFS", 45],
    ["EACCES", 90],
  ] as const)("%s: findings with a code and a remedy, and the next apply converges", { timeout: 60_000 + 1_500_000 / STRIDE }, async (fault, offset) => {
    for (let at = offset % STRIDE; at < CHANGES_MAX; at += STRIDE) {
      const place = await copyOfBase();
      const context = `${fault} at ${at}`;
      const findings = expectTyped(await apply(place, { below: place.root, at, fault }), context);
      await repair(place, findings, context);
      await rm(place.root, { recursive: true });
    }
  });
});

describe("a disk that is full for Lance, too", () => {
  test.skipIf(!canMount()).each(STRIDE === 1 ? Array.from({ length: 40 }, (_, at) => 4 * at) : [24])("%d KiB left: the same", { timeout: 60_000 }, async (kib) => {
    const disk = join(directory.path, "disk");
    mkdirSync(disk, { recursive: true });
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk]);
    try {
      const place = await copyOfBase(join(disk, "root"));
      const used = Number(spawnSync("df", ["--output=used", disk], { encoding: "utf8" }).stdout.split("\n")[1]);
      spawnSync("mount", ["-o", `remount,size=${used + kib}k`, disk]);
      const findings = expectTyped(await apply(place), `${kib} KiB`);
      expect(findings.filter(({ severity }) => severity === "error").length).toBeGreaterThan(0);
      spawnSync("mount", ["-o", "remount,size=64m", disk]);
      await repair(place, findings, `${kib} KiB`);
    } finally {
      spawnSync("umount", [disk]);
    }
  });
});

function canMount(): boolean {
  return process.platform === "linux" && process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
}
