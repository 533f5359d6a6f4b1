import { isOmniError } from "@omnigraphdb/common";
import type { GraphCommit } from "../manifest/graph-commit.js";
import { branchDisplayName } from "../manifest/manifest.js";
import type { WriteCoordinator } from "../transaction/write-coordinator.js";
import { BranchMerge, mergeBranchesOf, type MergeContext, type MergeOutcome } from "./branch-merge.js";

export interface MergeOptions {
  readonly actor?: string;
  /** Deletes the source after the merge, whatever its outcome (MG-11). */
  readonly deleteBranch?: boolean;
  readonly signal?: AbortSignal;
}

export interface MergeReceipt {
  readonly source: string;
  readonly target: string;
  readonly outcome: MergeOutcome;
  readonly actorId: string | null;
  /** Its second parent is the source's commit (MG-6); null when the target was up to date. */
  readonly commit: GraphCommit | null;
  /** Only when deletion was asked for. */
  readonly branchDeleted?: boolean;
  /** Why the source is still there. */
  readonly branchDeleteError?: string;
}

export interface MergeServices extends Omit<MergeContext, "signal"> {
  readonly writer: WriteCoordinator;
  readonly deleteBranch: (name: string) => Promise<unknown>;
}

/** One merge from its arguments to its receipt (MG-1 … MG-11). */
export async function mergeBranches(sourceText: string, targetText: string, options: MergeOptions, services: MergeServices): Promise<MergeReceipt> {
  const { source, target } = mergeBranchesOf(sourceText, targetText);
  const actorId = options.actor ?? null;
  const { signal } = options;
  await using merge = new BranchMerge(source, { ...services, signal });
  const write = { branch: target, actorId, operation: "branch_merge", ...(signal === undefined ? {} : { signal }) };
  const { result, commit } = await services.writer.write(write, (view) => merge.prepare(view));
  const receipt = { source: branchDisplayName(source), target: branchDisplayName(target), outcome: result, actorId, commit };
  return options.deleteBranch === true ? { ...receipt, ...(await deleteSource(receipt.source, services)) } : receipt;
}

/** A source that stays does not undo the merge (MG-11). */
async function deleteSource(name: string, { deleteBranch }: MergeServices): Promise<Pick<MergeReceipt, "branchDeleted" | "branchDeleteError">> {
  try {
    await deleteBranch(name);
    return { branchDeleted: true };
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return { branchDeleted: false, branchDeleteError: error.message };
  }
}
