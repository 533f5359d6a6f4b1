import { type ClusterStore, openClusterStore } from "@omnigraphdb/cluster";
import { type AppliedClusterSpec, type DeclaredCluster, declareCluster, writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { Graph, parseS3Environment, type S3Settings } from "@omnigraphdb/engine";
import { type SpawnedServer, spawnTestServer } from "@omnigraphdb/server/test-support";
import { makeTempDir, startS3Server, type TempDir } from "@omnigraphdb/testkit";
import { runBinary } from "../binary.js";

export type StorageKind = "folder" | "bucket";

export type Document = Readonly<Record<string, unknown>> & { readonly exitCode: number | null };

/** One checkout of the configuration, and the real program run in it. */
export interface WorkingCopy {
  declare(cluster: DeclaredCluster): Promise<void>;
  /** The document of `omnigraph cluster … --json`. */
  cluster(...argv: readonly string[]): Promise<Document>;
}

/** People with working copies of their own, who share nothing but the URI of a storage root. */
export interface Team extends AsyncDisposable {
  readonly root: string;
  readonly store: ClusterStore;
  readonly ann: WorkingCopy;
  readonly bo: WorkingCopy;
  /** The real server, which has no file but the URI. */
  serve(...args: readonly string[]): Promise<SpawnedServer>;
  /** Brings it to be, without a program. */
  deploy(cluster: AppliedClusterSpec): Promise<void>;
  ledger(): Promise<Readonly<Record<"resources", unknown>>>;
  /** Behind the cluster's back. */
  openGraph(graphId: string): Promise<Graph>;
}

export async function makeTeam(kind: StorageKind): Promise<Team> {
  const directory = await makeTempDir();
  const storage = kind === "folder" ? { root: `file://${directory.path}/storage`, environment: {} } : await bucket();
  const env = { PATH: process.env["PATH"] ?? "", OMNIGRAPH_HOME: `${directory.path}/home`, OMNIGRAPH_DURABILITY: "process", ...storage.environment };
  const s3 = parseS3Environment(storage.environment);
  const settings: { readonly durability: "process"; readonly s3?: S3Settings } = { durability: "process", ...(s3 === undefined ? {} : { s3 }) };
  const store = await openClusterStore(storage.root, settings);
  const copyOf = (person: string): WorkingCopy => workingCopy(`${directory.path}/${person}`, person, storage.root, env);
  return {
    root: storage.root,
    store,
    ann: copyOf("ann"),
    bo: copyOf("bo"),
    serve: (...args) => spawnTestServer({ cluster: storage.root, args: ["--unauthenticated", ...args], env: storage.environment, cwd: directory.path }),
    async deploy(cluster) {
      await writeAppliedCluster(storage.root, cluster, settings);
    },
    ledger: async () => JSON.parse(await store.objects.readText(store.layout.ledger)) as Readonly<Record<"resources", unknown>>,
    openGraph: (graphId) => Graph.open(store.layout.graphRoot(graphId), { mode: "rw", settings }),
    [Symbol.asyncDispose]: () => dispose(directory, storage),
  };
}

interface Storage {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly end?: () => PromiseLike<void>;
}

async function bucket(): Promise<Storage> {
  const server = await startS3Server();
  return { root: "s3://company/prod", environment: server.environment, end: () => server[Symbol.asyncDispose]() };
}

async function dispose(directory: TempDir, { end }: Storage): Promise<void> {
  await end?.();
  await directory[Symbol.asyncDispose]();
}

function workingCopy(path: string, person: string, root: string, env: Readonly<Record<string, string>>): WorkingCopy {
  return {
    declare: (cluster) => declareCluster(path, cluster, root),
    async cluster(verb, ...argv) {
      const actor = verb === "apply" || verb === "approve" ? ["--as", person] : [];
      const { exitCode, stdout, stderr } = await runBinary(["cluster", verb ?? "", ...argv, ...actor, "--json"], { cwd: path, env });
      if (stderr !== "") throw new Error(`cluster ${verb} wrote to stderr: ${stderr}`);
      return { ...(JSON.parse(stdout) as object), exitCode };
    },
  };
}
