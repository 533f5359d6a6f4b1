import type { Logger } from "@omnigraphdb/common";
import type { AppServices } from "./app-services.js";
import type { HttpRequest } from "./http/http-request.js";
import { isShown, withFields } from "./observability/logger.js";
import type { GraphRequestContext, RequestContext } from "./request-context.js";
import type { ServedGraph, ServingLease, ServingState } from "./serving/serving-state.js";

export interface RequestScopeParts {
  readonly requestId: string;
  readonly request: HttpRequest;
  readonly lease: ServingLease;
  readonly logger: Logger;
  readonly services: AppServices;
}

/** The life of one request: how it is stopped, and what it keeps open until its body is written. */
export class RequestScope implements RequestContext, Disposable {
  readonly requestId: string;
  readonly request: HttpRequest;
  readonly state: ServingState;
  readonly deadline: AbortSignal | undefined;
  readonly services: AppServices;
  actor: string | undefined;
  served: ServedGraph | undefined;
  readonly #lease: ServingLease;
  readonly #logger: Logger;
  #log: Logger | undefined;
  #signal: AbortSignal | undefined;
  #unjoin: (() => void) | undefined;
  #holders = 1;

  constructor({ requestId, request, lease, logger, services }: RequestScopeParts) {
    this.requestId = requestId;
    this.request = request;
    this.state = lease.state;
    this.services = services;
    this.#lease = lease;
    this.#logger = logger;
    const { requestTimeoutMs } = services.limits;
    this.deadline = requestTimeoutMs > 0 ? AbortSignal.timeout(requestTimeoutMs) : undefined;
  }

  /** Its lines carry the id of the request. Most requests write none. */
  get log(): Logger {
    this.#log ??= withFields(this.#logger, { request_id: this.requestId });
    return this.#log;
  }

  /** Whether a line for every request is shown. */
  get isTraced(): boolean {
    return isShown(this.#logger, "debug");
  }

  get signal(): AbortSignal {
    this.#signal ??= this.deadline === undefined ? this.request.signal : this.#joinedWith(this.deadline);
    return this.#signal;
  }

  get breakConnection(): (() => void) | undefined {
    return this.request.breakConnection;
  }

  /** Whether the caller went away, or the time is over. */
  get isAborted(): boolean {
    return this.request.isAborted || this.deadline?.aborted === true;
  }

  /** This request, about one graph. */
  in(served: ServedGraph): GraphRequestContext {
    this.served = served;
    return this as GraphRequestContext;
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

  /** `AbortSignal.any` leaves something at the signal of the connection for every request that it ever had. */
  #joinedWith(deadline: AbortSignal): AbortSignal {
    const { signal } = this.request;
    const joined = new AbortController();
    const abort = (): void => joined.abort(signal.aborted ? signal.reason : deadline.reason);
    if (this.isAborted) abort();
    for (const each of [signal, deadline]) each.addEventListener("abort", abort);
    this.#unjoin = () => {
      for (const each of [signal, deadline]) each.removeEventListener("abort", abort);
    };
    return joined.signal;
  }

  #release(): void {
    if (--this.#holders > 0) return;
    this.#unjoin?.();
    this.#lease[Symbol.dispose]();
  }
}
