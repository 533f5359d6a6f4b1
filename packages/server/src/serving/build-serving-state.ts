/**
 * From a plan to open graphs (server.md §2, steps 3 and 5 to 8). Nothing is served by it: whoever calls it decides whether the state
 * becomes the current one, at start and at a reload alike.
 */
import { totalmem } from "node:os";
import { type AppliedGraph, type AppliedPolicy, checkStoredQueryNames, type StoredQueryFinding, type StoredQueryRegistry } from "@omnigraphdb/cluster";
import { isOmniError, type Logger } from "@omnigraphdb/common";
import { Graph, type GraphSettingsInput, type MakeEmbedder } from "@omnigraphdb/engine";
import { type CompiledPolicy, compilePolicy, parsePolicyBundle } from "@omnigraphdb/policy";
import type { Environment } from "../boot/environment.js";
import { BootSourceError, type GraphProblem, type GraphReadiness, GraphsNotReadyError, ServerBundleError } from "../boot/errors.js";
import { environmentEmbedder, profileEmbedder } from "../boot/graph-embedder.js";
import { classifyRuntimeState } from "../boot/runtime-state.js";
import type { ServingPlan } from "../boot/plan-source.js";
import { withFields } from "../observability/logger.js";
import { GraphHandle } from "./graph-handle.js";
import type { BuiltState } from "./serving-holder.js";
import type { ServedGraph, SetAsideGraph } from "./serving-state.js";

export interface BuildServices {
  readonly env: Environment;
  readonly engine: GraphSettingsInput;
  readonly logger: Logger;
  readonly hasTokens: boolean;
  readonly isUnauthenticated: boolean;
  readonly isQuarantine: boolean;
}

/** Of derived data in memory, for all graphs together, unless a setting says otherwise. */
const CACHE_BYTES_MAX = 4 * 1024 ** 3;

/** Graphs that are opened side by side (server.md §2, step 7). */
const OPENS_AT_ONCE = 4;

/**
 * @param previous the state that is served now: graphs whose bundle and embedding profile are the same are not opened again
 * @throws RuntimeStateError, ServerBundleError, BootSourceError; GraphsNotReadyError with the readiness table. Whatever was opened for it is closed again
 */
export async function buildServingState(plan: ServingPlan, services: BuildServices, previous?: BuiltState): Promise<BuiltState> {
  const builder = new StateBuilder(plan, services, previous);
  try {
    return await builder.build();
  } catch (error) {
    await builder.abandon();
    throw error;
  }
}

type OpenOutcome = { readonly served: ServedGraph; readonly handle: GraphHandle } | { readonly problem: GraphProblem };

class StateBuilder {
  readonly #plan: ServingPlan;
  readonly #services: BuildServices;
  readonly #reusable: ReadonlyMap<string, GraphHandle>;
  /** Opened here, not taken over from the state before. */
  readonly #opened: GraphHandle[] = [];
  #serverPolicy: CompiledPolicy | undefined;

  constructor(plan: ServingPlan, services: BuildServices, previous: BuiltState | undefined) {
    this.#plan = plan;
    this.#services = services;
    this.#reusable = new Map(previous?.handles.map((handle) => [handle.key, handle]));
  }

