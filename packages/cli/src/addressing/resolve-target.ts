import { GRAPH_ID_RULE, isGraphId } from "@omnigraphdb/common";
import type { Invocation } from "../command-definition.js";
import { UsageError } from "../errors.js";
import { legacyTokenVariable } from "../legacy/legacy-layer.js";
import { warn } from "../notice.js";
import { ambientProfile } from "../operator/active-profile.js";
import { loadOperatorConfig } from "../operator/config.js";
import { graphUrl, serverUrlProblem, splitGraphUrl } from "../operator/server-url.js";
import { resolveToken } from "../operator/token.js";
import { type Chosen, chooseScope, type Scope } from "./choose-scope.js";
import { configuredLayers } from "./configured-layers.js";
import { GraphSelectionError } from "./errors.js";
import { type ClusterTarget, type DataTarget, type ServerTarget, storeTarget, type StoreTarget } from "./target.js";

export interface AddressForm {
  /** The command takes the graph's URI as argument; undefined when it was left out. */
  readonly positional: string | undefined;
}

/** Where a data command works (§5). Commands that reserve their positionals leave out `form`. */
export async function resolveDataTarget(invocation: Invocation<object>, form?: AddressForm): Promise<DataTarget> {
  const scope = await chosenScope(invocation, form);
  if (scope.kind === "store") return storeTarget(scope.uri, scope.legacyGraph);
  return serverOfGraph(invocation, scope as ServerScope);
}

/** The storage that a direct command works on; a cluster's graph is looked up in its applied state (§5.5). */
export async function resolveStoreTarget(invocation: Invocation<object>, form?: AddressForm): Promise<StoreTarget> {
  const scope = await chosenScope(invocation, form);
  if (scope.kind === "store") return storeTarget(scope.uri, scope.legacyGraph);
  const { root, graphId } = scope as ClusterTarget;
  const { appliedStore } = await import("./open-cluster.js");
  return storeTarget(await appliedStore(invocation.io, root, graphId));
}

/** Where a graph is to be created: nothing but the argument list decides (§10.15). */
export async function resolveNewStore(invocation: Invocation<object>, form: AddressForm): Promise<StoreTarget> {
  const { uri } = (await chosenScope(invocation, form, true)) as Extract<Scope, { kind: "store" }>;
  return storeTarget(uri);
}

/** The server itself, whatever its default graph is (§5.4). */
export async function resolveServer(invocation: Invocation<object>): Promise<ServerTarget> {
  const scope = (await chosenScope(invocation, undefined)) as ServerScope;
  // A graph of the baseline names its server together with the graph.
  const url = scope.legacy === undefined ? scope.url : splitGraphUrl(scope.url).server;
  return serverTarget(invocation, { ...scope, url, graphId: undefined });
}

/** The cluster that a control command looks into. */
export async function resolveClusterTarget(invocation: Invocation<object>): Promise<ClusterTarget> {
  const scope = (await chosenScope(invocation, undefined)) as ClusterTarget;
  return { kind: "cluster", root: scope.root, graphId: scope.graphId };
}

/** Whether a control command is to look into a cluster, and not into the legacy file: one is named, or the ambient profile binds one. */
export async function isClusterAddressed({ io, flags }: Invocation<object>): Promise<boolean> {
  if (flags.cluster !== undefined || flags.profile !== undefined) return true;
  const name = ambientProfile(io);
  if (name === undefined) return false;
  const profile = (await loadOperatorConfig(io)).profiles.get(name);
  return profile?.cluster !== undefined;
}

type ServerScope = Extract<Scope, { kind: "server" }>;

async function chosenScope({ io, command, capability, flags }: Invocation<object>, form: AddressForm | undefined, isExplicitOnly = false): Promise<Scope> {
  const address = { command, capability, takesPositional: form !== undefined, positional: form?.positional, flags, isExplicitOnly, ambientProfile: ambientProfile(io) };
  const { scope, notice }: Chosen = await chooseScope(address, configuredLayers(io));
  if (notice !== undefined) await warn(io, notice);
  return scope;
}

/** A graph of a server, or a server that serves one graph at its base URL: it is asked which it is (§5.4). */
async function serverOfGraph(invocation: Invocation<object>, scope: ServerScope): Promise<ServerTarget> {
  const target = await serverTarget(invocation, scope);
  if (target.graphId !== undefined || target.isLegacy) return target;
  const { graphIdsOf } = await import("./probe-server.js");
  const ids = await graphIdsOf(invocation.io, target);
  if (ids.length === 0) return target;
  throw new GraphSelectionError(`${target.baseUrl} serves ${ids.length === 1 ? "a graph" : "graphs"} by id: ${ids.join(", ")}`, { hint: `Say which one is meant, for example --graph ${ids[0] ?? ""}.` });
}

async function serverTarget({ io }: Invocation<object>, { url, graphId, legacy }: ServerScope): Promise<ServerTarget> {
  const problem = serverUrlProblem(url);
  if (problem !== undefined) throw new UsageError(`the address of the server ${problem}`, "Give one such as https://graphs.example.net.");
  if (graphId !== undefined && !isGraphId(graphId)) throw new GraphSelectionError(`'${graphId}' is not the id of a graph`, { hint: `${GRAPH_ID_RULE} 'omnigraph graphs list' shows those of a server.` });
  const uri = graphUrl(url, graphId);
  const legacyVariable = legacy?.graph === undefined ? undefined : await legacyTokenVariable(io, legacy.graph);
  const token = await resolveToken(io, await loadOperatorConfig(io), uri, legacyVariable);
  return { kind: "server", baseUrl: url, graphId, uri, isLocal: false, token, isLegacy: legacy !== undefined };
}
