import type { QueryRequest, ReadRequest } from "@omnigraphdb/api-types";
import type { QueryOptions, QueryResult, ReadTarget } from "@omnigraphdb/engine";
import { authorizeRead, type TargetRequest } from "../authorization/read-target.js";
import { readOutputResponse } from "../http/json-rows.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";

/** What a read runs: the same for ad-hoc and for stored queries. */
export interface ReadCall {
  readonly source: string;
  readonly name: string | undefined;
  readonly params: unknown;
  readonly timeoutMs?: number | null | undefined;
}

export async function query(context: GraphRequestContext, { body }: RouteInput): Promise<Response> {
  const { query: source, name, params, timeout_ms: timeoutMs, ...target } = body as QueryRequest;
  const result = await runRead(context, { source, name: name ?? undefined, params, timeoutMs }, target);
  return readOutputResponse(result, { hasCommitId: true });
}

/** The frozen form of 9.2: no commit id. */
export async function read(context: GraphRequestContext, { body }: RouteInput): Promise<Response> {
  const { query_source: source, query_name: name, params, ...target } = body as ReadRequest;
  const result = await runRead(context, { source, name: name ?? undefined, params }, target);
  return readOutputResponse(result, { hasCommitId: false });
}

/** @throws as {@link authorizeRead} and `Graph.query` */
export async function runRead(context: GraphRequestContext, call: ReadCall, requested: TargetRequest): Promise<QueryResult> {
  const target = await authorizeRead(context, requested);
  return context.served.graph.query(call.source, queryOptions(context, call, target));
}

export function queryOptions({ services, signal }: GraphRequestContext, { name, params, timeoutMs }: ReadCall, target: ReadTarget): QueryOptions {
  const allowed = services.queryTimeoutMs === 0 ? Number.POSITIVE_INFINITY : services.queryTimeoutMs;
  return {
    ...(name === undefined ? {} : { name }),
    ...(timeoutMs === undefined || timeoutMs === null ? {} : { timeoutMs: Math.min(timeoutMs, allowed) }),
    params,
    target,
    signal,
  };
}
