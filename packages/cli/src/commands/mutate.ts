import { encodeMutation, type MutationReceipt } from "@omnigraphdb/api-types";
import { isOmniError } from "@omnigraphdb/common";
import { writeActor } from "../actor.js";
import { WRITE_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { StoredQueryUnavailableError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";
import { declareAlias, readQueryOrAlias } from "../query-alias.js";
import { declareQueryInput, type QueryInputFlags } from "../query-input.js";
import { adviseUpkeep } from "../upkeep-hint.js";

interface MutateFlags extends QueryInputFlags {
  readonly alias?: string;
  readonly branch?: string;
  readonly ifCommit?: string;
  readonly json?: boolean;
}

export const mutateCommand: CommandDefinition<MutateFlags> = {
  path: ["mutate"],
  capability: "any",
  summary: "run a mutation query (alias: change)",
  accepts: WRITE_FLAGS,
  examples: [
    "omnigraph mutate --store ./orders.omni --query orders.gq close --params '{\"ref\": \"A-7\"}'",
    "omnigraph mutate --store ./orders.omni --query orders.gq close --if-commit 01JZ0V9M3XK7B1N5Q8R2T4W6YZ",
    "omnigraph mutate close_order --server https://graphs.example.net --graph orders --params '{\"ref\": \"A-7\"}'",
  ],
  declare(command) {
    declareQueryInput(command);
    declareAlias(command);
    command
      .option("--branch <B>", "branch to change (default: main)")
      .option("--if-commit <COMMIT_ID>", "run only if the branch head still is this commit; otherwise exit with 4")
      .option("--json", "print a JSON document");
  },
  async run(given) {
    const { invocation, request } = await readQueryOrAlias(given);
    const { io, flags } = invocation;
    const address = await resolveDataTarget(invocation, request.form);
    const actor = await writeActor(invocation, address);
    const { source, name = "", params } = request;
    if (source === undefined && address.kind === "store") throw new StoredQueryUnavailableError(name);
    const { branch, ifCommit } = flags;
    try {
      await using client = await openClient(io, address, "rw");
      const receipt = source === undefined
        ? await client.runStoredMutation({ name, params, branch, ifCommit })
        : await client.mutate({ source, name: request.name, params, branch, actor, ifCommit });
      await io.stdout.write(flags.json === true ? jsonDocument(encodeMutation(receipt)) : receiptText(receipt));
      await adviseUpkeep(io, client, { uri: address.uri, branch, loadedCount: 0 }, flags);
      return EXIT.success;
    } catch (error) {
      const lost = ifCommit !== undefined && isOmniError(error) && error.category === "precondition";
      if (!lost || flags.json !== true) throw error;
      await io.stdout.write(jsonDocument({ error: error.message, ...error.details }));
      return EXIT.preconditionLost;
    }
  },
};

function receiptText(receipt: MutationReceipt): string {
  const counts = `${receipt.affectedNodes} nodes, ${receipt.affectedEdges} edges`;
  const actor = receipt.actorId === null ? "" : `actor_id: ${receipt.actorId}\n`;
  return `changed ${receipt.branch} via ${receipt.queryName}: ${counts}\n${actor}`;
}
