import { encodeCommits } from "@omnigraphdb/api-types";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { UsageError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { chunked } from "../output/chunked.js";
import { commitLine } from "../output/commit.js";
import { jsonDocument } from "../output/json.js";
import { declareReadTarget, readTarget, type ReadTargetFlags } from "../read-target.js";

interface CommitListFlags extends ReadTargetFlags {
  readonly filter?: string;
  readonly json?: boolean;
}

export const commitListCommand: CommandDefinition<CommitListFlags> = {
  path: ["commit", "list"],
  capability: "any",
  summary: "list the commits of a branch, newest first",
  accepts: READ_FLAGS,
  examples: ["omnigraph commit list ./orders.omni", "omnigraph commit list ./orders.omni --filter actor=nightly-sync --json"],
  declare(command) {
    command.argument("[URI]", "graph to look at");
    declareReadTarget(command, "list the history of");
    command
      .option("--filter <actor=ID>", "only commits by this actor")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const target = readTarget(flags);
    const address = await resolveDataTarget(invocation, { positional: positionals[0] });
    const actor = flags.filter === undefined ? undefined : filteredActor(flags.filter);
    await using client = await openClient(io, address, "ro");
    const all = await client.listCommits(target);
    const commits = actor === undefined ? all : all.filter((commit) => commit.actorId === actor);
    if (flags.json === true) await io.stdout.write(jsonDocument(encodeCommits(commits)));
    else for (const chunk of chunked(commits.map(commitLine))) await io.stdout.write(chunk);
    return EXIT.success;
  },
};

function filteredActor(filter: string): string {
  const actor = /^actor=(.+)$/s.exec(filter)?.[1];
  if (actor === undefined) throw new UsageError(`--filter '${filter}' is not of the form actor=ID`, "Write --filter actor=ID.");
  return actor;
}
