import { join } from "node:path";
import { bundleScript, type RunningProcess, startProcess } from "@omnigraphdb/testkit";
import type { WorkerTask } from "./worker-task.js";

const PACKAGE_DIRECTORY = join(import.meta.dirname, "../..");

/** @returns the path of a script for {@link startWorker} */
export function bundleWorker(): Promise<string> {
  return bundleScript(join(import.meta.dirname, "worker.ts"), PACKAGE_DIRECTORY);
}

/** @returns the path of a script that reads a graph: its arguments are the root and the branches */
export function bundleReader(): Promise<string> {
  return bundleScript(join(import.meta.dirname, "reader.ts"), PACKAGE_DIRECTORY);
}

/** Starts a worker that has loaded its code when this resolves, and begins with {@link begin}. */
export async function startWorker(script: string, task: WorkerTask, env: Readonly<Record<string, string>> = {}): Promise<RunningProcess> {
  const worker = startProcess(script, { args: [JSON.stringify(task)], env });
  await worker.waitForOutput("loaded");
  return worker;
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
