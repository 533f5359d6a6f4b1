import { encodeMutation, stringifyJson } from "@omnigraphdb/api-types";
import type { GraphAccess } from "../access.js";
import { readText } from "../answers/read-text.js";
import { argumentsOf } from "../arguments/schema.js";
import { DESTRUCTIVE, READ_ONLY, type Tool, tool } from "../tool.js";
import { BRANCH, QUERY_PARTS, SNAPSHOT } from "./parameters.js";
import { readTargetOf, writeOn } from "./targets.js";

interface QueryArguments {
  readonly query: string;
  readonly name?: string;
  readonly params?: object;
  readonly branch?: string;
  readonly snapshot?: string;
}

interface MutateArguments extends Omit<QueryArguments, "snapshot"> {
  readonly if_graph_commit?: string;
}

/** Names that the released stdio package had for the arguments. */
const ALIASES = { querySource: "query", queryName: "name" };

/** What takes a query text of the caller. */
export function queryTools(access: GraphAccess): readonly Tool[] {
  return [queryTool(access), mutateTool(access)];
}

function queryTool(access: GraphAccess): Tool {
  return tool<QueryArguments>({
    name: "query",
    description:
      "Runs a read query in the query language of OmniGraph, such as: query recent($n: I64) { match { $o: Order { state: \"open\" } $o placedBy $c } return { $o.ref, $c.name } order { $o.ref asc } limit 10 }. " +
      "The types and properties are those of schema_get.",
    inputSchema: argumentsOf({ query: { type: "string", description: "Text with one or more named read queries." }, ...QUERY_PARTS, branch: BRANCH, snapshot: SNAPSHOT }, ["query"]),
    argumentAliases: ALIASES,
    hints: READ_ONLY,
    actions: ["read"],
    isAdHoc: true,
    run: async ({ query: source, name, params, ...target }, signal) => readText(await access.client.query({ source, name, params, ...(await readTargetOf(access, target)), signal })),
  });
}

function mutateTool(access: GraphAccess): Tool {
  const isOnTask = access.taskBranch !== undefined;
  return tool<MutateArguments>({
    name: "mutate",
    description:
      "Runs a query that inserts, updates or deletes, as one commit or not at all, such as: query close($ref: String) { update Order set { state: \"closed\" } where ref = $ref }." +
      (isOnTask ? " The change goes to the branch of this session." : ""),
    inputSchema: argumentsOf(
      {
        query: { type: "string", description: "Text with one or more named mutations." },
        ...QUERY_PARTS,
        ...(isOnTask ? {} : { branch: BRANCH }),
        if_graph_commit: { type: "string", description: "Write only if this commit is still the head of the branch." },
      },
      ["query"],
    ),
    argumentAliases: ALIASES,
    hints: DESTRUCTIVE,
    actions: ["change"],
    isAdHoc: true,
    run: ({ query: source, name, params, branch, if_graph_commit: ifCommit }, signal) =>
      writeOn(access, branch, async (target) => stringifyJson(encodeMutation(await access.client.mutate({ source, name, params, branch: target, actor: access.actor, ifCommit, signal })))),
  });
}
