import { Option } from "commander";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { UsageError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { warn } from "../notice.js";
import { HIDDEN_PROGRESS, showProgress } from "../output/progress.js";
import { declareReadTarget, readTarget, type ReadTargetFlags } from "../read-target.js";

interface ExportFlags extends ReadTargetFlags {
  readonly type?: readonly string[];
  readonly table?: readonly string[];
  readonly jsonl?: boolean;
}

export const exportCommand: CommandDefinition<ExportFlags> = {
  path: ["export"],
  capability: "any",
  summary: "write all records as JSON lines to stdout",
  accepts: READ_FLAGS,
  tolerates: ["as"],
  examples: ["omnigraph export ./orders.omni > orders.jsonl", "omnigraph export ./orders.omni --type Order --type Line | head"],
  declare(command) {
    command.argument("[URI]", "graph to export");
    declareReadTarget(command, "export");
    command
      .option("--type <T>", "only this type; repeat for several", collect)
      .addOption(new Option("--table <KEY>").argParser(collect).hideHelp())
      .addOption(new Option("--jsonl").hideHelp());
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const target = readTarget(flags);
    const address = await resolveDataTarget(invocation, { positional: positionals[0] });
    if (flags.jsonl === true) await warn(io, "'export --jsonl' is deprecated; 'export' always writes JSON lines");
    const typeNames = [...(flags.type ?? []), ...(await tableTypes(flags.table ?? [], (text) => warn(io, text)))];
    await using client = await openClient(io, address, "ro");
    // On a terminal the records themselves are the progress.
    using progress = io.stdout.isTTY ? HIDDEN_PROGRESS : await showProgress(io, "exporting", undefined, "bytes");
    let byteCount = 0;
    for await (const chunk of client.exportJsonl({ target, typeNames })) {
      await io.stdout.write(chunk);
      byteCount += chunk.byteLength;
      progress.update(byteCount, "exporting");
    }
    return EXIT.success;
  },
};

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** Type names of the older `--table node:T` spelling (§10.8). */
async function tableTypes(keys: readonly string[], notice: (text: string) => Promise<void>): Promise<readonly string[]> {
  const names: string[] = [];
  for (const key of keys) {
    const name = /^(?:node|edge):(.+)$/.exec(key)?.[1];
    if (name === undefined) throw new UsageError(`--table '${key}' is not of the form node:T or edge:T`, "Use --type T.");
    await notice(`'export --table ${key}' is deprecated; use 'export --type ${name}'`);
    names.push(name);
  }
  return names;
}
