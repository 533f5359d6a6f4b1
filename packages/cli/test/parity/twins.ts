import { cp, mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { DisposalStack } from "@omnigraphdb/common";
import { startTestServer } from "@omnigraphdb/server/test-support";
import { makeTempDir, startProcess } from "@omnigraphdb/testkit";
import { runCaptured } from "../captured-io.js";
import { type Finished, runBinary } from "../process/binary.js";
import { DATA, QUERIES, SCHEMA } from "./fixture.js";

const SERVER_BINARY = fileURLToPath(new URL("../../../../apps/omnigraph-server/bin/omnigraph-server.js", import.meta.url));

const ACTOR = "act-twin";
const TOKEN = "twin-token-3a7e";

/** Permits what the rows do: the embedded arm carries no policy (15.2.3). */
const BUNDLE = `version: 1
groups: { team: [${ACTOR}] }
rules:
  - id: everything
    allow: { actors: { group: team }, actions: [read, export, change, branch_create, branch_delete, branch_merge, invoke_query] }
`;

export type Outcome = Pick<Finished, "exitCode" | "stdout" | "stderr">;

export interface RunOptions {
  /** The command takes `--as`, which the embedded arm is given (15.2.2). */
  readonly isWrite: boolean;
  /** In processes of their own. */
  readonly isBinary?: boolean;
  /** What stdin holds, in this process. */
  readonly stdin?: string;
}

export interface TwinContent {
  readonly schema: string;
  readonly data: string;
  /** Of the file `queries.gq`. */
  readonly queries: Readonly<Record<string, string>>;
  /** Which of them the server has by name. */
  readonly stored?: readonly string[];
  /** The server is a process of its own. */
  readonly isSpawned: boolean;
}

export const FIXTURE: TwinContent = { schema: SCHEMA, data: DATA, queries: QUERIES, stored: ["named"], isSpawned: true };

/** The same graph twice: in a folder, and behind a server. */
export interface Twins extends AsyncDisposable {
  /** Where commands are started; holds the files of the fixture. */
  readonly directory: string;
  /** As the two arms name the graph. */
  readonly addresses: readonly [local: string, remote: string];
  /** Runs one argument list on both, side by side. */
  run(argv: readonly string[], how: RunOptions): Promise<{ readonly local: Outcome; readonly remote: Outcome }>;
  write(name: string, content: string | Uint8Array): Promise<void>;
}

export async function openTwins(content: TwinContent): Promise<Twins> {
  const stack = new DisposalStack();
  try {
    const folder = await makeTempDir();
    stack.defer(async () => await folder[Symbol.asyncDispose]());
    return await startTwins(folder.path, stack, content);
  } catch (error) {
    await stack.dispose();
    throw error;
  }
}

async function startTwins(root: string, stack: DisposalStack, { schema, data, queries, stored = [], isSpawned }: TwinContent): Promise<Twins> {
  const [cluster, directory] = [`${root}/cluster`, `${root}/work`];
  for (const path of [cluster, directory]) await mkdir(path);
  const registry = Object.fromEntries(Object.entries(queries).filter(([name]) => stored.includes(name)));
  const graphs = { twin: { schema, data, queries: registry } };
  const applied = await writeAppliedCluster(cluster, { graphs, policies: { team: { text: BUNDLE, appliesTo: ["graph.twin"] } } });
  // Before any branch exists: a graph with forks must not be copied (15.2.1).
  await cp(applied.graphUri("twin"), `${directory}/twin.omni`, { recursive: true });
  const write = (name: string, content: string | Uint8Array): Promise<void> => writeFile(`${directory}/${name}`, content);
  await write("queries.gq", Object.values(queries).join("\n"));
  const origin = await (isSpawned ? spawnServer(cluster, stack) : startServer(cluster, stack));
  // Personal configuration is isolated (15.2.4).
  const env = { PATH: process.env["PATH"] ?? "", OMNIGRAPH_HOME: `${root}/home`, OMNIGRAPH_NO_LEGACY_CONFIG: "1", OMNIGRAPH_DURABILITY: "process", LANCEDB_LOG: "error" };
  const uri = `${origin}/graphs/twin`;
  return {
    directory,
    addresses: ["twin.omni", uri],
    write,
    async run(argv, { isWrite, isBinary = false, stdin = "" }) {
      const execute = (arguments_: readonly string[], added: Readonly<Record<string, string>>): Promise<Outcome> => {
        const options = { cwd: directory, env: { ...env, ...added } };
        return isBinary ? runBinary(arguments_, options) : runCaptured(arguments_, { ...options, stdin });
      };
      const [local, remote] = await Promise.all([
        execute([...forArm(argv, "local"), "--store", "twin.omni", ...(isWrite ? ["--as", ACTOR] : [])], {}),
        execute([...forArm(argv, "remote"), "--server", origin, "--graph", "twin"], { OMNIGRAPH_BEARER_TOKEN: TOKEN }),
      ]);
      return { local, remote };
    },
    [Symbol.asyncDispose]: () => stack.dispose(),
  };
}

const SERVER_ENV = { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: JSON.stringify({ [ACTOR]: TOKEN }), OMNIGRAPH_DURABILITY: "process" };

async function spawnServer(cluster: string, stack: DisposalStack): Promise<string> {
  const server = startProcess(SERVER_BINARY, { args: ["--cluster", cluster, "--bind", "127.0.0.1:0"], env: SERVER_ENV });
  stack.defer(async () => await server[Symbol.asyncDispose]());
  await server.waitForOutput("OMNIGRAPH_LISTEN_ADDR=");
  return `http://${/OMNIGRAPH_LISTEN_ADDR=(\S+)/.exec(server.stdout)?.[1] ?? ""}`;
}

async function startServer(cluster: string, stack: DisposalStack): Promise<string> {
  const server = await startTestServer({ cluster, env: SERVER_ENV });
  stack.defer(async () => {
    await server.stop();
  });
  return server.url;
}

/** Files that a command writes are named after the arm. */
function forArm(argv: readonly string[], arm: "local" | "remote"): readonly string[] {
  return argv.map((argument) => argument.replace("%ARM%", arm));
}
