import { CancelledError, isOmniError, throwIfAborted } from "@omnigraphdb/common";
import { type AcceptedSchema, planMigration } from "@omnigraphdb/compiler";
import { Graph, GraphNotFoundError, type OpenOptions } from "@omnigraphdb/engine";
import { contentDigest } from "../digests.js";
import type { ClusterEnvironment, ClusterSession } from "../run/cluster-environment.js";

/** What lies at the root of a graph (cluster.md §10.5, 12.5), looked at without changing it, on branch `main`. */
export type LiveGraph = AbsentGraph | OpenLiveGraph | UnverifiableGraph;

/** Proven: the store answered, and holds nothing below the root. */
export interface AbsentGraph {
  readonly state: "absent";
}

export interface OpenLiveGraph {
  readonly state: "opens";
  /** Of the text the graph keeps, which the engine does not replace when a new text means the same. */
  readonly schemaDigest: string;
  readonly schemaSource: string;
  /** For `planMigration`. */
  readonly schema: AcceptedSchema;
  readonly manifestVersion: number;
}

/** There is something that does not open, or nobody can tell (cluster.md 4.2, C4): never to be taken for absent. */
export interface UnverifiableGraph {
  readonly state: "unverifiable";
  /** What failed. One sentence or more, without secrets. */
  readonly message: string;
  /** Proven: there are files below the root, and they are no graph. Left by a creation or a deletion that did not end. */
  readonly isRemnant: boolean;
}

type Probed = Pick<ClusterSession, "store" | "environment">;

/** @throws CancelledError, and nothing else that a store or a graph may do wrong */
export async function probeGraph({ store, environment }: Probed, graphId: string): Promise<LiveGraph> {
  throwIfAborted(environment.signal, "looking at the graphs");
  const root = store.layout.graphRoot(graphId);
  try {
    await using graph = await Graph.open(root, { ...graphAccess(environment), mode: "ro" });
    const { graphManifestVersion } = await graph.snapshot();
    const { schema } = graph;
    return { state: "opens", schemaDigest: contentDigest(schema.source), schemaSource: schema.source, schema, manifestVersion: graphManifestVersion };
  } catch (error) {
    if (!isOmniError(error) || error instanceof CancelledError) throw error;
    if (!(error instanceof GraphNotFoundError)) return { state: "unverifiable", message: error.message, isRemnant: false };
  }
  return probeWithoutManifest(store, root);
}

async function probeWithoutManifest({ objects }: Probed["store"], root: string): Promise<LiveGraph> {
  try {
    if (!(await objects.exists(root))) return { state: "absent" };
    return { state: "unverifiable", message: `${root} holds files, but no graph`, isRemnant: true };
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return { state: "unverifiable", message: error.message, isRemnant: false };
  }
}

/**
 * Whether the graph carries the schema of this text: in the same words, or in others that mean the same. The engine does not keep a text
 * that only differs in comments or layout, so the words alone would show drift where there is none.
 */
export function carriesSchema(live: OpenLiveGraph, text: string): boolean {
  if (live.schemaSource === text) return true;
  try {
    const plan = planMigration(live.schema, text);
    return plan.supported && plan.steps.length === 0;
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return false;
  }
}

/** How the control plane opens graphs, whether for looking or for writing. */
export function graphAccess({ clock, failpoints, durability, s3 }: ClusterEnvironment): Pick<OpenOptions, "components" | "settings"> {
  return { components: { clock, failpoints }, settings: { durability, ...(s3 === undefined ? {} : { s3 }) } };
}
