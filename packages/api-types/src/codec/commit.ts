import type { GraphCommit } from "../models/commit.js";
import type { CommitListOutput, CommitOutput } from "../wire/commit.js";

export function encodeCommit(commit: GraphCommit): CommitOutput {
  return {
    graph_commit_id: commit.graphCommitId,
    graph_branch: commit.graphBranch,
    graph_manifest_version: commit.graphManifestVersion,
    parent_commit_id: commit.parentCommitId,
    merged_parent_commit_id: commit.mergedParentCommitId,
    actor_id: commit.actorId,
    created_at: commit.createdAt,
  };
}

export function decodeCommit(commit: CommitOutput): GraphCommit {
  return {
    graphCommitId: commit.graph_commit_id,
    graphBranch: commit.graph_branch,
    graphManifestVersion: commit.graph_manifest_version,
    parentCommitId: commit.parent_commit_id,
    mergedParentCommitId: commit.merged_parent_commit_id,
    actorId: commit.actor_id,
    createdAt: commit.created_at,
  };
}

export function encodeCommits(commits: readonly GraphCommit[]): CommitListOutput {
  return { commits: commits.map(encodeCommit) };
}

export function decodeCommits({ commits }: CommitListOutput): readonly GraphCommit[] {
  return commits.map(decodeCommit);
}

export function encodeOptionalCommit(commit: GraphCommit | null): CommitOutput | null {
  return commit === null ? null : encodeCommit(commit);
}

export function decodeOptionalCommit(commit: CommitOutput | null): GraphCommit | null {
  return commit === null ? null : decodeCommit(commit);
}
