import type { ExportRequest } from "@omnigraphdb/api-types";
import { authorizeRead } from "../authorization/read-target.js";
import type { GraphRequestContext, RouteInput } from "../request-context.js";
import { ndjsonResponse } from "../streams/ndjson-response.js";

/** NDJSON of one state (http-api §15). */
export async function exportGraph(context: GraphRequestContext, { body }: RouteInput): Promise<Response> {
  const { type_names: typeNames, ...requested } = (body ?? {}) as ExportRequest;
  const target = await authorizeRead(context, requested, "export");
  return ndjsonResponse(context, (signal) => context.served.graph.exportJsonl({ target, typeNames: typeNames ?? [], signal }));
}
