import {
  branchCreateOutputSchema,
  branchCreateRequestSchema,
  branchDeleteOutputSchema,
  branchListOutputSchema,
  branchMergeOutputSchema,
  branchMergeRequestSchema,
} from "../wire/branch.js";
import { commitListOutputSchema, commitOutputSchema } from "../wire/commit.js";
import { graphDiffOutputSchema } from "../wire/diff.js";
import { COMMIT, COMMIT_ID, GRAPH_URI } from "./example-values.js";
import { CHANGE_FILTER, TARGET } from "./parameters.js";
import { type Route, route } from "./route.js";

export const listBranches: Route = route({
  operationId: "listBranches",
  method: "GET",
  path: "/branches",
  action: "read",
  answer: { kind: "json", schema: branchListOutputSchema },
  failures: [403, 404, 503],
  tag: "branches",
  summary: "The branches",
  example: { answer: { branches: ["main", "import-07"] } },
});

export const createBranch: Route = route({
  operationId: "createBranch",
  method: "POST",
  path: "/branches",
  action: "branch_create",
  isAdmitted: true,
  bodyKind: "json",
  condition: "refused",
  body: branchCreateRequestSchema,
  branchNames: ["name", "from"],
  answer: { kind: "json", schema: branchCreateOutputSchema },
  failures: [400, 403, 404, 409, 413, 415, 422, 429, 503],
  tag: "branches",
  summary: "Create a branch",
  example: { body: { name: "import-07" }, answer: { uri: GRAPH_URI, from: "main", name: "import-07", actor_id: "svc-import" } },
});

export const deleteBranch: Route = route({
  operationId: "deleteBranch",
  method: "DELETE",
  path: "/branches/{branch}",
  action: "branch_delete",
  isAdmitted: true,
  condition: "refused",
  params: [{ name: "branch", description: "Percent-encoded: a slash in the name is %2F." }],
  branchNames: ["branch"],
  answer: { kind: "json", schema: branchDeleteOutputSchema },
  failures: [400, 403, 404, 409, 413, 429, 503],
  tag: "branches",
  summary: "Delete a branch",
  example: { path: { branch: "import-07" }, answer: { uri: GRAPH_URI, name: "import-07", actor_id: "svc-import" } },
});

export const mergeBranches: Route = route({
  operationId: "mergeBranches",
  method: "POST",
  path: "/branches/merge",
  action: "branch_merge",
  isAdmitted: true,
  bodyKind: "json",
  condition: "refused",
  body: branchMergeRequestSchema,
  branchNames: ["source", "target"],
  answer: { kind: "json", schema: branchMergeOutputSchema },
  failures: [400, 403, 404, 409, 413, 415, 422, 429, 503],
  tag: "branches",
  summary: "Merge a branch into another",
  description: "The deletion asked for with delete_branch is decided on its own, and its failure is part of the answer, not an error.",
  example: {
    body: { source: "import-07", delete_branch: true },
    answer: { source: "import-07", target: "main", outcome: "merged", actor_id: "svc-import", branch_deleted: true, commit: { ...COMMIT, merged_parent_commit_id: "01J8Z61FQ4T7Y2C5B8N0M3K6HP" } },
  },
});

export const listCommits: Route = route({
  operationId: "listCommits",
  method: "GET",
  path: "/commits",
  action: "read",
  query: TARGET,
  branchNames: ["branch"],
  answer: { kind: "json", schema: commitListOutputSchema },
  failures: [400, 403, 404, 503],
  tag: "commits",
  summary: "The commits of a branch, newest first",
  example: { query: { branch: "main" }, answer: { commits: [COMMIT] } },
});

export const getCommit: Route = route({
  operationId: "getCommit",
  method: "GET",
  path: "/commits/{commit_id}",
  action: "read",
  params: [{ name: "commit_id", description: "Id of a commit." }],
  answer: { kind: "json", schema: commitOutputSchema },
  failures: [403, 404, 503],
  tag: "commits",
  summary: "One commit",
  example: { path: { commit_id: COMMIT_ID }, answer: COMMIT },
});

export const diff: Route = route({
  operationId: "diff",
  method: "GET",
  path: "/diff",
  action: "read",
  isStrictQuery: true,
  query: [
    { name: "from", kind: "text", isRequired: true, description: "A branch, a commit id or another snapshot id: the earlier state." },
    { name: "to", kind: "text", isRequired: true, description: "The later state." },
    { name: "images", kind: "flag", description: "Show the entities before and after." },
    ...CHANGE_FILTER,
  ],
  branchNames: ["from", "to"],
  answer: { kind: "json", schema: graphDiffOutputSchema },
  failures: [400, 403, 404, 409, 413, 500, 503],
  tag: "changes",
  summary: "What differs between two states",
  example: {
    query: { from: "main", to: "import-07" },
    answer: {
      from_graph_manifest_version: 13,
      to_graph_manifest_version: 14,
      graph_branch: "import-07",
      changes: [{ kind: "node", type_name: "Account", id: "acc-2", op: "insert", published_dataset_version: 5 }],
      stats: { inserts: 1, updates: 0, deletes: 0, types_affected: ["Account"] },
    },
  },
});
