import { encodeDiff } from "@omnigraphdb/api-types";
import { must } from "@omnigraphdb/common";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { changeFilter, type ChangeFilterFlags, declareChangeFilter, warnOfUnknownTypes } from "../change-filter.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { chunked } from "../output/chunked.js";
import { diffText } from "../output/diff.js";
import { jsonDocument } from "../output/json.js";

interface DiffFlags extends ChangeFilterFlags {
  readonly images?: boolean;
  readonly json?: boolean;
}

export const diffCommand: CommandDefinition<DiffFlags> = {
  path: ["diff"],
  capability: "any",
  summary: "show what differs between two branches, commits or instants",
  accepts: READ_FLAGS,
  examples: ["omnigraph diff main review --store ./orders.omni", "omnigraph diff @2026-07-01T00:00:00Z main --store ./orders.omni --type Order --json"],
  declare(command) {
    command.argument("<FROM>", "earlier state: a branch, a commit id, manifest:<branch>:v<n>, or @<instant>").argument("<TO>", "later state, named in the same ways");
    declareChangeFilter(command);
    command.option("--images", "with --json: entities before and after").option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const address = await resolveDataTarget(invocation);
    await using client = await openClient(io, address, "ro");
    await warnOfUnknownTypes(io, client, flags);
    const [from, to] = [must(positionals[0], "the parser requires FROM"), must(positionals[1], "the parser requires TO")];
    const isJson = flags.json === true;
    const diff = await client.diff(from, to, { ...changeFilter(flags), images: !isJson || flags.images === true });
    if (isJson) await io.stdout.write(jsonDocument(encodeDiff(diff)));
    else for (const chunk of chunked(diffText(diff))) await io.stdout.write(chunk);
    return EXIT.success;
  },
};
