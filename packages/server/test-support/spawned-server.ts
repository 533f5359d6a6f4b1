import { fileURLToPath } from "node:url";
import { type RunningProcess, startProcess } from "@omnigraphdb/testkit";
import type { TestServerOptions } from "./test-server.js";

/** The executable as `npm run build` bundled it. */
const BINARY = fileURLToPath(new URL("../../../apps/omnigraph-server/bin/omnigraph-server.js", import.meta.url));

export interface SpawnedServer extends AsyncDisposable {
  readonly url: string;
  readonly process: RunningProcess;
}

/** The real binary in a process of its own. Rejects when it refuses to start. Still running at the end of the scope, it is killed. */
export async function spawnTestServer({ cluster, args = [], env = {}, cwd }: TestServerOptions): Promise<SpawnedServer> {
  const process = startProcess(BINARY, {
    args: [...(cluster === undefined ? [] : ["--cluster", cluster]), ...(args.includes("--bind") ? [] : ["--bind", "127.0.0.1:0"]), ...args],
    env: { OMNIGRAPH_DURABILITY: "process", ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  await process.waitForOutput("\n");
  const address = /OMNIGRAPH_LISTEN_ADDR=(.+)\n/.exec(process.stdout)?.[1];
  if (address === undefined) throw new Error(`unexpected output: ${process.stdout}`);
  return { url: `http://${address}`, process, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}
