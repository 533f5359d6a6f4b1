import type { CompiledPolicy } from "@omnigraphdb/policy";
import type { Graph } from "@omnigraphdb/engine";

/** One open graph, shared by all serving states that serve it under the same bundle and embedding profile. */
export class GraphHandle {
  /** What it was opened for: equal keys mean that a new state can go on with it. */
  readonly key: string;
  readonly graph: Graph;
  readonly policy: CompiledPolicy | undefined;
  #userCount = 0;

  constructor(key: string, graph: Graph, policy: CompiledPolicy | undefined) {
    this.key = key;
    this.graph = graph;
    this.policy = policy;
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
