import type { QueryInput } from "@omnigraphdb/api-types";
import type { QueryOptions, QueryResult, ReadTarget } from "@omnigraphdb/engine";
import { authorizeRead } from "../authorization/read-target.js";
import { readOutputResponse } from "../http/json-rows.js";
import type { GraphHandler, GraphRequestContext } from "../request-context.js";

export const query: GraphHandler<"query"> = async (context, { body }) => readOutputResponse(await runRead(context, body), { hasCommitId: true });

/** The frozen form of 9.2: no commit id. */
export const read: GraphHandler<"read"> = async (context, { body }) => readOutputResponse(await runRead(context, body), { hasCommitId: false });

/** The same for ad-hoc and for stored queries. @throws as `authorizeRead` and `Graph.query` */
export async function runRead(context: GraphRequestContext, input: QueryInput): Promise<QueryResult> {
  const target = await authorizeRead(context, input);
  return context.served.graph.query(input.query, queryOptions(context, input, target));
}

export function queryOptions({ services, signal }: GraphRequestContext, { name, params, timeout_ms: timeoutMs }: QueryInput, target: ReadTarget): QueryOptions {
  // Set one by one: spreading costs microseconds, and this runs for every read.
  const options: { -readonly [K in keyof QueryOptions]: QueryOptions[K] } = { params, target, signal };
  if (name !== undefined) options.name = name;
  if (timeoutMs !== undefined) options.timeoutMs = services.queryTimeoutMs === 0 ? timeoutMs : Math.min(timeoutMs, services.queryTimeoutMs);
  return options;
}
