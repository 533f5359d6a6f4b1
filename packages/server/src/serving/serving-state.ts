import type { StoredQueryRegistry } from "@omnigraphdb/cluster";
import type { Authorizer } from "@omnigraphdb/common";
import type { Graph } from "@omnigraphdb/engine";

/** Where graphs come from: `single` serves one graph on flat routes, the other two serve under `/graphs/{graph_id}` (server.md 11.2). */
export type ServingMode = "cluster" | "single" | "multi";

/** What a request may do before a bundle is asked (policy.md §2). */
export type RuntimeState = "open" | "default-deny" | "policy";

/** One graph, open for reading and writing, shared by all requests. */
export interface ServedGraph {
  readonly graphId: string;
  readonly uri: string;
  readonly graph: Graph;
  /** The bundle bound to the graph, compiled for it; also the gate of its engine. Undefined: no bundle. */
  readonly authorizer: Authorizer | undefined;
  readonly queries: StoredQueryRegistry;
}

/** An applied graph that is not served (server.md 4.2). The reason never holds a secret or a storage address. */
export interface SetAsideGraph {
  readonly graphId: string;
  readonly reason: string;
}

/** Everything a request needs to know of what is served. Immutable: a reload makes another one. */
export interface ServingState {
  readonly mode: ServingMode;
  readonly runtimeState: RuntimeState;
  /** By graph id, ascending. In mode `single` exactly one. */
  readonly graphs: ReadonlyMap<string, ServedGraph>;
  readonly setAside: ReadonlyMap<string, SetAsideGraph>;
  /** The bundle bound to the cluster. */
  readonly serverAuthorizer: Authorizer | undefined;
  /** Revision of the ledger it was read from; null without a cluster. */
  readonly revision: number | null;
}

/** Keeps the graphs of one state open. Held for the whole of a request, its streamed body included. */
export interface ServingLease extends Disposable {
  readonly state: ServingState;
}

/** The state that new requests get. Swapped atomically by a reload; leases of the state before stay valid until they are disposed. */
export interface ServingSource {
  readonly current: ServingState;
  lease(): ServingLease;
}
