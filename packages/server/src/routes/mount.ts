import type { HttpResponse } from "../http/http-response.js";
import type { GraphRequestContext, RequestContext } from "../request-context.js";

interface MountBase {
  /** Name in logs and metrics. */
  readonly operationId: string;
  readonly method: string;
  /** Answered with `WWW-Authenticate: Bearer` when the token is missing or unknown (server 12.2.5). */
  readonly challenges?: boolean;
}

/**
 * A route that is not part of the described interface, such as `/metrics` or MCP. It is authenticated like every other one; its handler
 * reads the body, if any, and decides what the actor may. Paths of graph routes are those below `/graphs/{graph_id}`.
 */
export type Mount = (MountBase & { readonly scope: "server"; readonly path: string; handler(context: RequestContext): Promise<HttpResponse> }) | (MountBase & { readonly scope: "graph"; readonly path: string; handler(context: GraphRequestContext): Promise<HttpResponse> });
