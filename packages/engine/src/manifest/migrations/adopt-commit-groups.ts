import type { ManifestTable } from "../../storage/dataset-gateway.js";
import type { Migration } from "../format-version.js";
import { moveStamp } from "./move-stamp.js";

/** 3 → 4: from here on one commit row may hold the commits of a group (WR-11). Rows of format 3 mean the same in format 4. */
export const adoptCommitGroups: Migration = {
  from: 3,
  run: (table: ManifestTable): Promise<void> => moveStamp(table, 3),
};
