import { isDeepStrictEqual } from "node:util";
import { type CompiledStoredQueries, compileStoredQueries, type StoredQuerySource } from "@omnigraphdb/cluster";
import { isOmniError } from "@omnigraphdb/common";
import type { CompiledPolicy } from "@omnigraphdb/policy";
import type { Graph } from "@omnigraphdb/engine";

/** One open graph, shared by all serving states that serve it under the same bundle and embedding profile. */
export class GraphHandle {
  /** What it was opened for: equal keys mean that a new state can go on with it. */
  readonly key: string;
  readonly graph: Graph;
  readonly policy: CompiledPolicy | undefined;
  #userCount = 0;
  #compiled: { readonly sources: readonly StoredQuerySource[]; readonly irHash: string; readonly result: CompiledStoredQueries } | undefined;

  constructor(key: string, graph: Graph, policy: CompiledPolicy | undefined) {
    this.key = key;
    this.graph = graph;
    this.policy = policy;
  }

  /** Checks stored queries against the newest schema; once, as long as neither changes: reloads are to disturb nobody. */
  async compile(sources: readonly StoredQuerySource[]): Promise<CompiledStoredQueries> {
    // A handle that is used already may not have seen the newest schema yet.
    await this.graph.snapshot();
    const { catalog, irHash } = this.graph.schema;
    if (this.#compiled?.irHash === irHash && isDeepStrictEqual(this.#compiled.sources, sources)) return this.#compiled.result;
    const result = compileStoredQueries(sources, catalog);
    this.#compiled = { sources, irHash, result };
    return result;
  }

  /** False when the graph was removed since it was opened, also when another one was created in its place. */
  async isStillThere(): Promise<boolean> {
    try {
      return !(await this.graph.isReplaced());
    } catch (error) {
      if (!isOmniError(error)) throw error;
      // What else may fail passes: the storage is not reached, or a migration is under way.
      return error.code !== "SCHEMA_ARTIFACT_MISSING";
    }
  }

  retain(): void {
    this.#userCount++;
  }

  /** The last one closes the graph. */
  async release(): Promise<void> {
    if (--this.#userCount > 0) return;
    await this.graph.close();
    this.policy?.[Symbol.dispose]();
  }
}