  async build(): Promise<BuiltState> {
    const { hasTokens, isUnauthenticated, logger } = this.#services;
    const { mode, revision, policyCount, serverPolicy } = this.#plan;
    const runtimeState = classifyRuntimeState({ hasTokens, hasPolicy: policyCount > 0, isUnauthenticated });
    for (const { code, path, text } of this.#plan.warnings) logger.warn("start-up diagnostic", { code, path, text });
    this.#refuseSharedAddresses();
    this.#serverPolicy = serverPolicy === undefined ? undefined : this.#compileServerPolicy(serverPolicy);
    const outcomes = await inTurns(this.#plan.graphs, OPENS_AT_ONCE, (graph) => this.#openOrExplain(graph));
    this.#refuseUnready(outcomes);
    const served = outcomes.flatMap(({ outcome }) => ("served" in outcome ? [outcome] : []));
    await this.#closeUnused(new Set(served.map(({ handle }) => handle)));
    const graphs = new Map(served.map(({ served: graph }) => [graph.graphId, graph]));
    const setAside = new Map(outcomes.flatMap(({ graphId, outcome }): [string, SetAsideGraph][] => ("problem" in outcome ? [[graphId, { graphId, reason: outcome.problem.reason }]] : [])));
    return {
      state: { mode, runtimeState, graphs, setAside, serverAuthorizer: this.#serverPolicy, revision },
      handles: served.map(({ handle }) => handle),
      serverPolicy: this.#serverPolicy,
    };
  }

  async abandon(): Promise<void> {
    await this.#closeUnused(new Set());
    this.#serverPolicy?.[Symbol.dispose]();
  }

  /** Graphs that were opened, and then found not to be ready. */
  async #closeUnused(used: ReadonlySet<GraphHandle>): Promise<void> {
    for (const handle of this.#opened) {
      if (used.has(handle)) continue;
      handle.retain();
      await handle.release().catch((error: unknown) => this.#services.logger.error("a graph could not be closed", { error }));
    }
  }

  /** Never a matter of quarantine (server.md S8). */
  #refuseSharedAddresses(): void {
    const ownerOf = new Map<string, string>();
    for (const { graphId, uri } of this.#plan.graphs) {
      if (uri === "") continue;
      const owner = ownerOf.get(uri);
      if (owner !== undefined) throw new BootSourceError(`graphs '${owner}' and '${graphId}' have the same storage address`, { hint: "Give each its own, or leave one out." });
      ownerOf.set(uri, graphId);
    }
  }

  #compileServerPolicy({ name, text }: AppliedPolicy): CompiledPolicy {
    try {
      return compilePolicy(parsePolicyBundle(text, { kind: "server", source: name }), { logger: this.#services.logger });
    } catch (error) {
      if (!isOmniError(error)) throw error;
      throw new ServerBundleError(`the bundle '${name}' of the cluster is not valid: ${error.message}`, { hint: "Correct the bundle and apply again.", cause: error });
    }
  }

  /** All graphs are examined before one of them refuses the start. */
  #refuseUnready(outcomes: readonly { readonly graphId: string; readonly outcome: OpenOutcome }[]): void {
    const { isQuarantine, logger } = this.#services;
    const table = outcomes.map(({ graphId, outcome }): GraphReadiness => ({ graphId, problem: "problem" in outcome ? outcome.problem : undefined }));
    const unready = table.filter(({ problem }) => problem !== undefined);
    if (unready.length === 0) return;
    const hasReady = unready.length < table.length;
    if (!isQuarantine) {
      const wayOut = this.#plan.mode === "cluster" && hasReady ? ", or serve the ready graphs with --quarantine" : "";
      throw new GraphsNotReadyError(this.#plan.source, table, `Remedy what is listed${wayOut}.`);
    }
    if (!hasReady) throw new GraphsNotReadyError(`[cluster_no_healthy_graphs] ${this.#plan.source}`, table, "Remedy what is listed; with --quarantine at least one graph must be ready.");
    for (const { graphId, problem } of unready) logger.warn("graph set aside", { graph_id: graphId, reason: problem?.detail });
  }

  async #openOrExplain(planned: AppliedGraph): Promise<{ readonly graphId: string; readonly outcome: OpenOutcome }> {
    const { graphId, unready } = planned;
    const outcome = unready === undefined ? await this.#open(planned) : { problem: { reason: unready.text, detail: `[${unready.code}] ${unready.text}` } };
    return { graphId, outcome };
  }

  async #open(planned: AppliedGraph): Promise<OpenOutcome> {
    const named = checkStoredQueryNames(planned.queries);
    if (named.length > 0) return { problem: queryProblem(named) };
    const embedder = planned.embedding === undefined ? environmentEmbedder(this.#services.env) : profileEmbedder(planned.embedding, this.#services.env);
    if ("reason" in embedder) return { problem: embedder };
    const handle = await this.#openHandle(planned, embedder);
    if ("problem" in handle) return handle;
    const queries = await this.#compileQueries(planned, handle);
    if ("problem" in queries) return queries;
    const { graphId } = planned;
    return { served: { graphId, uri: handle.graph.uri, graph: handle.graph, authorizer: handle.policy, queries: queries.registry }, handle };
  }

  async #openHandle(planned: AppliedGraph, embedder: MakeEmbedder): Promise<GraphHandle | { readonly problem: GraphProblem }> {
    const { graphId, uri, policy, embedding } = planned;
    const key = JSON.stringify([graphId, uri, policy?.name ?? null, policy?.digest ?? null, embedding?.digest ?? null]);
    const reused = this.#reusable.get(key);
    if (reused !== undefined && (await reused.isStillThere())) return reused;
    const compiled = policy === undefined ? undefined : this.#compileGraphPolicy(graphId, policy);
    if (compiled !== undefined && "problem" in compiled) return compiled;
    const { logger } = this.#services;
    try {
      const graph = await Graph.open(uri, {
        mode: "rw",
        settings: this.#engineSettings(),
        components: { embedder, logger: withFields(logger, { graph_id: graphId }), ...(compiled === undefined ? {} : { authorizer: compiled }) },
      });
      const handle = new GraphHandle(key, graph, compiled);
      this.#opened.push(handle);
      logger.info("graph routed", { graph_id: graphId, uri: graph.uri });
      return handle;
    } catch (error) {
      compiled?.[Symbol.dispose]();
      if (!isOmniError(error)) throw error;
      return { problem: { reason: `the graph could not be opened (${error.code})`, detail: `the graph could not be opened: ${error.message}` } };
    }
  }

  /** The cache budget is one of the process: its graphs share it. */
  #engineSettings(): GraphSettingsInput {
    const { engine } = this.#services;
    const budget = engine.cacheBytes ?? Math.min(CACHE_BYTES_MAX, Math.floor(totalmem() / 4));
    return { ...engine, cacheBytes: Math.floor(budget / Math.max(1, this.#plan.graphs.length)) };
  }

  #compileGraphPolicy(graphId: string, { name, text }: AppliedPolicy): CompiledPolicy | { readonly problem: GraphProblem } {
    try {
      return compilePolicy(parsePolicyBundle(text, { kind: "graph", source: name }), { graphId, logger: withFields(this.#services.logger, { graph_id: graphId }) });
    } catch (error) {
      if (!isOmniError(error)) throw error;
      return { problem: { reason: `the policy bundle '${name}' is not valid`, detail: `the policy bundle '${name}' is not valid: ${error.message}` } };
    }
  }

  async #compileQueries({ graphId, queries }: AppliedGraph, handle: GraphHandle): Promise<{ readonly registry: StoredQueryRegistry } | { readonly problem: GraphProblem }> {
    try {
      const { registry, breakages, warnings } = await handle.compile(queries);
      for (const { query, message } of warnings) this.#services.logger.warn("start-up diagnostic", { code: "stored_query_vector_parameter", path: `query.${graphId}.${query}`, text: message });
      return breakages.length === 0 ? { registry } : { problem: queryProblem(breakages) };
    } catch (error) {
      if (!isOmniError(error)) throw error;
      return { problem: { reason: `the graph cannot be read (${error.code})`, detail: `the graph cannot be read: ${error.message}` } };
    }
  }
}

function queryProblem(findings: readonly StoredQueryFinding[]): GraphProblem {
  const count = findings.length === 1 ? "1 stored query is not valid" : `${findings.length} stored queries are not valid`;
  return { reason: count, detail: `${count}: ${findings.map(({ query, message }) => `${query}: ${message}`).join("; ")}` };
}

/** Runs `work` on every item, at most `width` at a time. Results are in the order of the items. */
async function inTurns<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Map<number, R>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results.set(index, await work(items[index] as T));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return items.map((_, index) => results.get(index) as R);
}
