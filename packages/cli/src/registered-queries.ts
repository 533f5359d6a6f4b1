import { readFile } from "node:fs/promises";
import type { LegacyFile, StoredQuerySource } from "@omnigraphdb/cluster";
import { GraphSelectionError, UnsupportedAddressError } from "./addressing/errors.js";
import { isClusterAddressed, resolveClusterTarget } from "./addressing/resolve-target.js";
import { storeTarget, type StoreTarget } from "./addressing/target.js";
import { openStore } from "./client/open-client.js";
import type { Invocation } from "./command-definition.js";
import { InputError, StoredQueriesBrokenError } from "./errors.js";
import type { Io } from "./io.js";
import { legacyFileOf, legacyGraph } from "./legacy/legacy-layer.js";
import { isHttpUrl } from "./operator/server-url.js";

/** The stored queries of one graph, as they were registered. */
export interface RegisteredQueries {
  readonly sources: readonly StoredQuerySource[];
  /** Whose schema they are checked against. */
  readonly store: StoreTarget;
}

/** From the applied catalog of a cluster; without one, from the legacy file (§10.22). */
export async function registeredQueries(invocation: Invocation<object>, positional: string | undefined): Promise<RegisteredQueries> {
  const legacy = legacyFileOf(invocation.io);
  return legacy === undefined || (await isClusterAddressed(invocation)) ? appliedQueries(invocation) : legacyQueries(invocation, legacy, positional);
}

/** What the queries were compiled to, and what is wrong with the others. */
export async function compileRegistered({ io }: Invocation<object>, { sources, store }: RegisteredQueries): Promise<import("@omnigraphdb/cluster").CompiledStoredQueries> {
  await using client = await openStore(io, store, "ro");
  const { createAcceptedSchema } = await import("@omnigraphdb/compiler");
  const { compileStoredQueries } = await import("@omnigraphdb/cluster");
  return compileStoredQueries(sources, createAcceptedSchema(await client.schemaSource(), { identityDomain: "queries" }).catalog);
}

async function appliedQueries(invocation: Invocation<object>): Promise<RegisteredQueries> {
  const { root, graphId } = await resolveClusterTarget(invocation);
  const { onlyGraph, openCluster } = await import("./addressing/open-cluster.js");
  const { ClusterNotReadyError, GraphNotAppliedError, readServingSnapshot } = await import("@omnigraphdb/cluster");
  // What is wrong with other graphs is no concern here.
  const { graphs } = await readServingSnapshot(await openCluster(invocation.io, root), { isQuarantine: true });
  const ids = graphs.map((graph) => graph.graphId);
  const id = graphId ?? onlyGraph(root, ids);
  const graph = graphs.find((candidate) => candidate.graphId === id);
  if (graph === undefined) throw new GraphNotAppliedError(id, ids);
  if (graph.unready !== undefined) throw new ClusterNotReadyError(root, [graph.unready]);
  return { sources: graph.queries, store: storeTarget(graph.uri) };
}

/** Of the graph that is named, else of `cli.graph`; of a plain address those at the top of the file (operator configuration §10.4). */
async function legacyQueries({ io, command, flags }: Invocation<object>, file: LegacyFile, positional: string | undefined): Promise<RegisteredQueries> {
  const uri = positional ?? flags.uri;
  const name = flags.target ?? (uri === undefined ? file.cli.graph : undefined);
  if (uri === undefined && name === undefined) {
    const candidates = [...file.graphs].filter(([, { queries }]) => queries.size > 0).map(([graph]) => graph).sort();
    throw new GraphSelectionError(`no graph was selected for '${command}'${candidates.length === 0 ? "" : `; graphs with queries: ${candidates.join(", ")}`}`, { hint: "Name one with --target NAME, or look into a cluster with --cluster DIR|URI." });
  }
  const graph = name === undefined ? { uri: { resolved: uri ?? "" }, queries: file.queries } : await legacyGraph(io, name);
  if (isHttpUrl(graph.uri.resolved)) throw new UnsupportedAddressError(`'${command}' cannot open '${graph.uri.resolved}': it reads the schema from the graph's storage`, { hint: "Name a graph with a storage address." });
  return { sources: await sourcesOf(graph.queries), store: storeTarget(graph.uri.resolved, name) };
}

/**
 * Refuses a schema that the stored queries of the legacy file do not fit (§10.13).
 *
 * @throws StoredQueriesBrokenError
 */
export async function checkLegacyQueries(io: Io, { legacyGraph: name }: StoreTarget, schemaSource: string): Promise<void> {
  const queries = name === undefined ? legacyFileOf(io)?.queries : (await legacyGraph(io, name)).queries;
  if (queries === undefined || queries.size === 0) return;
  const { createAcceptedSchema } = await import("@omnigraphdb/compiler");
  const { compileStoredQueries } = await import("@omnigraphdb/cluster");
  const { breakages } = compileStoredQueries(await sourcesOf(queries), createAcceptedSchema(schemaSource, { identityDomain: "queries" }).catalog);
  if (breakages.length > 0) throw new StoredQueriesBrokenError(breakages.map(({ query }) => query), "the new schema");
}

function sourcesOf(queries: LegacyFile["queries"]): Promise<readonly StoredQuerySource[]> {
  return Promise.all([...queries].map(async ([name, { file, isExposed, toolName }]) => ({ name, source: await queryText(file.resolved), isExposed, toolName: toolName ?? name })));
}

async function queryText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new InputError(`cannot read the stored query '${path}': ${(cause as NodeJS.ErrnoException).code ?? "unknown"}`, { hint: "Correct its path in omnigraph.yaml.", cause });
  }
}
