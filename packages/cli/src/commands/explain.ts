import { encodeExplanation } from "@omnigraphdb/api-types";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { colorsWanted } from "../environment.js";
import { UsageError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { explanationText } from "../output/explanation.js";
import { jsonDocument } from "../output/json.js";
import { declareQueryInput, type QueryInputFlags, readQueryRequest } from "../query-input.js";
import { declareTimeout, type TimeoutFlags, timeoutMsOf } from "../query-timeout.js";
import { declareReadTarget, readTarget, type ReadTargetFlags } from "../read-target.js";

interface ExplainFlags extends QueryInputFlags, ReadTargetFlags, TimeoutFlags {
  readonly analyze?: boolean;
  readonly json?: boolean;
}

export const explainCommand: CommandDefinition<ExplainFlags> = {
  path: ["explain"],
  capability: "any",
  summary: "show how a read query is executed",
  accepts: READ_FLAGS,
  examples: [
    "omnigraph explain --store ./orders.omni -e 'query open() { match { $o: Order { state: \"open\" } } return { $o.ref } }'",
    "omnigraph explain recent --store ./orders.omni --query orders.gq --params '{\"n\": 5}' --analyze",
    "omnigraph explain --store ./orders.omni --query orders.gq --analyze --json",
  ],
  declare(command) {
    declareQueryInput(command);
    declareReadTarget(command, "explain");
    declareTimeout(command);
    command.option("--analyze", "run the query and measure every step; its rows are thrown away").option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, command, positionals, flags, sourceNames } = invocation;
    const target = readTarget(flags);
    const timeoutMs = timeoutMsOf(flags);
    const request = await readQueryRequest(io, command, positionals[0], flags, sourceNames);
    const address = await resolveDataTarget(invocation, request.form);
    const { source, name, params } = request;
    if (source === undefined) throw new UsageError(`'explain ${name ?? ""}' needs the text of the query`, "Pass it with --query FILE or -e 'query …'.");
    await using client = await openClient(io, address, "ro", timeoutMs);
    const explanation = await client.explain({ source, name, params, timeoutMs, ...target, analyze: flags.analyze === true });
    if (flags.json === true) {
      await io.stdout.write(jsonDocument(encodeExplanation(explanation)));
      return EXIT.success;
    }
    const colors = (await import("picocolors")).default.createColors(colorsWanted(io.env, io.stdout.isTTY));
    await io.stdout.write(explanationText(explanation, { colors, width: io.stdout.columns }));
    return EXIT.success;
  },
};
