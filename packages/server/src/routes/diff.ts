import { encodeDiff } from "@omnigraphdb/api-types";
import { isSnapshotText, type ReadTarget } from "@omnigraphdb/engine";
import { authorizeRead } from "../authorization/read-target.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphHandler, GraphRequestContext } from "../request-context.js";
import { changeFilter } from "./changes.js";

/** What differs between two states, branches or snapshots; each of them has to be readable. */
export const diff: GraphHandler<"diff"> = async (context, { query }) => {
  const from = await authorizeState(context, query.from);
  const to = await authorizeState(context, query.to);
  const options = { ...changeFilter(query), images: query.images ?? false, signal: context.signal };
  return jsonResponse(encodeDiff(await context.served.graph.diffBetween(from, to, options)));
};

function authorizeState(context: GraphRequestContext, text: string): Promise<ReadTarget> {
  return authorizeRead(context, isSnapshotText(text) ? { snapshot: text } : { branch: text });
}
