import { encodeMerge, type MergeReceipt } from "@omnigraphdb/api-types";
import { isOmniError, must } from "@omnigraphdb/common";
import { writeActor } from "../actor.js";
import { ANNOUNCED_WRITE_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { confirmWrite } from "../confirm-write.js";
import { EXIT } from "../exit-code.js";
import { warn } from "../notice.js";
import { jsonDocument } from "../output/json.js";
import { conflictsForPeople } from "../output/merge-conflicts.js";

interface BranchMergeFlags {
  readonly into: string;
  readonly deleteBranch?: boolean;
  readonly json?: boolean;
}

export const branchMergeCommand: CommandDefinition<BranchMergeFlags> = {
  path: ["branch", "merge"],
  capability: "any",
  summary: "merge what one branch has into another",
  accepts: ANNOUNCED_WRITE_FLAGS,
  examples: [
    "omnigraph branch merge review/2026-07 --store ./orders.omni",
    "omnigraph branch merge main --into review/2026-07 --store ./orders.omni",
    "omnigraph branch merge review/2026-07 --delete-branch --store ./orders.omni",
  ],
  declare(command) {
    command
      .argument("<SOURCE>", "branch to merge")
      .option("--into <TARGET>", "branch to merge into", "main")
      .option("--delete-branch", "delete SOURCE after the merge")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, command, positionals, flags } = invocation;
    const address = await resolveDataTarget(invocation);
    const actor = await writeActor(invocation, address);
    await confirmWrite(io, { command, address, destructive: flags.deleteBranch === true }, flags);
    await using client = await openClient(io, address, "rw");
    const source = must(positionals[0], "the parser requires SOURCE");
    try {
      const receipt = await client.mergeBranch({ source, target: flags.into, actor, deleteBranch: flags.deleteBranch === true });
      if (flags.deleteBranch === true && receipt.branchDeleted === undefined) await warn(io, `${address.uri} does not support --delete-branch: branch ${receipt.source} is still there`);
      if (receipt.branchDeleted === false) {
        await warn(io, `branch ${receipt.source} was merged but not deleted: ${receipt.branchDeleteError ?? ""}`);
      }
      await io.stdout.write(flags.json === true ? jsonDocument(receiptDocument(receipt)) : receiptText(receipt));
      return EXIT.success;
    } catch (error) {
      if (!isOmniError(error) || error.code !== "MERGE_CONFLICTS") throw error;
      if (flags.json !== true) throw conflictsForPeople(error);
      await io.stdout.write(jsonDocument({ error: error.message, code: "conflict", ...error.details }));
      return EXIT.failure;
    }
  },
};

/** The commit is a member of the answer over HTTP only (§10.6). */
function receiptDocument(receipt: MergeReceipt): object {
  const { commit: _onTheWireOnly, ...document } = encodeMerge(receipt);
  return document;
}

function receiptText({ source, target, outcome, branchDeleted }: MergeReceipt): string {
  const deleted = branchDeleted === true ? `deleted branch ${source}\n` : "";
  return `merged ${source} into ${target}: ${outcome}\n${deleted}`;
}
