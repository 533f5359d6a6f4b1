// Processes of the benchmarks: the server under test, the bare framework, and the load generator, each on its own.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(new URL("server.mjs", import.meta.url));

/** What docs/user/server.md advises: the C library gives memory back instead of keeping it for the thread that used it. */
export const MEMORY_ENV = { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "65536", MALLOC_TRIM_THRESHOLD_: "131072" };

/** Serves one graph on flat routes, open to everybody who can connect. @returns what `startProcess` does */
export function startServer(graph, { nodeArgs = [], env = {} } = {}) {
  return startProcess([...nodeArgs, SERVER, graph, "--bind", "127.0.0.1:0", "--unauthenticated"], { OMNIGRAPH_LOG: "warn", ...env });
}

export function startEcho({ nodeArgs = [] } = {}) {
  return startProcess([...nodeArgs, fileURLToPath(new URL("echo-server.mjs", import.meta.url))]);
}

/** Starts node and waits until it says where it listens. */
export async function startProcess(args, env = {}) {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...env } });
  const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  const address = await Promise.race([listenAddress(child), exited.then((code) => Promise.reject(new Error(`the process ended with ${code} before it listened`)))]);
  return {
    url: `http://${address}`,
    pid: child.pid,
    rssMiB: () => statusMiB(child.pid, "VmRSS"),
    peakRssMiB: () => statusMiB(child.pid, "VmHWM"),
    cpuMs: () => cpuMs(child.pid),
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function listenAddress(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^OMNIGRAPH_LISTEN_ADDR=(.+)$/.exec(line);
    if (found === null) continue;
    child.stdout.resume();
    return found[1];
  }
  throw new Error("the process closed its output");
}

/** Of all its threads, in steps of ten milliseconds. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function statusMiB(pid, field) {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(found[1]) / 1024);
}

/** Runs the load generator in a process of its own. @returns its result as JSON */
export async function generateLoad(options) {
  const child = spawn(process.execPath, [fileURLToPath(new URL("load-generator.mjs", import.meta.url))], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(options));
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  return JSON.parse(text);
}
