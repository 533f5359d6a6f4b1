import { encodeBranchDeleted, encodeDiff, encodeMerge, stringifyJson } from "@omnigraphdb/api-types";
import { argumentsOf } from "../arguments/schema.js";
import type { TaskBranch } from "../task-branch.js";
import { DESTRUCTIVE, READ_ONLY, type Tool, tool } from "../tool.js";
import { CHANGE_FILTER, type ChangeFilterArguments, filterOf } from "./parameters.js";

/** What becomes of the branch of a session. */
export function taskTools(task: TaskBranch): readonly Tool[] {
  return [
    tool<ChangeFilterArguments>({
      name: "task_diff",
      description: "What this session has changed so far, entity by entity.",
      inputSchema: argumentsOf(CHANGE_FILTER),
      hints: READ_ONLY,
      actions: ["read"],
      run: async (filter, signal) => stringifyJson(encodeDiff(await task.diff({ ...filterOf(filter), signal }))),
    }),
    tool({
      name: "task_merge",
      description: `Merges what this session has changed into ${task.base}, as one commit. Conflicts are listed and change nothing. Later writes begin a new branch.`,
      inputSchema: argumentsOf({}),
      hints: DESTRUCTIVE,
      actions: ["branch_merge"],
      run: async (_args, signal) => stringifyJson(encodeMerge(await task.merge({ signal }))),
    }),
    tool({
      name: "task_discard",
      description: "Deletes the branch of this session with everything it changed.",
      inputSchema: argumentsOf({}),
      hints: DESTRUCTIVE,
      actions: ["branch_delete"],
      run: async (_args, signal) => stringifyJson(encodeBranchDeleted(await task.discard({ signal }))),
    }),
  ];
}
