import { encodeDiff, RequestParameterError } from "@omnigraphdb/api-types";
import { isSnapshotText, type ReadTarget } from "@omnigraphdb/engine";
import { authorizeRead } from "../authorization/read-target.js";
import { branchText } from "../http/branch-text.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";
import { changeFilter } from "./changes.js";

/** What differs between two states, branches or snapshots; each of them has to be readable. */
export async function diff(context: GraphRequestContext, { query }: RouteInput): Promise<Response> {
  const from = await authorizeState(context, query, "from");
  const to = await authorizeState(context, query, "to");
  const options = { ...changeFilter(query), images: query.get("images") === "true", signal: context.signal };
  return jsonResponse(encodeDiff(await context.served.graph.diffBetween(from, to, options)));
}

function authorizeState(context: GraphRequestContext, query: URLSearchParams, name: "from" | "to"): Promise<ReadTarget> {
  const given = query.get(name);
  if (given === null) throw new RequestParameterError(name, `'${name}' is missing`, "Name a branch or a snapshot.");
  const text = branchText(given, name);
  return authorizeRead(context, isSnapshotText(text) ? { snapshot: text } : { branch: text });
}
