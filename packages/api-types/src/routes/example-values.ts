/** Values that the examples of several routes share, so that they tell one story. */
import type { CommitOutput } from "../wire/commit.js";

export const COMMIT_ID = "01J8Z60A9SXN7V3J5M1QK2R4TB";
export const PARENT_COMMIT_ID = "01J8Z5W6T4Q8M3N2K1H0G9F8E7";
export const GRAPH_URI = "s3://acme-graphs/prod/graphs/crm.omni";
export const CURSOR = "eyJ2IjoxLCJhIjo3fQ";

export const COMMIT: CommitOutput = {
  graph_commit_id: COMMIT_ID,
  graph_branch: null,
  graph_manifest_version: 13,
  parent_commit_id: PARENT_COMMIT_ID,
  merged_parent_commit_id: null,
  actor_id: "svc-billing",
  created_at: 1_767_225_600_123_456,
};

export const RECORDS: string = [
  '{"type":"Account","data":{"id":"acc-1","name":"Nordlicht GmbH"}}',
  '{"type":"Account","data":{"id":"acc-2","name":"Südwind AG"}}',
  '{"edge":"Owns","from":"acc-1","to":"acc-2","data":{"since":"2024-05-01"}}',
  "",
].join("\n");
