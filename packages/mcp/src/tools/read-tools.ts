import { encodeBranches, encodeCommit, encodeCommitChanges, encodeCommits, encodeDiff, encodeSnapshot, stringifyJson } from "@omnigraphdb/api-types";
import type { GraphAccess } from "../access.js";
import { argumentsOf } from "../arguments/schema.js";
import { READ_ONLY, type Tool, tool } from "../tool.js";
import { BRANCH, CHANGE_FILTER, type ChangeFilterArguments, COMMIT_ID, filterOf } from "./parameters.js";
import { readTargetOf } from "./targets.js";

interface BranchArguments {
  readonly branch?: string;
}

interface CommitArguments {
  readonly commit_id: string;
}

interface ChangePageArguments extends CommitArguments, ChangeFilterArguments {
  readonly limit?: number;
  readonly page_token?: string;
}

interface DiffArguments extends ChangeFilterArguments {
  readonly from: string;
  readonly to: string;
}

const COMMIT_ALIASES = { commitId: "commit_id" };

/** Everything that looks and changes nothing, besides queries (server.md 12.4). */
export function readTools(access: GraphAccess): readonly Tool[] {
  return [...stateTools(access), ...historyTools(access)];
}

function stateTools(access: GraphAccess): readonly Tool[] {
  const { client } = access;
  return [
    tool<BranchArguments>({
      name: "snapshot",
      description: "The current version of a branch: its commit, and how many entities each node and edge type has.",
      inputSchema: argumentsOf({ branch: BRANCH }),
      hints: READ_ONLY,
      actions: ["read"],
      run: async (args, signal) => stringifyJson(encodeSnapshot(await client.snapshot(await readTargetOf(access, args), { signal }))),
    }),
    tool({
      name: "schema_get",
      description: "The schema of the graph as text: its node and edge types with their properties and keys. Read it before writing a query.",
      inputSchema: argumentsOf({}),
      hints: READ_ONLY,
      actions: ["read"],
      answers: "text",
      run: (_args, signal) => client.schemaSource({ signal }),
    }),
    tool({
      name: "branches_list",
      description: "The branches of the graph, main first.",
      inputSchema: argumentsOf({}),
      hints: READ_ONLY,
      actions: ["read"],
      run: async (_args, signal) => stringifyJson(encodeBranches(await client.listBranches({ signal }))),
    }),
  ];
}

function historyTools(access: GraphAccess): readonly Tool[] {
  const { client } = access;
  return [
    tool<BranchArguments>({
      name: "commits_list",
      description: "The history of a branch, newest first: who committed what when.",
      inputSchema: argumentsOf({ branch: BRANCH }),
      hints: READ_ONLY,
      actions: ["read"],
      run: async (args, signal) => stringifyJson(encodeCommits(await client.listCommits(await readTargetOf(access, args), { signal }))),
    }),
    tool<CommitArguments>({
      name: "commits_get",
      description: "One commit.",
      inputSchema: argumentsOf({ commit_id: COMMIT_ID }, ["commit_id"]),
      argumentAliases: COMMIT_ALIASES,
      hints: READ_ONLY,
      actions: ["read"],
      run: async ({ commit_id: id }, signal) => stringifyJson(encodeCommit(await client.getCommit(id, { signal }))),
    }),
    tool<ChangePageArguments>({
      name: "commit_changes",
      description: "What one commit changed: each entity with its state before and after. Long lists come in pages.",
      inputSchema: argumentsOf(
        {
          commit_id: COMMIT_ID,
          ...CHANGE_FILTER,
          limit: { type: "integer", minimum: 1, description: "Changes per page, at most 8192. Default 1000." },
          page_token: { type: "string", description: "next_page_token of the page before." },
        },
        ["commit_id"],
      ),
      argumentAliases: COMMIT_ALIASES,
      hints: READ_ONLY,
      actions: ["read"],
      async run({ commit_id: id, limit, page_token: pageToken, ...filter }, signal) {
        const options = { ...filterOf(filter), ...(limit === undefined ? {} : { limit }), ...(pageToken === undefined ? {} : { pageToken }), signal };
        return stringifyJson(encodeCommitChanges(await client.commitChanges(id, options)));
      },
    }),
    tool<DiffArguments>({
      name: "diff",
      description: "What differs between two branches or versions, entity by entity: look at it before a merge.",
      inputSchema: argumentsOf({ from: { type: "string", description: "Branch or snapshot id." }, to: { type: "string", description: "Branch or snapshot id." }, ...CHANGE_FILTER }, ["from", "to"]),
      hints: READ_ONLY,
      actions: ["read"],
      run: async ({ from, to, ...filter }, signal) => stringifyJson(encodeDiff(await client.diff(from, to, { ...filterOf(filter), signal }))),
    }),
  ];
}
