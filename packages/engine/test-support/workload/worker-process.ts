import { join } from "node:path";
import { bundleScript, type RunningProcess, startProcess } from "@omnigraphdb/testkit";
import type { WorkerTask } from "./worker-task.js";

const PACKAGE_DIRECTORY = join(import.meta.dirname, "../..");

/** @returns the path of a script for {@link startWorker} */
export function bundleWorker(): Promise<string> {
  return bundleScript(join(import.meta.dirname, "worker.ts"), PACKAGE_DIRECTORY);
}

/** Libraries that look ahead to newer versions of Node say so on standard error. */
const WITHOUT_WARNINGS = ["--no-warnings"];

/** @returns the path of a script for {@link startReader} */
export function bundleReader(): Promise<string> {
  return bundleScript(join(import.meta.dirname, "reader.ts"), PACKAGE_DIRECTORY);
}

/** Starts a worker that has loaded its code when this resolves, and begins with {@link begin}. */
export async function startWorker(script: string, task: WorkerTask, env: Readonly<Record<string, string>> = {}): Promise<RunningProcess> {
  const worker = startProcess(script, { args: [JSON.stringify(task)], env, nodeFlags: WITHOUT_WARNINGS });
  await worker.waitForOutput("loaded");
  return worker;
}

/** Starts a process that reads until it is killed, see `reader.ts`. */
export async function startReader(script: string, root: string, branches: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunningProcess> {
  const reader = startProcess(script, { args: [root, ...branches], env, nodeFlags: WITHOUT_WARNINGS });
  await reader.waitForOutput("ready");
  return reader;
}

export function begin(worker: RunningProcess): void {
  worker.write("go\n");
}

/** Codes of the errors the engine answered with, each with how often. */
export function countRefusals(output: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [, code = ""] of output.matchAll(/^refused (.*)$/gm)) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
