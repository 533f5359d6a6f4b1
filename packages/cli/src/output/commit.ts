import type { GraphCommit } from "@omnigraphdb/api-types";

/** One line of a listing. */
export function commitLine(commit: GraphCommit): string {
  const actor = commit.actorId === null ? "" : ` actor=${commit.actorId}`;
  return `${commit.graphCommitId} graph_branch=${commit.graphBranch ?? "main"} graph_manifest_version=${commit.graphManifestVersion}${actor}\n`;
}

/** `key: value` per present field. */
export function commitDetails(commit: GraphCommit): string {
  const fields: readonly (readonly [string, string | number | null])[] = [
    ["graph_commit_id", commit.graphCommitId],
    ["graph_branch", commit.graphBranch ?? "main"],
    ["graph_manifest_version", commit.graphManifestVersion],
    ["parent_commit_id", commit.parentCommitId],
    ["merged_parent_commit_id", commit.mergedParentCommitId],
    ["actor_id", commit.actorId],
    ["created_at", commit.createdAt],
  ];
  return fields.flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}\n`])).join("");
}
