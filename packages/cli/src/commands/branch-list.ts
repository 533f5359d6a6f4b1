import { encodeBranches } from "@omnigraphdb/api-types";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";

interface BranchListFlags {
  readonly json?: boolean;
}

export const branchListCommand: CommandDefinition<BranchListFlags> = {
  path: ["branch", "list"],
  capability: "any",
  summary: "list the branches, main first",
  accepts: READ_FLAGS,
  tolerates: ["as"],
  examples: ["omnigraph branch list --store ./orders.omni"],
  declare(command) {
    command.option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, flags } = invocation;
    const address = await resolveDataTarget(invocation);
    await using client = await openClient(io, address, "ro");
    const branches = await client.listBranches();
    await io.stdout.write(flags.json === true ? jsonDocument(encodeBranches(branches)) : branches.map((name) => `${name}\n`).join(""));
    return EXIT.success;
  },
};
