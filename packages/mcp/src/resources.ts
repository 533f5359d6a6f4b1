import { encodeGraphs, stringifyJson } from "@omnigraphdb/api-types";
import type { PolicyAction } from "@omnigraphdb/common";
import type { GraphAccess, ServerAccess } from "./access.js";

export interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
  readonly mimeType: string;
}

export interface ResourceContent {
  readonly uri: string;
  readonly mimeType: string;
  readonly text: string;
}

interface Resource {
  readonly listed: ListedResource;
  readonly action: PolicyAction;
  read(signal: AbortSignal): Promise<string>;
}

/** What a client can attach without a call of a tool (server.md 12.8). */
export function resourcesOf({ server, graph }: { readonly server: ServerAccess; readonly graph?: GraphAccess }): readonly Resource[] {
  return [...(graph === undefined ? [] : graphResources(graph)), ...(server.graphs === undefined ? [] : [graphsResource(server)])];
}

function graphResources({ client }: GraphAccess): readonly Resource[] {
  return [
    {
      listed: { uri: "omnigraph://schema", name: "schema", description: "Schema of the graph, in its source form.", mimeType: "text/plain" },
      action: "read",
      read: (signal) => client.schemaSource({ signal }),
    },
    {
      listed: { uri: "omnigraph://branches", name: "branches", description: "Names of the branches, main first.", mimeType: "application/json" },
      action: "read",
      read: async (signal) => stringifyJson(await client.listBranches({ signal })),
    },
  ];
}

function graphsResource(server: ServerAccess): Resource {
  return {
    listed: { uri: "omnigraph://graphs", name: "graphs", description: "The graphs of this server.", mimeType: "application/json" },
    action: "graph_list",
    read: async (signal) => stringifyJson(encodeGraphs((await server.graphs?.({ signal })) ?? [])),
  };
}
