import type { Logger } from "@omnigraphdb/common";
import type { AppServices } from "./app-services.js";
import type { GraphRequestContext, RequestContext } from "./request-context.js";
import type { ServedGraph, ServingLease, ServingState } from "./serving/serving-state.js";

/** What the adapter of a real connection hands over with a request. */
export interface ConnectionBindings {
  readonly incoming?: { readonly socket: ConnectionSocket; /** The whole request has arrived. */ readonly complete: boolean };
  readonly outgoing?: { destroy(): unknown };
}

interface ConnectionSocket {
  readonly destroyed: boolean;
  once(event: "close", action: () => void): unknown;
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
  readonly deadline: AbortSignal | undefined;
  readonly log: Logger;
  readonly services: AppServices;
  readonly breakConnection: (() => void) | undefined;
  actor: string | undefined;
  served: ServedGraph | undefined;
  readonly #lease: ServingLease;
  readonly #socket: ConnectionSocket | undefined;
  readonly #incoming: ConnectionBindings["incoming"];
  #signal: AbortSignal | undefined;
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
    this.#incoming = connection?.incoming;
    this.#socket = this.#incoming?.socket;
    const outgoing = connection?.outgoing;
    this.breakConnection = outgoing === undefined ? undefined : () => void outgoing.destroy();
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#makeSignal();
    return this.#signal;
  }

  get isBodyWhole(): boolean {
    return this.#incoming?.complete ?? true;
  }

  /** Whether the caller went away, or the time is over; asks nobody who does not know already. */
  get isAborted(): boolean {
    return this.#socket === undefined ? this.signal.aborted : this.#socket.destroyed || this.deadline?.aborted === true;
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

  #makeSignal(): AbortSignal {
    if (this.deadline !== undefined) return AbortSignal.any([this.request.signal, this.deadline]);
    return this.#socket === undefined ? this.request.signal : signalOf(this.#socket);
  }

  #release(): void {
    if (--this.#holders === 0) this.#lease[Symbol.dispose]();
  }
}

const signals = new WeakMap<ConnectionSocket, AbortSignal>();

/**
 * Aborted when the connection closes. Requests share it: one that has been answered no longer listens, and making a signal for each costs
 * as much as a quick query.
 */
function signalOf(socket: ConnectionSocket): AbortSignal {
  const known = signals.get(socket);
  if (known !== undefined) return known;
  const controller = new AbortController();
  if (socket.destroyed) controller.abort();
  else socket.once("close", () => controller.abort());
  signals.set(socket, controller.signal);
  return controller.signal;
}
