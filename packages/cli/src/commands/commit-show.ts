import { encodeCommit } from "@omnigraphdb/api-types";
import { must } from "@omnigraphdb/common";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { commitDetails } from "../output/commit.js";
import { jsonDocument } from "../output/json.js";

interface CommitShowFlags {
  readonly json?: boolean;
}

export const commitShowCommand: CommandDefinition<CommitShowFlags> = {
  path: ["commit", "show"],
  capability: "any",
  summary: "show one commit",
  accepts: READ_FLAGS,
  examples: ["omnigraph commit show 01JZ0V9M3XK7B1N5Q8R2T4W6YZ --store ./orders.omni"],
  declare(command) {
    command.argument("<COMMIT_ID>", "commit to show").option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const address = await resolveDataTarget(invocation);
    await using client = await openClient(io, address, "ro");
    const commit = await client.getCommit(must(positionals[0], "the parser requires COMMIT_ID"));
    await io.stdout.write(flags.json === true ? jsonDocument(encodeCommit(commit)) : commitDetails(commit));
    return EXIT.success;
  },
};
