import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failpoints } from "@omnigraphdb/common";
import { Graph } from "@omnigraphdb/engine";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Library, loadedLibrary } from "../library.js";
import { BINARY, buildBinary, runBinary, start } from "./binary.js";

const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;

let library: Library;
beforeAll(() => buildBinary(), 120_000);
beforeEach(async () => {
  library = await loadedLibrary();
});
afterEach(() => library[Symbol.dispose]());

function makeGate(): { readonly promise: Promise<void>; readonly release: () => void } {
  let release = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { promise, release };
}

/** Author records that are not in the graph yet. */
function* authors(count: number): Iterable<string> {
  for (let at = 0; at < count; at++) yield `{"type":"Author","data":{"handle":"author-${at}","name":"Author number ${at}"}}\n`;
}

async function stillWorks(before: string): Promise<void> {
  expect(await library.state()).toBe(before);
  await library.succeed("load", "g.omni", "--data", "library.jsonl", "--mode", "merge");
}

describe("the program itself", () => {
  test("omnigraph version and --help load neither the storage binding nor the parser generator", async () => {
    const preload = join(library.directory, "report.cjs");
    library.write("report.cjs", "process.on('exit', () => require('node:fs').writeSync(2, Object.keys(require.cache).join('\\n')));");
    for (const argv of [["version"], ["--version"], ["--help"], ["query", "--help"]]) {
      const { exitCode, stderr } = await runBinary(argv, { nodeFlags: ["--require", preload] });
      expect(exitCode).toBe(0);
      expect(stderr).not.toMatch(/lancedb|apache-arrow|chevrotain|re2js|aws-sdk/);
    }
  });

  test("policy 4.6.7 Cedar is loaded by a command that compiles a policy, and by no other", async () => {
    const preload = join(library.directory, "report.cjs");
    library.write("report.cjs", "process.on('exit', () => require('node:fs').writeSync(2, Object.keys(require.cache).join('\\n')));");
    library.write("data.policy.yaml", "version: 1\ngroups: { g: [ann] }\n");
    const options = { cwd: library.directory, nodeFlags: ["--require", preload] };
    expect((await runBinary(["query", "authors", "--store", "g.omni", "--query", "library.gq"], options)).stderr).not.toContain("cedar");
    const { stdout, stderr } = await runBinary(["policy", "validate", "--file", "data.policy.yaml"], options);
    expect(stdout).toBe("policy data.policy.yaml is valid: 1 actor\n");
    expect(stderr).toContain("cedar");
  });

  test("EM-30 embed reads a YAML manifest: its parser is in the program", async () => {
    library.write("docs.jsonl", '{"type":"Doc","data":{"slug":"a","title":"Trees"}}\n');
    library.write("seed.yaml", "sources:\n  raw_seed: ./docs.jsonl\nembeddings:\n  dimension: 4\n  types:\n    Doc: {target: vec, fields: [title]}\n");
    const options = { cwd: library.directory, env: { PATH: process.env["PATH"], OMNIGRAPH_EMBEDDINGS_MOCK: "1" } };
    expect(await runBinary(["embed", "--seed", "seed.yaml"], options)).toMatchObject({ exitCode: 0, stderr: "" });
    library.write("seed.yaml", "sources: [\n");
    expect((await runBinary(["embed", "--seed", "seed.yaml"], options)).stderr).toMatch(/^Error: the manifest is not YAML: Flow sequence/);
  });

  test("a command ends promptly and with the exit code of run", async () => {
    const options = { cwd: library.directory };
    expect(await runBinary(["query", "authors", "--store", "g.omni", "--query", "library.gq", "--format", "csv"], options)).toEqual({
      exitCode: 0,
      signal: null,
      stdout: "a.handle,a.rating\nada,4.5\nbo,null\ncy,3.0\n",
      stderr: "",
    });
    expect((await runBinary(["snapshot", "absent.omni"], options)).exitCode).toBe(1);
    expect((await runBinary(["snapshto"], options)).exitCode).toBe(2);
  });

  test("a reader that leaves early is no failure", async () => {
    library.write("many.jsonl", [...authors(20_000)].join(""));
    await library.succeed("load", "g.omni", "--data", "many.jsonl", "--mode", "append");
    const { child, finished } = start(["export", "g.omni"], { cwd: library.directory });
    child.stdout.once("data", () => child.stdout.destroy());
    expect(await finished).toMatchObject({ exitCode: 0, signal: null, stderr: "" });
  });

  test.skipIf(!existsSync("/dev/full"))("an output that cannot be written is an error", async () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [BINARY, "export", "g.omni"], {
      cwd: library.directory,
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error: .*ENOSPC/);
  });
});

