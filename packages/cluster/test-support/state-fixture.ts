import { manualClock } from "@omnigraphdb/common";
import { parseS3Environment } from "@omnigraphdb/engine";
import { makeTempDir, type S3TestServer, startS3Server } from "@omnigraphdb/testkit";
import type { Ledger } from "../src/ledger/ledger.js";
import type { ClusterEnvironment, ClusterLocation } from "../src/run/cluster-environment.js";
import { type ClusterStore, openClusterStore } from "../src/storage/cluster-store.js";
import { testEnvironment } from "./test-session.js";

export const BACKENDS = ["local", "S3"] as const;

/** An empty cluster on one kind of storage, and what a command on it takes. */
export interface StateFixture extends AsyncDisposable {
  readonly location: ClusterLocation;
  readonly environment: ClusterEnvironment;
  readonly clock: ReturnType<typeof manualClock>;
  readonly store: ClusterStore;
  /** For faults; undefined on local disks. */
  readonly server: S3TestServer | undefined;
  /** Names of everything that lies below `__cluster`. */
  clusterFiles(): Promise<readonly string[]>;
}

const START_MS = Date.parse("2026-03-01T12:00:00Z");

export async function makeState(backend: (typeof BACKENDS)[number], given: Partial<ClusterEnvironment> = {}): Promise<StateFixture> {
  const clock = manualClock(START_MS);
  const dir = await makeTempDir();
  const server = backend === "S3" ? await startS3Server() : undefined;
  const storageRoot = server === undefined ? dir.path : "s3://bucket/prod";
  const s3 = server === undefined ? {} : { s3: parseS3Environment(server.environment) };
  const environment = testEnvironment({ clock, ...s3, ...given });
  const store = await openClusterStore(storageRoot, { durability: "process", ...s3 });
  return {
    location: { configDirectory: `${dir.path}/config dir`, storageRoot, isLockEnabled: true },
    environment,
    clock,
    store,
    server,
    clusterFiles: () => store.objects.listDir(`${storageRoot}/__cluster`).then((uris) => uris.map((uri) => uri.slice(uri.lastIndexOf("/") + 1)).sort()),
    async [Symbol.asyncDispose]() {
      await server?.[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** The first revision of a cluster that has nothing, changed as a test needs it. */
export function smallLedger(given: Partial<Ledger> = {}): Ledger {
  return { stateRevision: 1, configDigest: null, resources: new Map(), statuses: new Map(), approvals: new Map(), recoveries: new Map(), observations: new Map(), ...given };
}
