import { type OmniError, isOmniError } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { Graph } from "../../src/graph.js";
import type { InitOptions } from "../../src/open/init-graph.js";

/** A fresh graph in a temporary directory. */
export interface TestGraph extends AsyncDisposable {
  readonly graph: Graph;
  readonly directory: string;
}

export async function createGraph(schema: string, options: InitOptions = {}): Promise<TestGraph> {
  const directory = await makeTempDir();
  const settings = { durability: "process", ...options.settings } as const;
  const graph = await Graph.init(`${directory.path}/g`, schema, { ...options, settings });
  return {
    graph,
    directory: directory.path,
    async [Symbol.asyncDispose]() {
      await graph.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** The typed error a call fails with; anything else fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<OmniError> {
  try {
    await call;
  } catch (error) {
    if (isOmniError(error)) return error;
    throw error;
  }
  throw new Error("the call succeeded");
}

export function ndjson(...records: readonly unknown[]): string {
  return records.map((record) => JSON.stringify(record)).join("\n");
}

/** The whole content of a graph as export lines. */
export async function contentOf(graph: Graph): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of graph.exportJsonl()) parts.push(chunk);
  return Buffer.concat(parts).toString("utf8");
}
