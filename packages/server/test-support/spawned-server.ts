import { join } from "node:path";
import { bundleScript, type RunningProcess, startProcess } from "@omnigraphdb/testkit";
import type { TestServerOptions } from "./test-server.js";

const PACKAGE = join(import.meta.dirname, "..");
/** Has the native and the large dependencies, which are not bundled. */
const ENGINE = join(PACKAGE, "../engine");

export interface SpawnedServer extends AsyncDisposable {
  readonly url: string;
  readonly process: RunningProcess;
}

let bundle: Promise<string> | undefined;

/** Takes some seconds, once: call it before the tests, whose time is limited. */
export function bundleServer(): Promise<string> {
  bundle ??= bundleScript(join(PACKAGE, "test-support/server-process.ts"), ENGINE);
  return bundle;
}

/**
 * A server in a process of its own, out of the sources. Rejects when it refuses to start. Still running at the end of the scope, it is
 * killed.
 */
export async function spawnTestServer({ cluster, args = [], env = {}, cwd }: TestServerOptions): Promise<SpawnedServer> {
  const process = startProcess(await bundleServer(), {
    args: [...(cluster === undefined ? [] : ["--cluster", cluster]), ...(args.includes("--bind") ? [] : ["--bind", "127.0.0.1:0"]), ...args],
    env: { OMNIGRAPH_DURABILITY: "process", ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  await process.waitForOutput("\n");
  const address = /OMNIGRAPH_LISTEN_ADDR=(.+)\n/.exec(process.stdout)?.[1];
  if (address === undefined) throw new Error(`unexpected output: ${process.stdout}`);
  return { url: `http://${address}`, process, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}
