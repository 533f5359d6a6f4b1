import type { Logger } from "@omnigraphdb/common";
import type { OperationId, RouteInputs } from "@omnigraphdb/api-types";
import type { AppServices } from "./app-services.js";
import type { HttpRequest } from "./http/http-request.js";
import type { HttpResponse } from "./http/http-response.js";
import type { ServedGraph, ServingState } from "./serving/serving-state.js";

/** Everything a handler knows of one request besides its input. */
export interface RequestContext {
  readonly requestId: string;
  readonly request: HttpRequest;
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

/** @typeParam Id operation of the route table, which says what a request holds when it has been read and checked */
export type GraphHandler<Id extends OperationId = OperationId> = (context: GraphRequestContext, input: RouteInputs[Id]) => Promise<HttpResponse>;

/** Of routes that are about no graph. */
export type ServerHandler = (context: RequestContext) => Promise<HttpResponse>;
