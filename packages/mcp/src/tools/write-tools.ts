import { encodeBranchCreated, encodeBranchDeleted, encodeLoad, encodeMerge, encodeSchemaApply, type LoadMode, stringifyJson } from "@omnigraphdb/api-types";
import type { GraphAccess } from "../access.js";
import { argumentsOf } from "../arguments/schema.js";
import { ADDITIVE, DESTRUCTIVE, DESTRUCTIVE_IDEMPOTENT, type Tool, tool } from "../tool.js";
import { BRANCH } from "./parameters.js";
import { writeOn } from "./targets.js";

const MAIN_BRANCH = "main";

interface LoadArguments {
  readonly data: string;
  readonly branch?: string;
  readonly from?: string;
  readonly mode?: LoadMode;
}

/** What changes a graph otherwise than by a query. With a branch for the session, only what writes there. */
export function writeTools(access: GraphAccess): readonly Tool[] {
  if (access.taskBranch !== undefined) return [loadTool(access)];
  return [loadTool(access), ...branchTools(access), ...(access.canApplySchema ? [schemaTool(access)] : [])];
}

function loadTool(access: GraphAccess): Tool {
  const isOnTask = access.taskBranch !== undefined;
  return tool<LoadArguments>({
    name: "load",
    description:
      "Loads records as one commit or not at all. One JSON object per line: {\"type\":\"Person\",\"data\":{\"name\":\"Ann\"}} for a node, {\"edge\":\"Knows\",\"from\":\"Ann\",\"to\":\"Bob\"} for an edge, its ends by key." +
      (isOnTask ? " They go to the branch of this session." : ""),
    inputSchema: argumentsOf(
      {
        data: { type: "string", description: "Records, one JSON object per line." },
        ...(isOnTask ? {} : { branch: BRANCH, from: { type: "string", description: "Create the branch from this one if it is missing." } }),
        mode: { type: "string", enum: ["merge", "append", "overwrite"], description: "merge (default): update what has the same key; append: refuse what exists; overwrite: replace all entities of the types that occur." },
      },
      ["data"],
    ),
    hints: DESTRUCTIVE,
    actions: ["change"],
    run: ({ data, branch, from, mode = "merge" }, signal) =>
      writeOn(access, branch, async (target) => stringifyJson(encodeLoad(await access.client.load({ input: data, mode, branch: target, base: from, actor: access.actor, signal })))),
  });
}

function branchTools({ client, defaultBranch = MAIN_BRANCH, actor }: GraphAccess): readonly Tool[] {
  return [
    tool<{ readonly name: string; readonly from?: string }>({
      name: "branches_create",
      description: "Creates a branch: a version of the whole graph that can be changed on its own and merged later. It copies nothing.",
      inputSchema: argumentsOf({ name: { type: "string", description: "Name of the branch to create." }, from: { type: "string", description: `What it begins as. Default: ${defaultBranch}.` } }, ["name"]),
      hints: ADDITIVE,
      actions: ["branch_create"],
      run: async ({ name, from = defaultBranch }, signal) => stringifyJson(encodeBranchCreated(await client.createBranch({ name, from, actor, signal }))),
    }),
    tool<{ readonly name: string }>({
      name: "branches_delete",
      description: "Deletes a branch and what was changed only there.",
      inputSchema: argumentsOf({ name: { type: "string", description: "Name of the branch." } }, ["name"]),
      hints: DESTRUCTIVE,
      actions: ["branch_delete"],
      run: async ({ name }, signal) => stringifyJson(encodeBranchDeleted(await client.deleteBranch({ name, actor, signal }))),
    }),
    tool<{ readonly source: string; readonly target?: string; readonly delete_branch?: boolean }>({
      name: "branches_merge",
      description: "Merges one branch into another, entity by entity, as one commit. Conflicts are listed and change nothing.",
      inputSchema: argumentsOf(
        {
          source: { type: "string", description: "Branch whose changes are taken." },
          target: { type: "string", description: `Branch that gets them. Default: ${defaultBranch}.` },
          delete_branch: { type: "boolean", description: "Delete the source afterwards. Default: false." },
        },
        ["source"],
      ),
      hints: DESTRUCTIVE_IDEMPOTENT,
      actions: ["branch_merge"],
      run: async ({ source, target = defaultBranch, delete_branch: deleteBranch = false }, signal) => stringifyJson(encodeMerge(await client.mergeBranch({ source, target, deleteBranch, actor, signal }))),
    }),
  ];
}

function schemaTool({ client, uri, actor }: GraphAccess): Tool {
  return tool<{ readonly schema_source: string; readonly allow_data_loss?: boolean }>({
    name: "schema_apply",
    description: "Replaces the schema of the graph and migrates its data to it, or refuses and changes nothing.",
    inputSchema: argumentsOf(
      { schema_source: { type: "string", description: "The whole new schema." }, allow_data_loss: { type: "boolean", description: "Whether what the new schema lacks may be dropped for good. Default: false." } },
      ["schema_source"],
    ),
    argumentAliases: { schemaSource: "schema_source", allowDataLoss: "allow_data_loss" },
    hints: DESTRUCTIVE_IDEMPOTENT,
    actions: ["schema_apply"],
    run: async ({ schema_source: source, allow_data_loss: allowDataLoss = false }, signal) => stringifyJson(encodeSchemaApply(uri, await client.applySchema({ source, allowDataLoss, actor, signal }))),
  });
}
