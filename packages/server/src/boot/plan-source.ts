import { type AppliedGraph, type AppliedPolicy, type ClusterProblem, listSidecars, openClusterStore, readLedgerVersion, readServingSnapshot, resolveStorageRoot } from "@omnigraphdb/cluster";
import type { ServingMode } from "../serving/serving-state.js";
import { type BindAddress, type ServerSettings } from "../settings.js";
import { openLegacySource } from "./legacy-source.js";

/** What is to be served, before anything is opened: the same for every boot source. */
export interface ServingPlan {
  readonly mode: ServingMode;
  /** For messages: `cluster s3://…`. */
  readonly source: string;
  readonly revision: number | null;
  /** Ascending by graph id. */
  readonly graphs: readonly AppliedGraph[];
  readonly serverPolicy: AppliedPolicy | undefined;
  /** Every bundle that is bound somewhere counts, also where its graph is not ready (server.md S2). */
  readonly policyCount: number;
  /** No reason not to serve. */
  readonly warnings: readonly ClusterProblem[];
}

/** Where plans come from, at start and at every reload. */
export interface PlanSource {
  readonly description: string;
  /** What a legacy file says about where to listen. */
  readonly bind?: BindAddress;
  /** @throws ClusterNotReadyError, or what is wrong with a legacy file */
  readPlan(): Promise<ServingPlan>;
  /** Differs whenever something else is to be served than before. Cheap; a failure to read it is an error, never a version. */
  readVersion(): Promise<string>;
  /** Differs when operations that were cut short came up or were settled: what they keep from being served may be ready then. */
  readInterrupted(): Promise<string>;
}

/** @throws StorageRootError, BootSourceError, LegacyFileError */
export function openPlanSource({ source, engine, isQuarantine }: ServerSettings, cwd: string): Promise<PlanSource> {
  return source.kind === "cluster" ? openClusterSource(source.cluster, engine, isQuarantine) : openLegacySource(source, cwd);
}

async function openClusterSource(cluster: string, { s3 }: ServerSettings["engine"], isQuarantine: boolean): Promise<PlanSource> {
  const root = await resolveStorageRoot(cluster);
  const store = await openClusterStore(root, s3 === undefined ? {} : { s3 });
  const description = `cluster ${root}`;
  return {
    description,
    async readPlan() {
      const { revision, graphs, clusterPolicy, policyCount, warnings } = await readServingSnapshot(store, { isQuarantine });
      return { mode: "cluster", source: description, revision, graphs, serverPolicy: clusterPolicy, policyCount, warnings };
    },
    readVersion: () => readLedgerVersion(store),
    readInterrupted: async () => (await listSidecars(store)).join("\n"),
  };
}
