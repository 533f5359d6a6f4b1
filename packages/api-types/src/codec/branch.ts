import type { BranchCreated, BranchDeleted, MergeReceipt } from "../models/branch.js";
import type { BranchCreateOutput, BranchDeleteOutput, BranchListOutput, BranchMergeOutput } from "../wire/branch.js";
import { decodeOptionalCommit, encodeOptionalCommit } from "./commit.js";

export function encodeBranches(branches: readonly string[]): BranchListOutput {
  return { branches };
}

export function decodeBranches({ branches }: BranchListOutput): readonly string[] {
  return branches;
}

export function encodeBranchCreated({ uri, from, name, actorId }: BranchCreated): BranchCreateOutput {
  return { uri, from, name, actor_id: actorId };
}

export function decodeBranchCreated({ uri, from, name, actor_id: actorId }: BranchCreateOutput): BranchCreated {
  return { uri, name, from, actorId };
}

export function encodeBranchDeleted({ uri, name, actorId }: BranchDeleted): BranchDeleteOutput {
  return { uri, name, actor_id: actorId };
}

export function decodeBranchDeleted({ uri, name, actor_id: actorId }: BranchDeleteOutput): BranchDeleted {
  return { uri, name, actorId };
}

export function encodeMerge({ source, target, outcome, actorId, commit, branchDeleted, branchDeleteError }: MergeReceipt): BranchMergeOutput {
  return {
    source,
    target,
    outcome,
    actor_id: actorId,
    ...(branchDeleted === undefined ? {} : { branch_deleted: branchDeleted }),
    ...(branchDeleteError === undefined ? {} : { branch_delete_error: branchDeleteError }),
    commit: encodeOptionalCommit(commit),
  };
}

export function decodeMerge({ source, target, outcome, actor_id: actorId, branch_deleted: branchDeleted, branch_delete_error: branchDeleteError, commit }: BranchMergeOutput): MergeReceipt {
  return {
    source,
    target,
    outcome,
    actorId,
    commit: decodeOptionalCommit(commit),
    ...(branchDeleted === undefined ? {} : { branchDeleted }),
    ...(branchDeleteError === undefined ? {} : { branchDeleteError }),
  };
}
