import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundleScript, makeTempDir } from "@omnigraphdb/testkit";
import { beforeAll, describe, expect, test } from "vitest";

const PACKAGE_DIRECTORY = join(import.meta.dirname, "../..");
const CALLS = "openat,creat,open,rename,renameat,renameat2,link,linkat,mkdir,mkdirat,unlink,unlinkat,rmdir,fsync,fdatasync,copy_file_range,ftruncate";

const hasTracer = ((): boolean => {
  try {
    execFileSync("strace", ["-f", "-e", "trace=fsync", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

interface TracedCall {
  readonly name: string;
  /** Quoted path arguments, in order. */
  readonly paths: readonly string[];
  /** Path of the first descriptor argument. */
  readonly descriptor: string | undefined;
  readonly isCreating: boolean;
  readonly isWriting: boolean;
  readonly hasFailed: boolean;
}

/** The calls of all threads in the order in which they ended. */
function parseTrace(text: string): readonly TracedCall[] {
  const unfinished = new Map<string, string>();
  const calls: TracedCall[] = [];
  for (const line of text.split("\n")) {
    const match = /^(\d+)\s+(.*)$/.exec(line);
    if (match === null) continue;
    const [, thread, rest] = match as unknown as [string, string, string];
    if (rest.endsWith("<unfinished ...>")) {
      unfinished.set(thread, rest.slice(0, -"<unfinished ...>".length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const call = resumed === null ? rest : `${unfinished.get(thread) ?? ""}${resumed[1]}`;
    const name = /^(\w+)\(/.exec(call)?.[1];
    if (name === undefined) continue;
    calls.push({
      name,
      paths: [...call.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, path]) => path as string),
      descriptor: /^\w+\(\d+<([^>]*)>/.exec(call)?.[1],
      isCreating: call.includes("O_CREAT") || name === "creat",
      isWriting: /O_(WRONLY|RDWR)/.test(call) || name === "creat",
      hasFailed: /\) += -1 /.test(call),
    });
  }
  return calls;
}

/** What of each name would be there after a loss of power. */
interface NameState {
  /** Shared by all names of one file. */
  readonly content: { isDurable: boolean };
  isEntryDurable: boolean;
}

/** Replays the calls, and hands the state of all names below `root` to `atMark` at every mark. */
function replay(calls: readonly TracedCall[], root: string, atMark: (step: string, names: ReadonlyMap<string, NameState>, events: readonly string[]) => void): void {
  const names = new Map<string, NameState>();
  let events: string[] = [];
  const put = (path: string, content: NameState["content"]): void => {
    if (path.startsWith(root)) names.set(path, { content, isEntryDurable: false });
  };
  for (const { name, paths, descriptor, isCreating, isWriting, hasFailed } of calls) {
    const [first = "", second = ""] = paths;
    const step = /^\/proc\/marks\/(.*)$/.exec(first)?.[1];
    if (step !== undefined) {
      atMark(step, names, events);
      events = [];
    }
    if (hasFailed) continue;
    if (["open", "openat", "creat"].includes(name) && isWriting) {
      const known = names.get(first);
      if (known === undefined && isCreating) put(first, { isDurable: false });
      else if (known !== undefined) known.content.isDurable = false;
      events.push(`write ${first}`);
    } else if (name.startsWith("rename") || name.startsWith("link")) {
      put(second, names.get(first)?.content ?? { isDurable: false });
      if (name.startsWith("rename")) names.delete(first);
      events.push(`name ${second}`);
    } else if (name.startsWith("mkdir")) put(first, { isDurable: true });
    else if (name.startsWith("unlink") || name === "rmdir") {
      names.delete(first);
      events.push(`delete ${first}`);
      if (/\/_versions\/\d+\.manifest$/.test(first)) expectDurableSuccessor(first, names);
    } else if ((name === "fsync" || name === "fdatasync") && descriptor !== undefined) {
      const state = names.get(descriptor);
      if (state !== undefined) state.content.isDurable = true;
      for (const [path, entry] of names) if (dirname(path) === descriptor) entry.isEntryDurable = true;
      events.push(`sync ${descriptor}`);
    }
  }
}

/** Whatever version remains as the newest is durable before an older one goes. */
function expectDurableSuccessor(removed: string, names: ReadonlyMap<string, NameState>): void {
  const versions = [...names].filter(([path]) => dirname(path) === dirname(removed) && path.endsWith(".manifest"));
  const [newest] = versions.filter(([, { content, isEntryDurable }]) => content.isDurable && isEntryDurable).sort();
  expect(newest?.[0] ?? "~", "newest durable version").toMatch(/manifest$/);
  if (newest !== undefined) expect(newest[0] < removed, `a durable version newer than ${removed}`).toBe(true);
}

/** May be lost: the engine or the binding does without. */
const DISPENSABLE = /\/(latest_version_hint\.json|__lease(\/.*)?|__init_claim\.json.*|__create_if_absent_probe_.*)$|\.tmp\.[0-9A-Z]{26}$/;

describe.skipIf(!hasTracer)("ST-21 durability, seen by a system-call tracer (skipped: strace is not installed or not permitted)", () => {
  let script: string;
  beforeAll(async () => {
    script = await bundleScript(join(import.meta.dirname, "scripts/write-durably.ts"), PACKAGE_DIRECTORY);
  }, 60_000);

  function trace(directory: string, durability: "process" | "power"): readonly TracedCall[] {
    const output = join(directory, `${durability}.trace`);
    const args = ["-f", "-y", "-s", "4096", "-e", `trace=${CALLS}`, "-o", output, process.execPath, script, join(directory, "graph/g.omni"), durability];
    const { status, stderr } = spawnSync("strace", args, { encoding: "utf8", env: { ...process.env, LANCEDB_LOG: "error" } });
    expect(status, stderr).toBe(0);
    return parseTrace(readFileSync(output, "utf8"));
  }

  test("ST-21 MAN-35 power: at every acknowledgement all files and the names that lead to them are synced, in the order of the protocol", async () => {
    await using dir = await makeTempDir();
    const steps: string[] = [];
    const syncCounts: Record<string, number> = {};
    replay(trace(dir.path, "power"), dir.path, (step, names, events) => {
      steps.push(step);
      syncCounts[step] = events.filter((event) => event.startsWith("sync ")).length;
      const lost = [...names].filter(([path, { content, isEntryDurable }]) => !DISPENSABLE.test(path) && !path.endsWith(".trace") && !(content.isDurable && isEntryDurable));
      expect(lost.map(([path]) => path), step).toEqual([]);
      if (/^(update|delete$|load|blob)/.test(step)) checkOrder(step, events);
    });
    expect(steps).toEqual(["start", "init", "load", "blob", "update1", "update2", "update3", "delete", "create", "index", "compact", "columns", "fork", "fork-write", "nested-fork", "restore", "prune", "merge", "manifest-compact"]);
    // The cost of one commit to one type does not grow.
    expect(syncCounts["update3"]).toBe(syncCounts["update2"]);
  }, 120_000);

  test("process: nothing is synced", async () => {
    await using dir = await makeTempDir();
    const calls = trace(dir.path, "process");
    expect(calls.filter(({ name }) => name === "fsync" || name === "fdatasync")).toEqual([]);
  }, 120_000);
});

/** Sidecar, data, version of the dataset, confirmation, manifest, removal of the sidecar. */
function checkOrder(step: string, events: readonly string[]): void {
  const at = (what: string, pattern: RegExp, from = 0): number => {
    const index = events.findIndex((event, position) => position >= from && pattern.test(event));
    expect(index, `${step}: ${what}`).toBeGreaterThanOrEqual(0);
    return index;
  };
  const armed = at("the sidecar is durable", /^sync .*\/__recovery$/);
  expect(at("first effect", /^(write|name) .*\/(nodes|edges)\//), step).toBeGreaterThan(armed);
  const dataSynced = at("what the version reads is durable", /^sync .*\/nodes\/[^/]+\/(data|_deletions|_transactions)\//, armed);
  const versionSynced = at("the version is durable", /^sync .*\/nodes\/.*\/_versions$/, dataSynced);
  const confirmed = at("the confirmation is durable", /^sync .*\/__recovery$/, versionSynced);
  const published = at("the publish is there", /^name .*\/__manifest\.lance\/_versions\/\d+\.manifest$/, confirmed);
  const publishSynced = at("the publish is durable", /^sync .*\/__manifest\.lance\/_versions$/, published);
  at("the sidecar is removed", /^delete .*\/__recovery\/[^/]+\.json$/, publishSynced);
}
