import { encodeBranchCreated } from "@omnigraphdb/api-types";
import { must } from "@omnigraphdb/common";
import { writeActor } from "../actor.js";
import { ANNOUNCED_WRITE_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { confirmWrite } from "../confirm-write.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";

interface BranchCreateFlags {
  readonly from: string;
  readonly json?: boolean;
}

export const branchCreateCommand: CommandDefinition<BranchCreateFlags> = {
  path: ["branch", "create"],
  capability: "any",
  summary: "create a branch",
  accepts: ANNOUNCED_WRITE_FLAGS,
  examples: ["omnigraph branch create review/2026-07 --store ./orders.omni", "omnigraph branch create hotfix --from review/2026-07 --store ./orders.omni"],
  declare(command) {
    command
      .argument("<NAME>", "name of the branch")
      .option("--from <BASE>", "branch whose state it starts with", "main")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, command, positionals, flags } = invocation;
    const address = await resolveDataTarget(invocation);
    const actor = await writeActor(invocation, address);
    await confirmWrite(io, { command, address, destructive: false }, flags);
    await using client = await openClient(io, address, "rw");
    const name = must(positionals[0], "the parser requires NAME");
    const created = await client.createBranch({ name, from: flags.from, actor });
    const document = { ...encodeBranchCreated(created), uri: address.uri };
    await io.stdout.write(flags.json === true ? jsonDocument(document) : `created branch ${created.name} from ${created.from} in ${address.uri}\n`);
    return EXIT.success;
  },
};
