import type { GraphAccess } from "../access.js";
import type { ReadTarget } from "@omnigraphdb/client";

/** What a read means: a snapshot as it is, else the named branch, else where the session reads. */
export async function readTargetOf({ defaultBranch, taskBranch }: GraphAccess, { branch, snapshot }: ReadTarget): Promise<ReadTarget> {
  if (branch !== undefined || snapshot !== undefined) return { branch, snapshot };
  return { branch: taskBranch === undefined ? defaultBranch : await taskBranch.forReads() };
}

/** Runs a write on the named branch, or where the session writes. */
export function writeOn<T>({ defaultBranch, taskBranch }: GraphAccess, branch: string | undefined, run: (branch: string | undefined) => Promise<T>): Promise<T> {
  return taskBranch === undefined ? run(branch ?? defaultBranch) : taskBranch.write(run);
}
