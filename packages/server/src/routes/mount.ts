import type { GraphHandler, ServerHandler } from "../request-context.js";

interface MountBase {
  /** Name in logs and metrics. */
  readonly operationId: string;
  readonly method: string;
  /** Answered with `WWW-Authenticate: Bearer` when the token is missing or unknown (server 12.2.5). */
  readonly challenges?: boolean;
}

/**
 * A route that is not part of the described interface, such as `/metrics` or MCP. It is authenticated like every other one; its handler
 * reads the body, if any, and decides what the actor may. Paths of graphs begin with `/graphs/{graph_id}/`, which the flat mode drops.
 */
export type Mount = (MountBase & { readonly scope: "server"; readonly path: string; readonly handler: ServerHandler }) | (MountBase & { readonly scope: "graph"; readonly path: string; readonly handler: GraphHandler });
