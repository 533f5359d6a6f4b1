import { Option } from "commander";
import { ANNOUNCED_WRITE_FLAGS } from "../addressing/flag-sets.js";
import type { CommandDefinition } from "../command-definition.js";
import { LOAD_MODES, type LoadFlags, loadRecords } from "../load-records.js";

export const loadCommand: CommandDefinition<LoadFlags> = {
  path: ["load"],
  capability: "any",
  summary: "load records from a file as one commit",
  accepts: ANNOUNCED_WRITE_FLAGS,
  examples: [
    "omnigraph load ./orders.omni --data orders.jsonl --mode append",
    "omnigraph load ./orders.omni --data changes.jsonl --mode merge --as nightly-sync",
    "omnigraph load ./orders.omni --data july.jsonl --mode merge --branch import/july --from main",
    "omnigraph load ./papers.omni --data papers.jsonl --mode merge --embed missing",
    "omnigraph load --server https://graphs.example.net --graph orders --data orders.jsonl --mode merge",
    "zcat orders.jsonl.gz | omnigraph load ./orders.omni --data - --mode overwrite",
  ],
  declare(command) {
    command
      .argument("[URI]", "graph to load into")
      .requiredOption("--data <PATH>", "file of JSON records, - for stdin")
      .addOption(
        new Option("--mode <MODE>", "overwrite replaces, append inserts new keys only, merge upserts by key")
          .choices(LOAD_MODES)
          .makeOptionMandatory(),
      )
      .option("--branch <B>", "branch to load into (default: main)")
      .option("--from <BASE>", "create the branch from this one if it does not exist")
      .addOption(new Option("--embed <WHAT>", "compute vectors that records leave out, from the text their @embed names").choices(["missing", "none"]))
      .option("--json", "print a JSON document");
  },
  run: (invocation) => loadRecords(invocation, false),
};