describe("interruption", () => {
  test.each([["SIGINT", 130], ["SIGTERM", 130]] as const)("%s while records arrive leaves nothing behind", async (signal, exitCode) => {
    const before = await library.state();
    const { child, finished } = start(["load", "g.omni", "--data", "-", "--mode", "append"], { cwd: library.directory });
    child.stdin.write([...authors(1_000)].join(""));
    await delay(700);
    child.kill(signal);
    expect(await finished).toMatchObject({ exitCode, signal: null, stdout: "" });
    await stillWorks(before);
  });

  test.each([300, 700])("SIGINT %d ms into a load of a file: all or nothing", async (ms) => {
    library.write("many.jsonl", [...authors(100_000)].join(""));
    const before = await library.state();
    const { child, finished } = start(["load", "g.omni", "--data", "many.jsonl", "--mode", "append"], { cwd: library.directory });
    await delay(ms);
    child.kill("SIGINT");
    const { exitCode, signal } = await finished;
    // Before the program listens for signals the default action ends it; after the commit the load has succeeded.
    expect([130, 0, null]).toContain(exitCode);
    if (exitCode === null) expect(signal).toBe("SIGINT");
    if (exitCode !== 0) await stillWorks(before);
  });

  test.each([300, 600, 900])("SIGKILL %d ms into a load: the next command finds all or nothing", async (ms) => {
    library.write("many.jsonl", [...authors(100_000)].join(""));
    const before = (await library.succeed("export", "g.omni", "--type", "Author")).split("\n").length;
    const { child, finished } = start(["load", "g.omni", "--data", "many.jsonl", "--mode", "append"], { cwd: library.directory });
    await delay(ms);
    child.kill("SIGKILL");
    await finished;
    const after = (await runBinary(["export", "g.omni", "--type", "Author"], { cwd: library.directory })).stdout.split("\n").length;
    expect([before, before + 100_000]).toContain(after);
    const next = await runBinary(["load", "g.omni", "--data", "library.jsonl", "--mode", "merge"], { cwd: library.directory });
    expect(next).toMatchObject({ exitCode: 0, stdout: "loaded g.omni on main (merge): 7 entities, 2 node types, 1 edge types\n" });
  });
});

describe("several processes", () => {
  test("D16 a second writer waits and then succeeds", async () => {
    const argv = (name: string): string[] => ["mutate", "add", "--store", "g.omni", "--query", "library.gq", "--params", JSON.stringify({ handle: name, name })];
    const results = await Promise.all(["w1", "w2", "w3"].map((name) => runBinary(argv(name), { cwd: library.directory })));
    for (const result of results) expect(result).toMatchObject({ exitCode: 0, stdout: "changed main via add: 1 nodes, 0 edges\n" });
    const handles = await library.succeed("query", "authors", "--store", "g.omni", "--query", "library.gq", "--format", "csv");
    for (const name of ["w1", "w2", "w3"]) expect(handles).toContain(`${name},`);
  });

  test("D16 a writer that waited too long fails with a retryable error", async () => {
    const failpoints = new Failpoints();
    const { promise: blocked, release } = makeGate();
    failpoints.arm("mutation.post_finalize_pre_publisher", () => blocked);
    await using graph = await Graph.open(join(library.directory, "g.omni"), { mode: "rw", components: { failpoints } });
    const holding = graph.load('{"type":"Author","data":{"handle":"dee","name":"Dee"}}', { mode: "append" });
    const busy = await runBinary(["load", "g.omni", "--data", "library.jsonl", "--mode", "merge", "--quiet"], {
      cwd: library.directory,
      env: { PATH: process.env["PATH"], OMNIGRAPH_WRITER_WAIT_MS: "300" },
    });
    release();
    await holding;
    expect(busy).toMatchObject({ exitCode: 1, stdout: "" });
    expect(busy.stderr).toMatch(/^Error: another writer holds the graph/);
    expect(busy.stderr).toMatch(/^ {2}hint: Try again/m);
  });
});

describe("storage that refuses", () => {
  test.skipIf(!IS_ROOT && process.platform === "win32")("a folder that must not be written", async () => {
    const before = await library.state();
    const root = join(library.directory, "g.omni");
    chmodSync(library.directory, 0o755);
    spawnSync("chmod", ["-R", "a+rX,a-w", root]);
    const identity = IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {};
    const options = { cwd: library.directory, ...identity };
    for (const argv of [
      ["load", "g.omni", "--data", "library.jsonl", "--mode", "merge", "--quiet"],
      ["mutate", "add", "--store", "g.omni", "--query", "library.gq", "--params", '{"handle":"x","name":"X"}'],
      ["init", "--schema", "library.pg", "g.omni/inner.omni"],
    ]) {
      const { exitCode, stdout, stderr } = await runBinary(argv, options);
      expect({ exitCode, stdout }, argv[0]).toEqual({ exitCode: 1, stdout: "" });
      expect(stderr).toMatch(/^Error: /);
      expect(stderr).toMatch(/^ {2}hint: .*permission/im);
      expect(stderr).not.toMatch(/^\s+at |unexpected failure/m);
    }
    expect((await runBinary(["export", "g.omni"], options)).exitCode).toBe(0);
    spawnSync("chmod", ["-R", "u+w", root]);
    expect(await library.state()).toBe(before);
  });

  test.skipIf(!canMount())("a disk that runs full", async () => {
    const disk = join(library.directory, "disk");
    mkdirSync(disk);
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]);
    try {
      await library.succeed("init", "--schema", "library.pg", "disk/g.omni");
      await library.succeed("load", "disk/g.omni", "--data", "library.jsonl", "--mode", "append");
      const before = await library.succeed("export", "disk/g.omni");
      library.write("many.jsonl", [...authors(200_000)].join(""));
      const { exitCode, stdout, stderr } = await runBinary(["load", "disk/g.omni", "--data", "many.jsonl", "--mode", "append", "--quiet"], { cwd: library.directory });
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
      expect(stderr).toMatch(/^Error: /);
      expect(stderr).toMatch(/^ {2}hint: /m);
      expect(stderr).not.toMatch(/^\s+at |unexpected failure/m);
      expect(await library.succeed("export", "disk/g.omni")).toBe(before);
      spawnSync("mount", ["-o", "remount,size=64m", disk]);
      await library.succeed("load", "disk/g.omni", "--data", "library.jsonl", "--mode", "merge");
      expect(await library.succeed("export", "disk/g.omni")).toBe(before);
    } finally {
      spawnSync("umount", [disk]);
    }
  });
});

function canMount(): boolean {
  if (!IS_ROOT || process.platform !== "linux") return false;
  return spawnSync("unshare", ["--mount", "true"]).status === 0;
}
