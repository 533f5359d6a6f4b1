import type { ManifestTable } from "../../storage/dataset-gateway.js";
import { PUBLISH_ATTEMPTS_MAX } from "../../limits.js";
import { RowLevelCasContentionError } from "../errors.js";
import type { Migration } from "../format-version.js";
import { decodeRegistryRow, encodeRegistryRow } from "../manifest-codec.js";
import { BRANCHES_KEY } from "../manifest-keys.js";
import { moveStamp } from "./move-stamp.js";

const RUN_BRANCH_PREFIX = "__run__";

/**
 * 2 → 3: removes the branches a retired feature left behind. The registry is read afresh; a name that a concurrent
 * opener already removed is simply gone. Runs once per graph: from stamp 3 on the name is an ordinary one (MIG-20 … 25).
 */
export const sweepRunBranches: Migration = {
  from: 2,
  async run(table: ManifestTable): Promise<void> {
    await removeRunBranches(table);
    await moveStamp(table, 2);
  },
};

async function removeRunBranches(table: ManifestTable): Promise<void> {
  for (let attempt = 0; attempt < PUBLISH_ATTEMPTS_MAX; attempt++) {
    const row = (await table.readRows([BRANCHES_KEY])).get(BRANCHES_KEY);
    if (row === undefined) return;
    const registry = decodeRegistryRow(row);
    const branches = new Map([...registry.branches].filter(([name]) => !name.startsWith(RUN_BRANCH_PREFIX)));
    if (branches.size === registry.branches.size) return;
    const next = encodeRegistryRow({ sequence: row.seq + 1, branches }, { txId: row.txId, createdAt: row.createdAt });
    const { updatedCount } = await table.conditionalMerge([next]);
    if (updatedCount === 1) return;
  }
  throw new RowLevelCasContentionError(PUBLISH_ATTEMPTS_MAX);
}
