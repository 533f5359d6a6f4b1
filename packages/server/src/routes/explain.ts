import { encodeExplanation } from "@omnigraphdb/api-types";
import { authorizeRead } from "../authorization/read-target.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphHandler } from "../request-context.js";
import { queryOptions } from "./query.js";

export const explain: GraphHandler<"explain"> = async (context, { body }) => {
  const target = await authorizeRead(context, body);
  const options = { ...queryOptions(context, body, target), analyze: body.analyze ?? false };
  return jsonResponse(encodeExplanation(await context.served.graph.explain(body.query, options)));
};
