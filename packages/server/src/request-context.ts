import type { Logger } from "@omnigraphdb/common";
import type { PathParams } from "./http/route-matcher.js";
import type { AppServices } from "./app-services.js";
import type { ServedGraph, ServingState } from "./serving/serving-state.js";

/** Everything a handler knows of one request besides its input. */
export interface RequestContext {
  readonly requestId: string;
  /** From the token and from nowhere else (policy 1.7); undefined in open mode. */
  readonly actor: string | undefined;
  /** What is served, for the whole request: a reload meanwhile does not change it. */
  readonly state: ServingState;
  /** Aborted when the caller goes away, and when the request takes too long. For reads and streams. */
  readonly signal: AbortSignal;
  /** Aborted only when the request takes too long: a caller that goes away does not stop an admitted write (server 6.4). */
  readonly deadline: AbortSignal | undefined;
  readonly log: Logger;
  readonly services: AppServices;
  /**
   * Keeps the graphs of this request open beyond the handler's return: for bodies that are still being written. Every call needs its
   * own release.
   */
  hold(): () => void;
  /** Destroys the connection: how a body that began and cannot go on ends over HTTP/1.1. Undefined for a request that came by none. */
  readonly breakConnection: (() => void) | undefined;
}

export interface GraphRequestContext extends RequestContext {
  readonly served: ServedGraph;
}

/** What a request asks, read and checked for its shape. */
export interface RouteInput {
  readonly request: Request;
  /** Without `graph_id`. */
  readonly params: PathParams;
  readonly query: URLSearchParams;
  /** Parsed JSON of the shape that the route declares; undefined where the route reads its body itself or has none. */
  readonly body: unknown;
}

export type GraphHandler = (context: GraphRequestContext, input: RouteInput) => Promise<Response>;

/** Of routes that are about no graph. */
export type ServerHandler = (context: RequestContext, input: RouteInput) => Promise<Response>;
