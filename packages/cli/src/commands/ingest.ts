import { Option } from "commander";
import { ANNOUNCED_WRITE_FLAGS } from "../addressing/flag-sets.js";
import type { CommandDefinition } from "../command-definition.js";
import { LOAD_MODES, type LoadFlags, loadRecords } from "../load-records.js";
import { warn } from "../notice.js";

export const ingestCommand: CommandDefinition<LoadFlags> = {
  path: ["ingest"],
  capability: "any",
  summary: "load records, forgiving about what they hold (deprecated)",
  accepts: ANNOUNCED_WRITE_FLAGS,
  isHidden: true,
  examples: ["omnigraph ingest ./orders.omni --data orders.jsonl --branch import/july"],
  declare(command) {
    command
      .argument("[URI]", "graph to load into")
      .requiredOption("--data <PATH>", "file of JSON records, - for stdin")
      .addOption(new Option("--mode <MODE>", "overwrite replaces, append inserts new keys only, merge upserts by key").choices(LOAD_MODES).default("merge"))
      .option("--branch <B>", "branch to load into (default: main)")
      .option("--from <BASE>", "create the branch from this one if it does not exist", "main")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    await warn(invocation.io, "'ingest' is deprecated; use 'load', which refuses what 'ingest' ignores");
    return loadRecords(invocation, true);
  },
};
