import { encodeBranchDeleted } from "@omnigraphdb/api-types";
import { must } from "@omnigraphdb/common";
import { writeActor } from "../actor.js";
import { ANNOUNCED_WRITE_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { confirmWrite } from "../confirm-write.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";

interface BranchDeleteFlags {
  readonly json?: boolean;
}

export const branchDeleteCommand: CommandDefinition<BranchDeleteFlags> = {
  path: ["branch", "delete"],
  capability: "any",
  summary: "delete a branch and what only it shows",
  accepts: ANNOUNCED_WRITE_FLAGS,
  examples: ["omnigraph branch delete review/2026-07 --store ./orders.omni"],
  declare(command) {
    command.argument("<NAME>", "branch to delete").option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, command, positionals, flags } = invocation;
    const address = await resolveDataTarget(invocation);
    const actor = await writeActor(invocation, address);
    await confirmWrite(io, { command, address, destructive: true }, flags);
    await using client = await openClient(io, address, "rw");
    const deleted = await client.deleteBranch({ name: must(positionals[0], "the parser requires NAME"), actor });
    const document = { ...encodeBranchDeleted(deleted), uri: address.uri };
    await io.stdout.write(flags.json === true ? jsonDocument(document) : `deleted branch ${deleted.name} in ${address.uri}\n`);
    return EXIT.success;
  },
};
