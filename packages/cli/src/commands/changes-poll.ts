import { Option } from "commander";
import type { ChangesOptions, FeedStart } from "@omnigraphdb/api-types";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { changeFilter, type ChangeFilterFlags, declareChangeFilter, warnOfUnknownTypes, wholeNumber } from "../change-filter.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { chunked } from "../output/chunked.js";

interface ChangesPollFlags extends ChangeFilterFlags {
  readonly branch?: string;
  readonly cursor?: string;
  readonly start?: string;
  readonly limit?: number;
  readonly json?: boolean;
}

export const changesPollCommand: CommandDefinition<ChangesPollFlags> = {
  path: ["changes", "poll"],
  capability: "any",
  summary: "show what the commits of a branch changed since a cursor, oldest first",
  accepts: READ_FLAGS,
  examples: ["omnigraph changes poll --store ./orders.omni --start beginning", "omnigraph changes poll --store ./orders.omni --cursor \"$(cat orders.cursor)\" --json"],
  declare(command) {
    command
      .option("--branch <B>", "branch to follow (default: main)")
      .addOption(new Option("--cursor <C>", "go on where an earlier poll or a baseline ended").conflicts("start"))
      .option("--start <WHERE>", "now, beginning, or after:<commit id> (default: now)")
      .option("--limit <N>", "changes read at a time", wholeNumber);
    declareChangeFilter(command);
    command.option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, flags } = invocation;
    const address = await resolveDataTarget(invocation);
    await using client = await openClient(io, address, "ro");
    await warnOfUnknownTypes(io, client, flags, flags.branch);
    const common: ChangesOptions = {
      ...changeFilter(flags),
      ...(flags.branch === undefined ? {} : { branch: flags.branch }),
      ...(flags.limit === undefined ? {} : { limit: flags.limit }),
    };
    const position = flags.cursor === undefined ? { start: (flags.start ?? "now") as FeedStart } : { cursor: flags.cursor };
    const { JsonFeed, TextFeed } = await import("../output/change-feed.js");
    const printer = flags.json === true ? new JsonFeed() : new TextFeed();
    let page = await client.changes({ ...common, ...position });
    await io.stdout.write(printer.start());
    for (;;) {
      for (const chunk of chunked(printer.blocks(page.blocks))) await io.stdout.write(chunk);
      if (page.nextPageToken === undefined) break;
      page = await client.changes({ ...common, pageToken: page.nextPageToken });
    }
    await io.stdout.write(printer.end(page.cursor ?? "", page.caughtUp === true));
    return EXIT.success;
  },
};
