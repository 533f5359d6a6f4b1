import type { ManifestTable } from "../../storage/dataset-gateway.js";
import type { Migration } from "../format-version.js";
import { encodeRegistryRow, implicitRegistry } from "../manifest-codec.js";
import { BRANCHES_KEY } from "../manifest-keys.js";
import { moveStamp } from "./move-stamp.js";

/**
 * 1 → 2: graphs of the first format have neither a stamp nor a branch registry; `main` is implied. The registry row is
 * written by the merge that sets the stamp, so no graph has one without the other (MIG-20).
 */
export const adoptRecordModel: Migration = {
  from: 1,
  async run(table: ManifestTable): Promise<void> {
    const hasRegistry = (await table.readRows([BRANCHES_KEY])).has(BRANCHES_KEY);
    const registry = encodeRegistryRow({ ...implicitRegistry(), sequence: 1 }, { txId: "migration-1-2", createdAt: 0 });
    await moveStamp(table, 1, hasRegistry ? [] : [registry]);
  },
};
