import { Option } from "commander";
import { connectionOptions } from "../client/connection-options.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { aliasCall } from "../operator/alias-call.js";
import { loadOperatorConfig } from "../operator/config.js";
import { resolveToken } from "../operator/token.js";
import { READ_FORMATS, type ReadFormat } from "../output/read-result.js";
import { renderRead } from "../output/render-read.js";
import { presentationOf } from "../presentation.js";
import { readParams } from "../query-input.js";

interface AliasFlags {
  readonly params?: string;
  readonly paramsFile?: string;
  readonly format?: ReadFormat;
  readonly json?: boolean;
}

export const aliasCommand: CommandDefinition<AliasFlags> = {
  path: ["alias"],
  capability: "local",
  summary: "run a stored query by an alias of the operator configuration",
  accepts: [],
  ownsAddress: true,
  examples: ["omnigraph alias late 2026-07-01", "omnigraph alias late --params '{\"limit\": 5}' --json"],
  declare(command) {
    command
      .argument("<NAME>", "alias of the operator configuration")
      .argument("[ARG...]", "its arguments, as JSON or text")
      .addOption(new Option("--params <JSON>", "parameters as a JSON object, keys without $").conflicts("paramsFile"))
      .addOption(new Option("--params-file <PATH>", "file with the parameters object, - for stdin"))
      .addOption(new Option("--format <F>", "output format (default: that of the alias, else table)").choices(READ_FORMATS).conflicts("json"))
      .addOption(new Option("--json", "same as --format json"));
  },
  async run({ io, positionals, flags }) {
    const [name = "", ...args] = positionals.filter((positional) => positional !== undefined);
    const config = await loadOperatorConfig(io);
    const call = await aliasCall(config, name, args, await readParams(io, flags));
    const { format, tableStyle } = await presentationOf(io, flags, call.format);
    const token = await resolveToken(io, config, call.url);
    const { HttpGraphClient } = await import("@omnigraphdb/client");
    await using client = new HttpGraphClient(connectionOptions(io, { baseUrl: call.url, token }));
    const result = await client.runStoredQuery({ name: call.query, params: call.params });
    for (const chunk of renderRead(result, format, tableStyle)) await io.stdout.write(chunk);
    return EXIT.success;
  },
};
