import { encodeGraphs } from "@omnigraphdb/api-types";
import { SERVED_FLAGS } from "../addressing/flag-sets.js";
import { resolveServer } from "../addressing/resolve-target.js";
import { connectionOptions } from "../client/connection-options.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";

interface GraphsListFlags {
  readonly json?: boolean;
}

export const graphsListCommand: CommandDefinition<GraphsListFlags> = {
  path: ["graphs", "list"],
  capability: "served",
  summary: "list the graphs of a server",
  accepts: SERVED_FLAGS,
  examples: ["omnigraph graphs list --server https://graphs.example.net", "omnigraph graphs list --server harbor --json"],
  declare(command) {
    command.option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, flags } = invocation;
    const target = await resolveServer(invocation);
    const { OmniGraphServer } = await import("@omnigraphdb/client");
    await using server = new OmniGraphServer(connectionOptions(io, target));
    const document = encodeGraphs(await server.graphs());
    await io.stdout.write(flags.json === true ? jsonDocument(document) : document.graphs.map(({ graph_id: id, uri }) => `${id}\t${uri}\n`).join(""));
    return EXIT.success;
  },
};
