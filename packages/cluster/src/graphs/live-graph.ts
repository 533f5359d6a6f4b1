import { CancelledError, isOmniError, throwIfAborted } from "@omnigraphdb/common";
import type { AcceptedSchema } from "@omnigraphdb/compiler";
import { Graph, GraphNotFoundError, type OpenMode, type OpenOptions } from "@omnigraphdb/engine";
import { contentDigest } from "../digests.js";
import type { ClusterEnvironment, ClusterSession } from "../run/cluster-environment.js";

/** What lies at the root of a graph (cluster.md §10.5, 12.5), on branch `main`. */
export type LiveGraph = AbsentGraph | OpenLiveGraph | UnverifiableGraph;

/** Proven: the store answered, and holds nothing below the root. */
export interface AbsentGraph {
  readonly state: "absent";
}

export interface OpenLiveGraph {
  readonly state: "opens";
  /** Of `schemaSource`. */
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

/**
 * Looks, and changes nothing. What an interrupted operation of the store itself left is not settled; see {@link settleGraph}.
 *
 * @throws CancelledError, and nothing else that a store or a graph may do wrong
 */
export function probeGraph(session: Probed, graphId: string): Promise<LiveGraph> {
  return openAndLook(session, graphId, "ro");
}

/**
 * The same after the store has settled what was interrupted within it (docs/dev/recovery.md), which takes an open for writing: only then
 * is the schema that it shows the one it will keep. Nothing else is changed.
 *
 * @throws CancelledError
 */
export function settleGraph(session: Probed, graphId: string): Promise<LiveGraph> {
  return openAndLook(session, graphId, "rw");
}

async function openAndLook({ store, environment }: Probed, graphId: string, mode: OpenMode): Promise<LiveGraph> {
  throwIfAborted(environment.signal, "looking at the graphs");
  const root = store.layout.graphRoot(graphId);
  try {
    await using graph = await Graph.open(root, { ...graphAccess(environment), mode });
    const { graphManifestVersion } = await graph.snapshot();
    const { schema } = graph;
    return { state: "opens", schemaDigest: contentDigest(schema.source), schemaSource: schema.source, schema, manifestVersion: graphManifestVersion };
  } catch (error) {
    if (!isOmniError(error) || error instanceof CancelledError) throw error;
    if (!(error instanceof GraphNotFoundError)) return { state: "unverifiable", message: error.message, isRemnant: false };
  }
  return lookAtRemnant(store, root);
}

async function lookAtRemnant({ objects }: Probed["store"], root: string): Promise<LiveGraph> {
  try {
    if (!(await objects.exists(root))) return { state: "absent" };
    return { state: "unverifiable", message: `${root} holds files, but no graph`, isRemnant: true };
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return { state: "unverifiable", message: error.message, isRemnant: false };
  }
}

/** How the control plane opens graphs, whether for looking or for writing. */
export function graphAccess({ clock, failpoints, durability, s3 }: ClusterEnvironment): Pick<OpenOptions, "components" | "settings"> {
  return { components: { clock, failpoints }, settings: { durability, ...(s3 === undefined ? {} : { s3 }) } };
}
