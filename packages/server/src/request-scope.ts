import type { Logger } from "@omnigraphdb/common";
import type { AppServices } from "./app-services.js";
import type { GraphRequestContext, RequestContext } from "./request-context.js";
import type { ServedGraph, ServingLease, ServingState } from "./serving/serving-state.js";

/** What the adapter of a real connection hands over with a request. */
export interface ConnectionBindings {
  readonly outgoing?: { destroy(): unknown };
}

export interface RequestScopeParts {
  readonly requestId: string;
  readonly request: Request;
  readonly lease: ServingLease;
  readonly log: Logger;
  readonly services: AppServices;
  readonly connection: ConnectionBindings | undefined;
}

/** The life of one request: how it is stopped, and what it keeps open until its body is written. */
export class RequestScope implements RequestContext, Disposable {
  readonly requestId: string;
  readonly request: Request;
  readonly state: ServingState;
  readonly signal: AbortSignal;
  readonly deadline: AbortSignal | undefined;
  readonly log: Logger;
  readonly services: AppServices;
  readonly breakConnection: (() => void) | undefined;
  actor: string | undefined;
  readonly #lease: ServingLease;
  #holders = 1;

  constructor({ requestId, request, lease, log, services, connection }: RequestScopeParts) {
    this.requestId = requestId;
    this.request = request;
    this.state = lease.state;
    this.log = log;
    this.services = services;
    this.#lease = lease;
    const { requestTimeoutMs } = services.limits;
    this.deadline = requestTimeoutMs > 0 ? AbortSignal.timeout(requestTimeoutMs) : undefined;
    this.signal = this.deadline === undefined ? request.signal : AbortSignal.any([request.signal, this.deadline]);
    const outgoing = connection?.outgoing;
    this.breakConnection = outgoing === undefined ? undefined : () => void outgoing.destroy();
  }

  /** This request, about one graph. */
  in(served: ServedGraph): GraphRequestContext {
    const { requestId, request, actor, state, signal, deadline, log, services, breakConnection } = this;
    return { requestId, request, actor, state, signal, deadline, log, services, breakConnection, served, hold: () => this.hold() };
  }

  hold(): () => void {
    this.#holders++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#release();
    };
  }

  [Symbol.dispose](): void {
    this.#release();
  }

  #release(): void {
    if (--this.#holders === 0) this.#lease[Symbol.dispose]();
  }
}
