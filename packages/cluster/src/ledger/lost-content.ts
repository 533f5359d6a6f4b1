import type { ResourceStatus } from "./ledger.js";

/** Whether `refresh` found the catalog object of the resource missing or altered (cluster.md 12.4). */
export function isLost({ conditions }: ResourceStatus): boolean {
  return conditions?.includes("payload_missing") === true || conditions?.includes("payload_mismatch") === true;
}
