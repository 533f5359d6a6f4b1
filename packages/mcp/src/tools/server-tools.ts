import { encodeGraphs, encodeHealth, stringifyJson } from "@omnigraphdb/api-types";
import type { ServerAccess } from "../access.js";
import { argumentsOf } from "../arguments/schema.js";
import { READ_ONLY, type Tool, tool } from "../tool.js";

export function healthTool(server: ServerAccess): Tool {
  return tool({
    name: "health",
    description: "Whether OmniGraph answers, and which version it is.",
    inputSchema: argumentsOf({}),
    hints: READ_ONLY,
    actions: [],
    run: async (_args, signal) => stringifyJson(encodeHealth(await server.health({ signal }))),
  });
}

export function graphsTool(graphs: NonNullable<ServerAccess["graphs"]>): Tool {
  return tool({
    name: "graphs_list",
    description: "The graphs of this server. Each has an endpoint of its own with the tools to read and write it.",
    inputSchema: argumentsOf({}),
    hints: READ_ONLY,
    actions: ["graph_list"],
    run: async (_args, signal) => stringifyJson(encodeGraphs(await graphs({ signal }))),
  });
}
