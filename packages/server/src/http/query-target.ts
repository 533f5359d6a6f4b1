import type { TargetRequest } from "../authorization/read-target.js";

/** `branch` and `snapshot` of a query string. */
export function queryTarget(query: URLSearchParams): TargetRequest {
  return { branch: query.get("branch"), snapshot: query.get("snapshot") };
}
