import { encodeExplanation, type ExplainRequest } from "@omnigraphdb/api-types";
import { authorizeRead } from "../authorization/read-target.js";
import { jsonResponse } from "../http/responses.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";
import { queryOptions } from "./query.js";

export async function explain(context: GraphRequestContext, { body }: RouteInput): Promise<Response> {
  const { query: source, name, params, analyze, timeout_ms: timeoutMs, ...requested } = body as ExplainRequest;
  const target = await authorizeRead(context, requested);
  const options = { ...queryOptions(context, { source, name: name ?? undefined, params, timeoutMs }, target), analyze: analyze ?? false };
  return jsonResponse(encodeExplanation(await context.served.graph.explain(source, options)));
}
