import { must } from "@omnigraphdb/common";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { changeFilter, type ChangeFilterFlags, declareChangeFilter, warnOfUnknownTypes, wholeNumber } from "../change-filter.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { DivergentPageError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { chunked } from "../output/chunked.js";

interface CommitChangesFlags extends ChangeFilterFlags {
  readonly limit?: number;
  readonly pageToken?: string;
  readonly json?: boolean;
}

export const commitChangesCommand: CommandDefinition<CommitChangesFlags> = {
  path: ["commit", "changes"],
  capability: "any",
  summary: "show what a commit changed, entity by entity",
  accepts: READ_FLAGS,
  examples: [
    "omnigraph commit changes 01JZ0V9M3XK7B1N5Q8R2T4W6YZ --store ./orders.omni",
    "omnigraph commit changes 01JZ0V9M3XK7B1N5Q8R2T4W6YZ --store ./orders.omni --type Order --op update --json",
  ],
  declare(command) {
    command
      .argument("<COMMIT_ID>", "commit to compare with its first parent")
      .option("--limit <N>", "changes per page", wholeNumber)
      .option("--page-token <T>", "print only the page that this token of an earlier one names");
    declareChangeFilter(command);
    command.option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const address = await resolveDataTarget(invocation);
    await using client = await openClient(io, address, "ro");
    await warnOfUnknownTypes(io, client, flags);
    const graphCommitId = must(positionals[0], "the parser requires COMMIT_ID");
    const options = { ...changeFilter(flags), ...(flags.limit === undefined ? {} : { limit: flags.limit }) };
    const { JsonBlock, TextBlock } = await import("../output/changes.js");
    const renderer = flags.json === true ? new JsonBlock("  ") : new TextBlock();
    let page = await client.commitChanges(graphCommitId, { ...options, ...(flags.pageToken === undefined ? {} : { pageToken: flags.pageToken }) });
    await io.stdout.write(renderer.begin(page.cause));
    for (;;) {
      for (const chunk of chunked(page.changes.map((change) => renderer.change(change)))) await io.stdout.write(chunk);
      if (page.nextPageToken === undefined || flags.pageToken !== undefined) break;
      const { cause } = page;
      page = await client.commitChanges(graphCommitId, { ...options, pageToken: page.nextPageToken });
      if (page.cause.graphCommitId !== cause.graphCommitId) throw new DivergentPageError(cause.graphCommitId, page.cause.graphCommitId);
    }
    const token = page.nextPageToken;
    if (flags.json === true) await io.stdout.write(`${renderer.end()}${token === undefined ? "" : `,\n  "next_page_token": ${JSON.stringify(token)}`}\n}\n`);
    else if (token !== undefined) await io.stdout.write(`next_page_token: ${token}\n`);
    return EXIT.success;
  },
};
