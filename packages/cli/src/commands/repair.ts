import { MAINTENANCE_FLAGS } from "../addressing/flag-sets.js";
import { resolveStoreTarget } from "../addressing/resolve-target.js";
import { openStore } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { confirmWrite } from "../confirm-write.js";
import { RepairRefusedError, UsageError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";
import { repairJson, repairText } from "../output/maintenance.js";

interface RepairFlags {
  readonly branch?: string;
  readonly confirm?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export const repairCommand: CommandDefinition<RepairFlags> = {
  path: ["repair"],
  capability: "direct",
  summary: "show, or with --confirm settle, datasets that other programs moved",
  accepts: MAINTENANCE_FLAGS,
  examples: ["omnigraph repair ./orders.omni", "omnigraph repair ./orders.omni --confirm", "omnigraph repair ./orders.omni --confirm --force --json"],
  declare(command) {
    command
      .argument("[URI]", "graph to repair")
      .option("--branch <B>", "branch to repair (default: main)")
      .option("--confirm", "publish what is proven to be maintenance (without it: a preview)")
      .option("--force", "with --confirm: publish the rest as well")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, command, positionals, flags } = invocation;
    const { confirm = false, force = false } = flags;
    if (force && !confirm) throw new UsageError("repair --force requires --confirm", "Look at the preview first, then add --confirm.");
    const address = await resolveStoreTarget(invocation, { positional: positionals[0] });
    await confirmWrite(io, { command, address, destructive: false }, flags);
    await using client = await openStore(io, address, "rw");
    const report = await client.repair({ branch: flags.branch, confirm, force });
    const { uri } = address;
    await io.stdout.write(flags.json === true ? jsonDocument(repairJson(uri, { confirm, force }, report)) : repairText(uri, report));
    const refused = report.datasets.filter(({ action }) => action === "refused");
    if (refused.length > 0) throw new RepairRefusedError(refused.map(({ typeKey }) => typeKey), force);
    return EXIT.success;
  },
};
