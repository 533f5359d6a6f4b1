import { encodeIngest, type LoadEmbedding, type LoadMode, type LoadReceipt } from "@omnigraphdb/api-types";
import { Option } from "commander";
import { writeActor } from "../actor.js";
import { ANNOUNCED_WRITE_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { confirmWrite } from "../confirm-write.js";
import { EXIT } from "../exit-code.js";
import { openInput } from "../input-source.js";
import { jsonDocument } from "../output/json.js";
import { showProgress } from "../output/progress.js";
import { adviseUpkeep } from "../upkeep-hint.js";

interface LoadFlags {
  readonly data: string;
  readonly mode: LoadMode;
  readonly branch?: string;
  readonly from?: string;
  readonly embed?: LoadEmbedding;
  readonly json?: boolean;
}

const LOAD_MODES: readonly LoadMode[] = ["overwrite", "append", "merge"];

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
  async run(invocation) {
    const { io, command, positionals, flags } = invocation;
    const address = await resolveDataTarget(invocation, { positional: positionals[0] });
    const actor = await writeActor(invocation, address);
    await confirmWrite(io, { command, address, destructive: flags.mode === "overwrite" }, flags);
    const input = await openInput(io, "--data", flags.data);
    await using client = await openClient(io, address, "rw");
    using progress = await showProgress(io, "loading", input.byteCount, "bytes");
    const receipt = await client.load({
      input: input.chunks,
      mode: flags.mode,
      branch: flags.branch,
      base: flags.from,
      actor,
      embed: flags.embed,
      ...(progress.isShown ? { onProgress: ({ byteCount, phase }) => progress.update(byteCount, phase) } : {}),
    });
    progress[Symbol.dispose]();
    await io.stdout.write(flags.json === true ? jsonDocument(encodeIngest(address.uri, receipt)) : receiptText(address.uri, receipt));
    await adviseUpkeep(io, client, { uri: address.uri, branch: flags.branch, loadedCount: receipt.totalEntities }, flags);
    return EXIT.success;
  },
};

function receiptText(uri: string, receipt: LoadReceipt): string {
  const counts = `${receipt.nodes.length} node types, ${receipt.edges.length} edge types`;
  const created = receipt.branchCreated ? `created branch ${receipt.branch} from ${receipt.baseBranch ?? "main"}\n` : "";
  return `loaded ${uri} on ${receipt.branch} (${receipt.mode}): ${receipt.totalEntities} entities, ${counts}\n${created}`;
}
