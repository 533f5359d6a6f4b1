import { type ChildProcessWithoutNullStreams, spawn, spawnSync, type SpawnOptionsWithoutStdio } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
export const BINARY: string = `${ROOT}apps/omnigraph/bin/omnigraph.js`;

/** Writes the program from the current sources. */
export function buildBinary(): void {
  const bundled = spawnSync(process.execPath, ["bundle.mjs"], { cwd: `${ROOT}apps/omnigraph`, encoding: "utf8" });
  if (bundled.status !== 0) throw new Error(bundled.stderr);
}

export interface Finished {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
}

/** Starts the real program. */
export function start(argv: readonly string[], options: SpawnOptionsWithoutStdio & { readonly nodeFlags?: readonly string[] } = {}): Running {
  const { nodeFlags = [], ...spawnOptions } = options;
  const child = spawn(process.execPath, [...nodeFlags, BINARY, ...argv], { env: { PATH: process.env["PATH"] }, ...spawnOptions });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => undefined);
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode, signal) =>
      resolve({ exitCode, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
  return { child, finished };
}

export async function runBinary(argv: readonly string[], options: Parameters<typeof start>[1] = {}): Promise<Finished> {
  const { child, finished } = start(argv, options);
  child.stdin.end();
  return finished;
}
