import { Option } from "commander";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { StoredQueryUnavailableError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { READ_FORMATS, type ReadFormat } from "../output/read-result.js";
import { renderRead } from "../output/render-read.js";
import { presentationOf } from "../presentation.js";
import { declareAlias, readQueryOrAlias } from "../query-alias.js";
import { declareQueryInput, type QueryInputFlags } from "../query-input.js";
import { declareTimeout, type TimeoutFlags, timeoutMsOf } from "../query-timeout.js";
import { declareReadTarget, readTarget, type ReadTargetFlags } from "../read-target.js";

interface QueryFlags extends QueryInputFlags, ReadTargetFlags, TimeoutFlags {
  readonly alias?: string;
  readonly format?: ReadFormat;
  readonly json?: boolean;
}

export const queryCommand: CommandDefinition<QueryFlags> = {
  path: ["query"],
  capability: "any",
  summary: "run a read query (alias: read)",
  accepts: READ_FLAGS,
  examples: [
    "omnigraph query --store ./orders.omni -e 'query open() { match { $o: Order { state: \"open\" } } return { $o.ref } }'",
    "omnigraph query recent --store ./orders.omni --query orders.gq --params '{\"n\": 5}'",
    "omnigraph query --store ./orders.omni --query orders.gq --format csv",
    "omnigraph query late_orders --server https://graphs.example.net --graph orders --params '{\"since\": \"2026-07-01\"}'",
    "omnigraph query --store ./orders.omni --query orders.gq --snapshot @2026-07-01T12:00:00Z",
    "omnigraph query --store ./orders.omni --query orders.gq --timeout 30s",
  ],
  declare(command) {
    declareQueryInput(command);
    declareAlias(command);
    declareReadTarget(command, "read");
    declareTimeout(command);
    command
      .addOption(new Option("--format <F>", "output format (default: table)").choices(READ_FORMATS).conflicts("json"))
      .addOption(new Option("--json", "same as --format json"));
  },
  async run(given) {
    const { invocation, request } = await readQueryOrAlias(given);
    const { io, flags } = invocation;
    const target = readTarget(flags);
    const timeoutMs = timeoutMsOf(flags);
    const { format, tableStyle } = await presentationOf(io, flags);
    const address = await resolveDataTarget(invocation, request.form);
    const { source, name = "", params } = request;
    if (source === undefined && address.kind === "store") throw new StoredQueryUnavailableError(name);
    await using client = await openClient(io, address, "ro", timeoutMs);
    const result = source === undefined ? await client.runStoredQuery({ name, params, ...target }) : await client.query({ source, name: request.name, params, timeoutMs, ...target });
    for (const chunk of renderRead(result, format, tableStyle)) await io.stdout.write(chunk);
    return EXIT.success;
  },
};
